"""Losses in units of single-task losses."""

import numpy as np
import pytest
import torch

from mtl_tutor.balancing import FixedWeighting, UnitNormalised
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import sine_family
from mtl_tutor.training import train


def test_a_loss_as_good_as_a_single_task_nets_counts_as_one():
    single = torch.tensor([0.5, 40.0, 1e-6])
    torch.testing.assert_close(UnitNormalised((0.5, 40.0, 1e-6)).weights_for(single) * single, torch.ones(3))


def test_it_trains_as_the_same_weights_do_when_given():
    data, methods = sine_family(n_tasks=2, n_samples=15, seed=1), (FixedWeighting((4.0, 0.125)), UnitNormalised((0.25, 8.0)))
    expected, found = (train(HardSharing(1, 6, 2), data, method, seeds=2, steps=20, dtype=torch.float64) for method in methods)
    for name, values in expected.parameters.items():
        np.testing.assert_allclose(found.parameters[name], values, atol=1e-12)


@pytest.mark.parametrize("single", [(), (1.0, 0.0), (1.0, -1.0), (float("nan"), 1.0), (1.0, float("inf"))])
def test_impossible_losses_get_a_sentence(single):
    with pytest.raises(ValueError, match="`single_task"):
        UnitNormalised(single)


def test_losses_for_another_number_of_tasks_get_a_sentence():
    with pytest.raises(ValueError, match="`single_task` must hold one loss per task, 2; got 1"):
        UnitNormalised((1.0,)).start(2)
