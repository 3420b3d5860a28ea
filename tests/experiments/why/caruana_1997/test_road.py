"""The table on trial: its rows, its controls, and what its numbers mean."""

import numpy as np
import pytest

from mtl_tutor.experiments.why.caruana_1997.road import CHANGES, OWN_STOP, PRINTED, Road, rank_correlation, road_curves
from mtl_tutor.results import History
from mtl_tutor.tasks.road import QUESTIONS


def test_every_sentence_speaks_of_arms_and_conditions_that_exist():
    arms, ids = Road().arms(), {s.id for s in Road.hypotheses}
    for hypothesis in Road.hypotheses:
        assert hypothesis.treatment in arms
        assert hypothesis.reference is None or hypothesis.reference in arms
        assert set(hypothesis.unless.values()) <= ids
        assert hypothesis.measure in (*QUESTIONS, OWN_STOP, None)


def test_the_printed_changes_are_those_of_the_printed_errors():
    best = [0.069, 0.178, 0.069, 0.056, 0.152, 0.037, 0.054, 0.037, 0.054]
    joint = [0.058, 0.156, 0.062, 0.051, 0.151, 0.034, 0.038, 0.038, 0.054]
    changes = [round(j / b - 1, 3) for j, b in zip(joint, best, strict=True)]
    np.testing.assert_allclose(changes, list(PRINTED.values()), atol=1.1e-3)


def test_every_arm_asks_what_it_says():
    arms = Road(n_samples=12).arms()

    def tasks(name):
        return [task.name for task in arms[name].data(3).tasks]

    for question in QUESTIONS:
        assert tasks(f"{question} alone") == tasks(f"{question} alone, fast") == [question]
    assert tasks("joint") == list(QUESTIONS)
    assert [name for name in tasks("shuffled") if name in QUESTIONS] == ["steering"]
    assert [name for name in tasks("copies") if name in QUESTIONS] == ["steering"]
    assert len(arms["joint, twice"].data(3).train) == 24


def test_one_order_agrees_with_itself_and_the_reverse_does_not():
    assert rank_correlation(np.array(CHANGES)) == pytest.approx(1)
    assert rank_correlation(-np.array(CHANGES)) == pytest.approx(-1)


def test_all_rows_together_by_hand():
    like_the_table = {of: np.full(20, 1 + PRINTED[of]) for of in QUESTIONS} | {OWN_STOP: np.zeros(20)}
    ones = {of: np.ones(20) for of in QUESTIONS}
    measured = {name: {of: ones[of] for of in QUESTIONS} for name in Road().arms()}
    measured["joint"] = like_the_table
    result = Road().decided(measured, {})
    mean, fair, order = (result.claim(name) for name in ("mean", "mean-fast", "order"))
    assert mean.measured.estimate == pytest.approx(np.mean(CHANGES))
    assert mean.printed == pytest.approx(np.mean(CHANGES), abs=5e-4)
    assert fair.measured.estimate == 0
    assert mean.verdict == "conditional"
    assert order.measured.estimate == pytest.approx(1)


def history(validation, test, tasks=QUESTIONS, diverged=(False,)):
    error = {"validation": np.array(validation, dtype=float), "test": np.array(test, dtype=float)}
    n = len(diverged)
    return History(np.arange(n), np.arange(2), tasks, error, error, np.full(n, 0.1), np.array(diverged), {})


def test_a_common_stop_costs_what_each_own_stop_would_have_saved():
    validation, test = np.full((1, 2, 9), 4.0), np.full((1, 2, 9), 1.0)
    validation[0, 1] = 3.0  # eight tasks are best at the second look
    validation[0, :, 0], test[0, :, 0] = (4.0, 5.0), (1.0, 9.0)  # the first at the first one
    measured = Road().measure(history(validation, test))
    assert measured["steering"][0] == pytest.approx(1)
    assert measured[OWN_STOP][0] == pytest.approx(np.log(3) / 9)


def test_a_diverged_net_counts_as_one_that_answers_the_mean_and_is_never_chosen():
    lost = history(np.full((1, 2, 9), 4.0), np.full((1, 2, 9), 4.0), diverged=(True,))
    assert Road().measure(lost)["lanes"][0] == 1
    assert Road().measure(lost)[OWN_STOP][0] == 0
    assert np.isnan(Road().validated(lost)[0])


def test_shuffled_questions_neither_count_nor_tune():
    names = ("steering", *(f"{of}, shuffled" for of in QUESTIONS[1:]))
    validation = np.full((1, 2, 9), np.e)
    validation[..., 1:] = 100.0
    beside = history(validation, validation, tasks=names)
    assert list(Road().measure(beside)) == ["steering"]
    assert Road().validated(beside)[0] == pytest.approx(1)


@pytest.mark.parametrize(("over", "x"), [("hidden units", [2, 4, 8, 16, 32]), ("training samples", [25, 50, 100, 200, 400])])
def test_the_picture_follows_four_companies(over, x, monkeypatch):
    monkeypatch.setattr(Road, "steps", 16)
    curves = road_curves("road grey", over, n_seeds=20)
    assert list(curves.y) == ["alone", "alone, trunk × 9", "nine questions", "others shuffled"]
    assert (curves.xlabel, curves.x.tolist()) == (over, x)
    assert all(np.isfinite(line).all() for line in curves.y.values())
