"""The claims about joint training's relatives, on seeds that neither the settings nor the page have seen."""

import numpy as np
import pytest

from mtl_tutor.experiments import Relatives, transfer_arms
from mtl_tutor.experiments.what.one_network_many_tasks import WRONG
from mtl_tutor.experiments.what.relatives.relatives import SWAPPED
from mtl_tutor.statistics import paired_difference

pytestmark = pytest.mark.claims
TRIAL = Relatives(seeds=64, first_seed=20_000)
RATES = {"frozen": 0.05, "same images": 0.005}  # as tuning chose; else 0.015


@pytest.fixture(scope="module")
def few():
    arms = transfer_arms(20, 300)
    shown = ("alone", "joint", "tuned", "frozen", "same images")
    return {name: TRIAL.measured(arms[name], 64, RATES.get(name, 0.015)) for name in shown}


@pytest.mark.parametrize("way", ["joint", "tuned", "frozen"])
def test_with_few_labels_every_use_of_more_images_helps(few, way):
    assert paired_difference(few["alone"][WRONG], few[way][WRONG]).low > 0.01


def test_with_few_labels_the_frozen_trunk_wins(few):
    assert paired_difference(few["joint"][WRONG], few["frozen"][WRONG]).low > 0.01
    assert paired_difference(few["tuned"][WRONG], few["frozen"][WRONG]).low > 0.01


def test_but_it_swaps_the_digits_that_its_questions_answer_alike(few):
    assert paired_difference(few["frozen"][SWAPPED], few["alone"][SWAPPED]).low > 0.01


def test_answers_on_the_same_images_gain_nothing(few):
    assert paired_difference(few["alone"][WRONG], few["same images"][WRONG]).high < 0.01


def test_with_many_labels_a_trunk_frozen_after_one_question_does_harm():
    arms = transfer_arms(160, 200, 1)
    alone, frozen = (TRIAL.measured(arms[name], 64, rate)[WRONG] for name, rate in (("alone", 0.005), ("frozen", 0.05)))
    assert paired_difference(frozen, alone).low > 0.005
    assert np.mean(frozen) < 0.2
