"""The claims about fusion and layers, on seeds that neither the settings nor the page have seen; rates as tuning chose them."""

import pytest

from mtl_tutor.experiments import Arm, FusionOrLayers
from mtl_tutor.experiments.sharing.layers_and_cascades.fusion_or_layers import LAYERED, LOG
from mtl_tutor.statistics import paired_difference

pytestmark = pytest.mark.claims
TRIAL = FusionOrLayers(seeds=48, first_seed=20_000)
NAMES = ("alone, strong", "fusion, strong", "fusion, shuffled", "alone, weak")


@pytest.fixture(scope="module")
def measured():
    arms = TRIAL.arms()
    found = {name: TRIAL.measured(arms[name], 4, 0.1)[LOG] for name in NAMES}
    return found | {"layers, weak": TRIAL.measured(Arm("", "main", arms["hard, weak"].data, net=LAYERED), 4, 0.1)[LOG]}


def test_fusion_helps_tasks_that_are_the_same_and_it_is_the_labels_that_help(measured):
    assert paired_difference(measured["fusion, strong"], measured["alone, strong"]).high < -0.4
    assert paired_difference(measured["fusion, strong"], measured["fusion, shuffled"]).high < -0.8


def test_layers_are_not_for_weakly_related_tasks(measured):
    assert paired_difference(measured["layers, weak"], measured["alone, weak"]).low > -0.1  # no gain to speak of, and rather a loss
