"""Two mechanisms from other initial weights, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments.why.eavesdropping.eavesdropping import SOLVED
from mtl_tutor.experiments.why.eavesdropping.start_scales import EavesdroppingByStart
from mtl_tutor.experiments.why.shared_minimum.shared_minimum import A
from mtl_tutor.experiments.why.shared_minimum.start_scales import SharedMinimumByStart
from mtl_tutor.statistics import bootstrap

pytestmark = pytest.mark.claims
HEARING, MEETING = EavesdroppingByStart(seeds=60, first_seed=20_000), SharedMinimumByStart(seeds=80, first_seed=20_000)


def gain(trial, measure, scale, lr):
    """By how much the share beside a second task exceeds the share alone."""
    width = 16 if trial is MEETING else 12
    joint, alone = (trial.measured(trial.arms()[f"{name}, {scale}"], width, lr)[measure] for name in ("joint", "alone"))
    return bootstrap(1.0 * joint - alone)


def test_a_neighbour_is_heard_from_small_weights_and_not_from_large_ones():
    assert gain(HEARING, SOLVED, 0.3, 0.1).low > 0.2
    assert gain(HEARING, SOLVED, 3, 0.003).high < 0.1


@pytest.mark.parametrize("scale", [0.1, 3])
def test_tasks_meet_in_a_shared_minimum_from_small_weights_and_from_large_ones(scale):
    assert gain(MEETING, A, scale, 0.8).low > 0.15
