"""Caruana's table on a road of ours, on seeds that neither the settings nor the page have seen."""

from dataclasses import replace

import numpy as np
import pytest

from mtl_tutor.experiments.why.caruana_1997.road import Road
from mtl_tutor.statistics import relative_change

pytestmark = pytest.mark.claims
TRIAL = Road(seeds=64, first_seed=20_000)
SETTINGS = {"steering alone": (16, 0.18), "border grey alone": (16, 0.06), "shuffled": (16, 0.02)}


@pytest.fixture(scope="module")
def measured():
    arms = TRIAL.arms()
    names = (*SETTINGS, "joint", "copies")
    return {name: TRIAL.measured(replace(arms[name], n_hidden=None), *SETTINGS.get(name, (16, 0.06))) for name in names}


def change(measured, more, less, question="steering"):
    return relative_change(measured[more][question], measured[less][question])


def test_nine_questions_lower_the_error_on_steering_a_little_and_shuffled_ones_raise_it(measured):
    assert change(measured, "joint", "steering alone").high < 0
    assert change(measured, "shuffled", "steering alone").low > 0.05


def test_copies_do_as_much(measured):
    assert change(measured, "copies", "steering alone").high < 0
    assert np.abs(change(measured, "joint", "copies").estimate) < 0.04


def test_the_grey_of_the_border_pays_for_it(measured):
    assert change(measured, "joint", "border grey alone", "border grey").low > 0
