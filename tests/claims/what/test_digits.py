"""The claims of *Teach one network many tasks*, on seeds of their own."""

import numpy as np
import pytest

from mtl_tutor.experiments import Digits, TrialResult

pytestmark = pytest.mark.claims


@pytest.fixture(scope="module")
def result() -> TrialResult:
    return Digits(seeds=64, first_seed=20_000, tuning_seeds=20, n_jobs=2).run()


def test_answers_on_many_more_images_lower_the_error_of_the_tuned_single_task_net(result):
    assert result.interval("alone", "joint").low > 0.03


def test_true_answers_help_more_than_shuffled_ones(result):
    assert result.interval("shuffled", "joint").low > 0.03


@pytest.mark.parametrize("arm", ["same images", "copies"])
def test_answers_that_add_nothing_change_next_to_nothing(result, arm):
    assert abs(result.interval("alone", arm).estimate) < 0.02


def test_the_arms_of_a_seed_are_judged_on_the_same_images():
    tests = [arm.data(7).test for arm in Digits().arms().values()]
    assert len(tests) == 5
    assert all(np.array_equal(tests[0].x, test.x) for test in tests)
