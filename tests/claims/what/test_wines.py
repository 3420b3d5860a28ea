"""The claims of *Build two nets, or one* about real wines, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import Wines
from mtl_tutor.experiments.what.two_nets_or_one.wines import GRAPE, STRENGTH
from mtl_tutor.statistics import bootstrap

pytestmark = pytest.mark.claims
TRIAL = Wines(seeds=150, first_seed=20_000)
SETTINGS = {"grape": (16, 0.03), "strength": (1, 0.01), "joint": (16, 0.01), "shuffled": (1, 0.01)}  # as tuning chose


@pytest.fixture(scope="module")
def measured():
    return {name: TRIAL.measured(arm, *SETTINGS[name]) for name, arm in TRIAL.arms().items()}


def test_one_net_is_as_good_as_two(measured):
    assert abs(bootstrap(measured["grape"][GRAPE] - measured["joint"][GRAPE]).estimate) < 0.01
    assert bootstrap(measured["joint"][STRENGTH] - measured["strength"][STRENGTH]).high < 0.05


def test_shuffled_grapes_are_worse_company_than_true_ones(measured):
    assert bootstrap(measured["shuffled"][STRENGTH] - measured["joint"][STRENGTH]).low > 0
