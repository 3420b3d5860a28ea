"""Where nets that are stuck lie, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments.why.local_minima.stuck_nets import MINIMUM, OUT, PROBLEMS, STUCK, TROUGH, StuckNets
from mtl_tutor.statistics import wilson

pytestmark = pytest.mark.claims
TRIAL = StuckNets(seeds=40, first_seed=20_000)


def shares(problem):
    found = TRIAL.measured(*PROBLEMS[problem])
    return {kind: wilson(found[kind][found[STUCK]]) for kind in (MINIMUM, OUT, TROUGH)}


def test_nets_stuck_at_xor_are_in_a_trough_without_end():
    assert shares("xor")[TROUGH].low > 0.5


def test_most_nets_stuck_at_parity_are_in_no_minimum_and_get_out_in_the_end():
    found = shares("parity")
    assert found[MINIMUM].high < 0.2
    assert found[OUT].low > 0.4
