"""The claims of the four explanations on trial, on seeds that neither the settings nor the pages have seen."""

import numpy as np
import pytest

from mtl_tutor.experiments import Capacity, LearningDynamics, LocalMinima, NoiseAsRegulariser, noise_outputs
from mtl_tutor.experiments.trial import LAST, STOPPED
from mtl_tutor.experiments.why.learning_dynamics import WHEN
from mtl_tutor.experiments.why.local_minima.local_minima import SOLVED
from mtl_tutor.statistics import paired_difference, wilson

pytestmark = pytest.mark.claims
FRESH = {"seeds": 120, "first_seed": 20_000}


def measured(trial, settings):
    arms = trial.arms()
    return {name: trial.measured(arms[name], *how) for name, how in settings.items()}


def gain(found, more, less, measure=STOPPED):
    return paired_difference(1.0 * found[more][measure], 1.0 * found[less][measure])


def test_noise_outputs_do_harm_related_tasks_do_good_and_shuffled_ones_harm():
    found = measured(NoiseAsRegulariser(**FRESH), {"alone": (1, 0.01), "related": (1, 0.003), "shuffled": (4, 0.003)})
    trial = NoiseAsRegulariser(**FRESH)
    found["fixed"] = trial.measured(noise_outputs(trial.views(), 4, 1.0), 1, 0.01)
    assert gain(found, "fixed", "alone").low > 0
    assert gain(found, "shuffled", "alone").low > 0.03
    assert gain(found, "alone", "related").low > 0.15


def test_two_units_and_adam_are_the_best_case_of_noise_outputs_and_weight_decay_is_better_there():
    found = measured(NoiseAsRegulariser(**FRESH), dict.fromkeys(("tiny", "tiny, fixed", "tiny, decay"), (2, 0.01)))
    assert gain(found, "tiny", "tiny, fixed", LAST).low > 0
    assert gain(found, "tiny, fixed", "tiny, decay", LAST).low > 0.1


def test_hints_lead_to_parity_copies_and_random_labels_do_not_and_a_wide_net_needs_none():
    settings = dict.fromkeys(("alone", "hints", "copies", "random"), (4, 0.05)) | dict.fromkeys(("alone, wide", "hints, wide"), (16, 0.02))
    found = measured(LocalMinima(**FRESH), settings)
    assert gain(found, "hints", "alone", SOLVED).low > 0.4
    assert gain(found, "hints", "copies", SOLVED).low > 0.4
    assert gain(found, "random", "alone", SOLVED).high < 0.1
    assert wilson(found["alone, wide"][SOLVED]).low > 0.95


def test_a_trivial_question_helps_xor_and_four_crowded_tasks_hurt_one_another():
    settings = {"xor": (2, 0.05), "xor, one input": (2, 0.1), "xor, hints": (2, 0.1), "or alone": (3, 0.02), "or-and": (3, 0.1)}
    found = measured(LocalMinima(**FRESH), settings)
    assert gain(found, "xor, hints", "xor", SOLVED).low > 0.1
    assert gain(found, "xor, one input", "xor", SOLVED).low > 0
    assert gain(found, "or alone", "or-and", SOLVED).low > 0.1


def test_copies_and_a_faster_trunk_are_worth_little_and_real_tasks_much():
    trial = LearningDynamics(**FRESH)
    rates = {"alone": 0.01, "copies": 0.003, "copies, same rate": 0.01, "joint": 0.003, "mean": 0.03}
    found = measured(trial, {name: (2, lr) for name, lr in rates.items()})
    assert gain(found, "alone", "copies").high < 0.05
    assert gain(found, "copies", "joint").low > 0.1
    assert gain(found, "alone", "mean").low > 0.1
    assert gain(found, "alone", "copies, same rate", WHEN).low > 5
    faster = trial.measured(trial.arms()["fast trunk"].variants[1], 2, 0.003)
    assert paired_difference(found["alone"][STOPPED], faster[STOPPED]).high < 0.05


def test_adam_does_not_notice_copies_and_does_notice_tasks():
    found = measured(LearningDynamics(**FRESH), {"alone, Adam": (2, 0.01), "copies, Adam": (2, 0.01), "joint, Adam": (2, 0.03)})
    assert abs(gain(found, "alone, Adam", "copies, Adam").estimate) < 0.05
    assert gain(found, "alone, Adam", "joint, Adam").low > 0.2


def test_capacity_taken_away_does_harm_unless_the_tasks_are_related():
    trial = Capacity(**FRESH)
    lrs = {"alone": 0.01, "related": 0.01, "unrelated": 0.01}
    found = measured(trial, {f"{name}, {h}": (h, lr) for h in (1, 2, 16, 64) for name, lr in lrs.items()})
    assert gain(found, "alone, 2", "related, 2").low > 0.05
    assert gain(found, "related, 1", "alone, 1").low > 0.1
    assert gain(found, "unrelated, 16", "alone, 2").low > 0.03
    assert gain(found, "unrelated, 2", "unrelated, 16").low > 0.2
    assert gain(found, "related, 16", "related, 2").low > 0.02
    assert np.mean(found["alone, 64"][STOPPED]) > np.mean(found["alone, 2"][STOPPED]) + 0.03
