"""The claims of *Teach one network many tasks*, on seeds of their own."""

import numpy as np
import pytest

from mtl_tutor.experiments import Digits, DigitsResult
from mtl_tutor.statistics import paired_difference

pytestmark = pytest.mark.claims


@pytest.fixture(scope="module")
def result() -> DigitsResult:
    return Digits(seeds=64, first_seed=20_000, tuning_seeds=20, n_jobs=2).run()


def gain(result: DigitsResult, arm: str):
    return paired_difference(result.wrong["alone"], result.wrong[arm])


def test_answers_on_many_more_images_lower_the_error_of_the_tuned_single_task_net(result):
    assert gain(result, "joint").low > 0.03


def test_true_answers_help_more_than_shuffled_ones(result):
    assert paired_difference(result.wrong["shuffled"], result.wrong["joint"]).low > 0.03


@pytest.mark.parametrize("arm", ["same images", "copies"])
def test_answers_that_add_nothing_change_next_to_nothing(result, arm):
    assert abs(gain(result, arm).estimate) < 0.02


def test_tuning_never_looks_at_the_reported_seeds_or_the_test_images(result):
    assert set(result.settings) == set(result.wrong)
    again = Digits(seeds=20, first_seed=0, tuning_seeds=20)
    assert again.tune("alone", widths=(16, 64), lrs=(0.0001, 0.01)) == (64, 0.01)


def test_the_arms_of_a_seed_are_judged_on_the_same_images():
    trial = Digits()
    tests = [trial.data(arm, 7).test for arm in result_arms()]
    assert all(np.array_equal(tests[0].x, test.x) for test in tests)


def result_arms():
    return ("alone", "joint", "same images", "shuffled", "copies")
