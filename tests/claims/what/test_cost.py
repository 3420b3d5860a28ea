"""The claims about what one net saves, on seeds that neither the settings nor the page have seen."""

from functools import cache

import pytest

from mtl_tutor.experiments import CostOfSharing
from mtl_tutor.experiments.what.two_nets_or_one.cost import LEARNED, SPENT
from mtl_tutor.statistics import paired_difference, relative_change

pytestmark = pytest.mark.claims
TRIAL = CostOfSharing(seeds=64, first_seed=20_000)
SETTINGS = {  # as tuning chose
    "one": (16, 0.05),
    "separate": (16, 0.1),
    "one, cheapest": (2, 0.02),
    "separate, cheapest": (1, 0.01),
    "unrelated": (16, 0.01),
    "unrelated, separate": (16, 0.1),
}


@pytest.fixture(scope="module")
def measured():
    arms = TRIAL.arms()
    return cache(lambda name: TRIAL.measured(arms[name], *SETTINGS[name]))


def test_related_tasks_cost_less_together_in_the_same_width_and_in_the_cheapest(measured):
    assert relative_change(measured("one")[SPENT], measured("separate")[SPENT]).high < 0
    assert relative_change(measured("one, cheapest")[SPENT], measured("separate, cheapest")[SPENT]).high < -0.2


def test_unrelated_tasks_cost_more_together_and_are_seldom_all_learned(measured):
    assert relative_change(measured("unrelated")[SPENT], measured("unrelated, separate")[SPENT]).low > 0.5
    there = [1.0 * measured(arm)[LEARNED] for arm in ("unrelated, separate", "unrelated")]
    assert paired_difference(*there).low > 0.5
