"""The claims of *Eavesdropping, hints*, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import Eavesdropping
from mtl_tutor.experiments.why.eavesdropping.eavesdropping import SOLVED
from mtl_tutor.statistics import bootstrap, wilson

pytestmark = pytest.mark.claims
TRIAL = Eavesdropping(seeds=120, first_seed=20_000)
SETTINGS = {"alone": (6, 0.1), "shuffled": (6, 0.1), "alone, noisy": (3, 0.009), "light, noisy": (6, 0.009)}  # as tuning chose


@pytest.fixture(scope="module")
def solved():
    arms = TRIAL.arms()
    return {arm: TRIAL.measured(arms[arm], *SETTINGS.get(arm, (12, 0.1)))[SOLVED] for arm in arms}


@pytest.mark.parametrize("less", ["alone", "shuffled", "copies", "trivial"])
def test_beside_t_more_nets_solve_the_hard_task_than_alone_or_beside_a_control(solved, less):
    assert bootstrap(solved["joint"].astype(float) - solved[less]).low > 0.1


def test_the_hint_does_more_than_t_and_twice_the_samples_too(solved):
    for more in ("hint", "doubled"):
        assert bootstrap(solved[more].astype(float) - solved["joint"]).low > 0.05


def test_outside_the_window_there_is_nothing_to_overhear(solved):
    assert wilson(solved["joint, few"]).high < 0.1
    assert wilson(solved["joint, many"]).low > 0.9
    assert wilson(solved["alone, many"]).low > 0.8


def test_in_noise_less_weight_on_the_noisy_task_lets_it_hear(solved):
    assert bootstrap(solved["light, noisy"].astype(float) - solved["alone, noisy"]).low > 0.3
    assert bootstrap(solved["light, noisy"].astype(float) - solved["joint, noisy"]).low > 0.2
