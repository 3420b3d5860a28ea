"""Harder tasks gain more from company, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments.why.caruana_1997.harder_tasks import HarderTasks
from mtl_tutor.statistics import relative_change

pytestmark = pytest.mark.claims
TRIAL = HarderTasks(seeds=64, first_seed=20_000)
SETTINGS = {
    "joint": (32, 0.1),
    "8 ahead alone": (8, 0.3),
    "shuffled": (8, 0.3),
    "strangers": (32, 0.03),
    "1 ahead, own robot alone": (2, 0.03),
    "8 ahead, own robot alone": (8, 0.03),
}


@pytest.fixture(scope="module")
def measured():
    return {name: TRIAL.measured(TRIAL.arms()[name], *setting) for name, setting in SETTINGS.items()}


def change(measured, more, less, task):
    return relative_change(measured[more][task], measured[less][task])


def test_eight_steps_ahead_gain_from_nearer_horizons_and_not_from_shuffled_ones(measured):
    assert change(measured, "joint", "8 ahead alone", "8 ahead").high < 0
    assert change(measured, "joint", "shuffled", "8 ahead").high < -0.03


def test_strangers_harm_the_easiest_task_most(measured):
    easy, hard = (change(measured, "strangers", f"{far} ahead, own robot alone", f"{far} ahead, own robot") for far in (1, 8))
    assert easy.low > 0.1
    assert hard.high < 0.05
