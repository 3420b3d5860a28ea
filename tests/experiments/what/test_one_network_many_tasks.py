"""Digits with extra labels: settings that make no sense are refused, and every arm is judged on the same images."""

import numpy as np
import pytest

from mtl_tutor.experiments import Digits, digits_curves
from mtl_tutor.experiments.what.one_network_many_tasks import WRONG


@pytest.mark.parametrize("bad", [{"n_extra": 0}, {"n_extra": 6}])
def test_digits_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must lie between 1 and 5"):
        Digits(**bad)


def test_the_arms_of_a_seed_are_judged_on_the_same_images():
    tests = [arm.data(7).test for arm in Digits().arms().values()]
    assert len(tests) == 5
    assert all(np.array_equal(tests[0].x, test.x) for test in tests)


@pytest.mark.parametrize("answers", ["400 images", "the labelled images only"])
def test_the_widget_asks_as_many_questions_about_as_many_images_as_it_says(monkeypatch, answers):
    def measured(trial, arm, n_hidden, lr):
        return {WRONG: np.full(trial.seeds, trial.n_labels + 1000.0 * trial.n_images + 1e6 * trial.n_extra)}

    monkeypatch.setattr(Digits, "measured", measured)
    curves = digits_curves(3, answers, n_seeds=20)
    n = np.array([20, 40, 80, 160])
    assert list(curves.y) == ["alone", "with extra answers", "with shuffled answers"]
    for line in curves.y.values():
        np.testing.assert_allclose(line, n + 1000 * (400 if answers == "400 images" else n) + 3e6)
