"""The table of doors on trial: its rows, its printed changes, and its control."""

import numpy as np
import pytest

from mtl_tutor.experiments import Doors
from mtl_tutor.experiments.why.caruana_1997.doors import MAIN
from mtl_tutor.results import History
from mtl_tutor.tasks.doors import QUESTIONS

DOORS = Doors()


def test_every_hypothesis_compares_arms_that_exist_on_a_main_task():
    arms = DOORS.arms()
    for hypothesis in Doors.hypotheses:
        assert {hypothesis.treatment, hypothesis.reference} <= set(arms)
        assert hypothesis.measure in MAIN


def test_the_printed_changes_are_those_of_the_printed_errors():
    printed = {hypothesis.measure: hypothesis.printed for hypothesis in Doors.hypotheses if hypothesis.printed}
    best, joint = {"knob": 0.081, "double": 0.086}, {"knob": 0.062, "double": 0.059}
    assert printed == {of: pytest.approx(joint[of] / best[of] - 1, abs=5e-4) for of in MAIN}


def test_only_auxiliary_labels_are_shuffled():
    true, shuffled = (DOORS.arms()[name].data(7).train for name in ("joint", "shuffled"))
    np.testing.assert_array_equal(shuffled.x, true.x)
    for task, of in enumerate(QUESTIONS):
        assert np.array_equal(shuffled.y[:, task], true.y[:, task]) == (of in MAIN)
        np.testing.assert_array_equal(np.sort(shuffled.y[:, task]), np.sort(true.y[:, task]))


def test_single_nets_are_asked_the_main_tasks_on_the_same_doors():
    joint = DOORS.arms()["joint"].data(7)
    for task, of in enumerate(MAIN):
        for name in (f"{of} alone", f"{of} alone, trunk"):
            single = DOORS.arms()[name].data(7)
            np.testing.assert_array_equal(single.train.x, joint.train.x)
            np.testing.assert_array_equal(single.train.y[:, 0], joint.train.y[:, task])


def test_only_main_tasks_are_tuned_for_and_measured():
    error = np.array([4.0, 9.0, *[1e6] * 8])[None, None]
    history = History(
        np.array([1]), np.array([0]), QUESTIONS, *[{"test": error, "validation": error}] * 2, np.ones(1), np.zeros(1, bool), {}
    )
    assert DOORS.validated(history) == pytest.approx([np.log(6.0)])
    assert {of: values.tolist() for of, values in DOORS.measure(history).items()} == {"knob": [2.0], "double": [3.0]}
