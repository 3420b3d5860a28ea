"""Four rungs of a ladder: who is compared with whom, and what the rungs say together."""

import numpy as np
import pytest

from mtl_tutor.experiments.why.caruana_1997.harder_tasks import HarderTasks, harder_tasks_curves, order, spread
from mtl_tutor.tasks.horizons import NAMES


def test_every_sentence_speaks_of_arms_and_conditions_that_exist():
    arms, ids = HarderTasks().arms(), {s.id for s in HarderTasks.hypotheses}
    for hypothesis in HarderTasks.hypotheses:
        assert {hypothesis.treatment, hypothesis.reference} <= {*arms, None}
        assert set(hypothesis.unless.values()) <= ids


def test_the_printed_changes_are_those_of_the_printed_errors_erratum_included():
    alone, joint = np.array([0.074, 0.098, 0.145, 0.183]), np.array([0.076, 0.094, 0.131, 0.165])
    printed = {s.id: s.printed for s in HarderTasks.hypotheses}
    np.testing.assert_allclose([printed[row] for row in ("one", "two", "four", "eight")], joint / alone - 1, atol=6e-4)
    rungs = np.tile(np.concatenate([joint, alone]), (20, 1))
    assert spread(rungs) == pytest.approx(0.125, abs=1e-3)
    assert order(rungs) == pytest.approx(1)


def test_every_arm_asks_what_it_says():
    arms = HarderTasks(n_samples=12).arms()

    def tasks(name):
        return [task.name for task in arms[name].data(3).tasks]

    for kind, names in NAMES.items():
        assert tasks("joint" if kind == "farther" else kind) == list(names)
        for of in names:
            assert tasks(f"{of} alone") == [of]
    assert tasks("shuffled")[0] == tasks("copies")[0] == "8 ahead"
    assert all(name.endswith("shuffled") for name in tasks("shuffled")[1:])


def test_ladders_are_decided_by_their_own_arms():
    def rungs(joint, alone, kind):
        errors = {of: np.full(20, 1.0 + difficulty) for difficulty, of in enumerate(NAMES[kind])}
        return {joint: dict(errors)} | {f"{of} {alone}": {of: error} for of, error in errors.items()}

    measured = rungs("joint", "alone", "farther") | rungs("joint, any trunk", "alone, fast", "farther")
    measured |= rungs("noisier", "alone", "noisier") | rungs("strangers", "alone", "strangers")
    hard, easy = NAMES["farther"][-1], NAMES["strangers"][0]
    measured["joint"][hard] = measured["joint"][hard] / 2
    measured["strangers"][easy] = measured["strangers"][easy] * 1.25
    for control in ("shuffled", "copies"):
        measured[control] = {hard: np.full(20, 1.0)}
    result = HarderTasks().decided(measured, {})
    found = {claim.id.removeprefix("harder-tasks-"): (claim.measured.estimate, claim.verdict) for claim in result.claims}
    assert found["spread"] == (0.5, "conditional")
    assert found["spread-fast"] == (0.0, "not shown")
    assert found["spread-noisier"][0] == 0
    assert found["spread-strangers"] == (0.25, "reproduced")
    assert result.claim("spread").baseline is None


def test_the_picture_has_four_horizons_and_two_companies():
    curves = harder_tasks_curves(samples=20, n_seeds=20)
    assert curves.x.tolist() == [1, 2, 4, 8]
    assert list(curves.y) == ["beside its other horizons", "beside strangers"]
