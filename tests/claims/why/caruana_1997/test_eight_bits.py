"""Four tasks around one parity, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments.trial import LAST
from mtl_tutor.experiments.why.caruana_1997.eight_bits import EightBits
from mtl_tutor.statistics import bootstrap

pytestmark = pytest.mark.claims
TRIAL = EightBits(seeds=128, first_seed=20_000)
WIDTHS = {"alone": 32, "four": 64, "trivial": 32, "shuffled": 32}  # as tuning chose, or smaller
WIDTHS |= {"alone, small": 16, "four, small": 16, "alone, large": 64, "+4": 64}


@pytest.fixture(scope="module")
def wrong():
    arms = TRIAL.arms()
    return {name: TRIAL.measured(arms[name], n_hidden, 0.02)[LAST] for name, n_hidden in WIDTHS.items()}


def test_four_tasks_lower_the_error_of_the_tuned_single_task_net(wrong):
    assert bootstrap(wrong["alone"] - wrong["four"]).low > 0


@pytest.mark.parametrize("control", ["trivial", "shuffled"])
def test_bits_and_shuffled_labels_as_tasks_do_much_harm(wrong, control):
    assert bootstrap(wrong[control] - wrong["alone"]).low > 0.03


def test_four_tasks_do_harm_in_a_small_net_and_good_in_a_large_one(wrong):
    assert bootstrap(wrong["four, small"] - wrong["alone, small"]).low > 0.01
    assert bootstrap(wrong["alone, large"] - wrong["four"]).low > 0.01


def test_a_task_that_tells_nothing_new_helps_the_large_net(wrong):
    assert bootstrap(wrong["alone, large"] - wrong["+4"]).low > 0.01
