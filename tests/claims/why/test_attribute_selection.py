"""The claims of *Attribute selection*, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import AttributeSelection
from mtl_tutor.experiments.why.attribute_selection import AUC
from mtl_tutor.statistics import bootstrap

pytestmark = pytest.mark.claims
TRIAL = AttributeSelection(seeds=60, first_seed=20_000, tuning_seeds=20)
SETTINGS = {"shuffled": 64, "other inputs": 64, "alone, Adam": 64, "shuffled, Adam": 64}  # as tuning chose; else one unit


@pytest.fixture(scope="module")
def measured():
    arms = TRIAL.arms()
    return {arm: TRIAL.measured(arms[arm], SETTINGS.get(arm, 1), 0.003) for arm in arms}


def difference(measured, more, less, measure):
    return bootstrap(measured[more][measure] - measured[less][measure])


@pytest.mark.parametrize("worse", ["alone", "same noise", "shuffled", "other inputs", "trivial"])
def test_other_views_of_the_feature_lower_the_error_and_no_control_does(measured, worse):
    stopped = next(iter(measured["joint"]))
    assert difference(measured, worse, "joint", stopped).low > 0.15


def test_other_views_find_the_relevant_inputs_and_shuffled_ones_lose_them(measured):
    assert difference(measured, "joint", "alone", AUC).low > 0
    assert difference(measured, "alone", "shuffled", AUC).low > 0.1
    assert measured["other inputs"][AUC].mean() < 0.5


def test_more_data_are_better_than_more_views(measured):
    stopped = next(iter(measured["joint"]))
    assert difference(measured, "joint", "more data", stopped).low > 0.05


def test_with_adam_noise_beats_the_single_task_net(measured):
    stopped = next(iter(measured["joint"]))
    assert difference(measured, "alone, Adam", "shuffled, Adam", stopped).low > 0.05
    assert difference(measured, "shuffled", "alone", stopped).low > 0.02
