"""The claims about experts, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments._gated_nets import KINDS, WORLDS, fitted, gain
from mtl_tutor.statistics import bootstrap

pytestmark = pytest.mark.claims


def gains(world, *kinds):
    errors = [
        fitted(KINDS[who], WORLDS[world], range(20_000, 20_024), tuning_seeds=6).error.mean(axis=(1, 2)) for who in ("single", *kinds)
    ]
    return [bootstrap(gain(errors[0], error)) for error in errors[1:]]


def test_gates_cost_where_samples_are_of_one_kind_and_one_trunk_does_not():
    hard, mmoe = gains("unrelated", "hard", "mmoe")
    assert mmoe.high < -0.1
    assert hard.low > mmoe.high


def test_gates_pay_where_samples_are_of_two_kinds_and_one_trunk_does_not():
    hard, omoe = gains("kinds", "hard", "omoe")
    assert omoe.low > 0.02
    assert hard.high < 0.05
