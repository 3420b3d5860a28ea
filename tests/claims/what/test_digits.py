"""The claims about extra labels of digits, on seeds of their own."""

import pytest

from mtl_tutor.experiments import Digits

pytestmark = pytest.mark.claims


@pytest.fixture(scope="module")
def result():
    return Digits.again(64, first_seed=20_000)


def test_answers_on_many_more_images_lower_the_error_of_the_tuned_single_task_net(result):
    assert result.interval("alone", "joint").low > 0.03


def test_true_answers_help_more_than_shuffled_ones(result):
    assert result.interval("shuffled", "joint").low > 0.03


@pytest.mark.parametrize("arm", ["same images", "copies"])
def test_answers_that_add_nothing_change_next_to_nothing(result, arm):
    assert abs(result.interval("alone", arm).estimate) < 0.02
