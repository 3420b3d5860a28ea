"""The claims of *Data amplification*, on seeds that neither the settings nor the page have seen."""

import numpy as np
import pytest

from mtl_tutor.experiments import DataAmplification, floor_over_theory
from mtl_tutor.statistics import bootstrap
from mtl_tutor.tasks import shared_feature

pytestmark = pytest.mark.claims
TRIAL = DataAmplification(seeds=60, first_seed=20_000, tuning_seeds=20)


def errors(arm, width=1, trial=TRIAL):
    stopped, _last = trial.measured(trial.arms()[arm], width, 0.03).values()
    return stopped


def test_more_noisy_views_of_a_feature_lower_the_error_and_no_control_does():
    alone, joint = errors("alone"), errors("joint")
    assert bootstrap(alone - joint).low > 0.25
    for control, width in (("same noise", 1), ("shuffled", 16), ("trivial", 4)):
        assert bootstrap(errors(control, width) - joint).low > 0.2


def test_averaging_the_labels_and_more_data_are_better_than_sharing_a_layer():
    joint = errors("joint")
    for yardstick in ("averaged", "more data"):
        assert bootstrap(joint - errors(yardstick)).low > 0.03


def test_without_noise_there_is_nothing_to_amplify():
    assert abs(errors("alone, clean").mean() - errors("joint, clean").mean()) < 0.01


def test_the_floor_is_what_two_fitted_numbers_cost():
    floor = bootstrap(floor_over_theory(TRIAL.errors_of_many_views(100, 2.0), n_samples=100, noise=2.0))
    assert 1 in floor
    assert floor.high < 1.6


def test_many_linear_outputs_are_many_separate_problems():
    data = shared_feature(8, 100, n_features=10, noise=2.0, seed=20_000).train
    together = np.linalg.lstsq(data.x, data.y, rcond=None)[0]
    apart = np.hstack([np.linalg.lstsq(data.x, data.y[:, [k]], rcond=None)[0] for k in range(8)])
    assert np.abs(together - apart).max() < 1e-12
