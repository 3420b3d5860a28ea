"""Eight bits from the outside: the arms ask what they say, on the same patterns."""

import numpy as np
import pytest

from mtl_tutor.experiments.trial import LAST, STOPPED
from mtl_tutor.experiments.why.caruana_1997.eight_bits import EightBits, eight_bits_curves
from mtl_tutor.tasks.eight_bits import HARD

TRIAL = EightBits()


def test_every_arm_asks_the_first_task_on_the_same_patterns():
    arms = TRIAL.arms()
    wanted, fewer = (arms[name].data(5) for name in ("alone", "alone, fewer"))
    for name, arm in arms.items():
        data, same = arm.data(5), fewer if "fewer" in name else wanted
        assert data.tasks[0].name == HARD[0]
        assert len(data.train) == (96 if "fewer" in name else 128)
        for split, samples in data.splits().items():
            np.testing.assert_array_equal(samples.x, same.splits()[split].x)
            np.testing.assert_array_equal(samples.y[:, 0], same.splits()[split].y[:, 0])


@pytest.mark.parametrize(
    ("arm", "names"),
    [
        ("alone", HARD[:1]),
        ("four", HARD[:4]),
        ("hint", (HARD[0], "parity")),
        ("trivial", (HARD[0], "B2", "B3", "B4")),
        ("+2", HARD[:2]),
        ("+3", (HARD[0], HARD[2])),
        ("+4", (HARD[0], HARD[3])),
        ("four, fewer", HARD[:4]),
    ],
)
def test_an_arm_asks_what_its_name_says(arm, names):
    assert tuple(task.name for task in TRIAL.arms()[arm].data(0).tasks) == names


def test_sentences_name_arms_that_exist_and_given_widths_are_given():
    arms = TRIAL.arms()
    assert {name for s in TRIAL.hypotheses for name in (s.treatment, s.reference)} <= set(arms)
    assert {name: arm.n_hidden for name, arm in arms.items() if arm.n_hidden} == {
        "alone, small": 16, "four, small": 16, "alone, large": 64, "four, large": 64, "+2": 64, "+3": 64, "+4": 64
    }  # fmt: skip


def test_nets_are_tuned_for_what_is_reported_first():
    trial = EightBits(seeds=20)
    history = trial.train(trial.arms()["alone"], np.arange(3), 4, 0.02)
    np.testing.assert_array_equal(trial.validated(history), history.last("validation")[:, 0])
    measured = trial.measure(history)
    assert list(measured) == [LAST, STOPPED]
    np.testing.assert_array_equal(measured[LAST], history.last("test")[:, 0])
    np.testing.assert_array_equal(measured[STOPPED], history.best("test")[:, 0])


def test_the_widget_draws_every_company_over_the_same_widths():
    picture = eight_bits_curves(12, STOPPED, n_seeds=20)
    assert list(picture.y) == ["alone", "four tasks", "parity as a hint", "copies", "shuffled tasks"]
    assert picture.x.tolist() == [4, 8, 16, 32, 64, 128]
    trial = EightBits(seeds=20, first_seed=2000, n_samples=12)
    assert picture.y["four tasks"][1] == pytest.approx(trial.measured(trial.arms()["four"], 8, 0.02)[STOPPED].mean())
