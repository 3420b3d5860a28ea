"""The claims about ties, numbers of tasks and the peak, on seeds that neither the settings nor the page have seen."""

from dataclasses import replace
from functools import cache

import pytest

from mtl_tutor.experiments import InterpolationPeak, NumberOfTasks, TiedTrunks
from mtl_tutor.experiments.sharing.hard_and_soft.interpolation_peak import APART, BARE, TUNED
from mtl_tutor.experiments.sharing.hard_and_soft.tied_trunks import ALL
from mtl_tutor.experiments.trial import LAST
from mtl_tutor.statistics import relative_change

pytestmark = pytest.mark.claims
TIED, MANY = TiedTrunks(seeds=60, first_seed=20_000), NumberOfTasks(seeds=60, first_seed=20_000)
PEAK = InterpolationPeak(seeds=32, first_seed=20_000)


@pytest.fixture(scope="module")
def tied():
    arms = TIED.arms()
    return cache(lambda arm: TIED.measured(arms[arm], 4, 0.005)[ALL])


def change(values, more, less):
    return relative_change(values(more), values(less))


def test_near_tasks_want_a_strong_tie_and_strangers_a_weak_one(tied):
    assert change(tied, "10, 0.3", "apart, 0.3").high < -0.2
    assert change(tied, "10, 0.3", "0.3, 0.3").high < 0
    assert change(tied, "10, 10", "0.3, 10").low > 0
    assert change(tied, "1, 1", "apart, 1").high < 0  # against one trunk it depends on the rate


def test_a_tie_to_strangers_gains_if_trunks_start_apart_and_hardly_if_they_start_alike(tied):
    assert change(tied, "0.3, apart", "large").high < -0.1
    assert change(tied, "0.3, alike", "large").low > -0.1
    assert abs(change(tied, "0.3, apart", "0.3, alike, half").estimate) < 0.1


def test_weights_that_decay_do_more_for_strangers_than_a_tie(tied):
    arm = replace(TIED.arms()["apart, 10"], weight_decay=0.3)
    assert relative_change(TIED.measured(arm, 4, 0.005)[ALL], tied("0.3, 10")).high < 0


def test_related_tasks_save_more_the_more_they_are_unless_they_see_the_same_inputs():
    errors = {name: MANY.measured(MANY.arms()[name], 64, 0.001)[LAST] for name in ("alone", "related, 4", "related, 16", "same inputs")}
    assert relative_change(errors["related, 16"], errors["alone"]).high < -0.2
    assert relative_change(errors["related, 16"], errors["related, 4"]).high < 0
    assert relative_change(errors["same inputs"], errors["alone"]).low > -0.2


def test_strangers_do_harm_in_four_units():
    errors = {name: MANY.measured(MANY.arms()[name], 4, 0.001)[LAST] for name in ("narrow", "unrelated, 16, narrow")}
    assert relative_change(errors["unrelated, 16, narrow"], errors["narrow"]).low > 0


@pytest.mark.parametrize(("n_tasks", "at"), [(2, 20), (4, 11), (8, 6), (16, 4)])
def test_the_peak_is_where_labels_are_as_many_as_parameters_and_a_ridge_takes_it_away(n_tasks, at):
    peak, before, after = (PEAK.risks(n_tasks, n) for n in (at, at // 2, 2 * at))
    assert relative_change(peak[BARE], before[BARE]).low > 0
    assert relative_change(peak[BARE], after[BARE]).low > 0
    assert relative_change(peak[BARE], peak[APART]).low > 1
    assert relative_change(peak[TUNED], peak[APART]).high < 0.1
