"""The claims about experts, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import Experts, log_gain
from mtl_tutor.statistics import bootstrap

pytestmark = pytest.mark.claims


def gains(dataset, *nets):
    trial = Experts(seeds=24, first_seed=20_000, tuning_seeds=6)
    names = [f"{net}, {dataset}" for net in ("single", *nets)]
    single, *errors = [trial.errors(name, trial.tune(name)).mean(axis=(1, 2)) for name in names]
    return [bootstrap(log_gain(single, error)) for error in errors]


def test_gates_cost_where_samples_are_of_one_kind_and_one_trunk_does_not():
    hard, mmoe = gains("unrelated", "hard", "mmoe")
    assert mmoe.high < -0.1
    assert hard.low > mmoe.high


def test_gates_pay_where_samples_are_of_two_kinds_and_one_trunk_does_not():
    hard, omoe = gains("kinds", "hard", "omoe")
    assert omoe.low > 0.02
    assert hard.high < 0.05
