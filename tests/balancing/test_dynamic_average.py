"""Dynamic weight average against TorchJD, and what its memory does at the ends of epochs."""

import numpy as np
import pytest
import torch
from torchjd.scalarization import DWA

from mtl_tutor.balancing import DynamicWeightAverage
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import train

LOSSES = torch.rand(23, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + 0.1


def weights_of(method: DynamicWeightAverage, losses: torch.Tensor) -> torch.Tensor:
    state, found = tuple(value.double() for value in method.start(losses.shape[1])), []
    for row in losses:
        weights, state = method.weigh(row, state, torch.zeros(0))
        found.append(weights)
    return torch.stack(found)


@pytest.mark.parametrize(("every", "temperature"), [(1, 2.0), (5, 2.0), (4, 0.3)])
def test_weights_are_those_of_torchjd(every, temperature):
    oracle, expected = DWA(temperature=temperature), []
    for step, row in enumerate(LOSSES, 1):
        leaf = row.clone().requires_grad_()
        expected.append(torch.autograd.grad(oracle(leaf), leaf)[0])
        if step % every == 0:
            oracle.step()
    torch.testing.assert_close(weights_of(DynamicWeightAverage(every, temperature), LOSSES), torch.stack(expected))


def test_units_and_the_order_of_tasks_change_nothing():
    method, units, order = DynamicWeightAverage(2), torch.tensor([1e4, 1.0, 1e-3]), [2, 0, 1]
    weights = weights_of(method, LOSSES)
    torch.testing.assert_close(weights_of(method, LOSSES * units), weights)
    torch.testing.assert_close(weights_of(method, LOSSES[:, order]), weights[:, order])


def test_a_task_without_labels_counts_by_the_batches_in_which_it_has_some():
    holes = LOSSES[:12].clone()
    holes[3, 0] = float("nan")  # in one batch of the second epoch
    filled = LOSSES[:12].clone()
    filled[3, 0] = filled[2, 0]
    torch.testing.assert_close(weights_of(DynamicWeightAverage(2), holes), weights_of(DynamicWeightAverage(2), filled))
    holes[4:, 0] = float("nan")  # for whole epochs
    assert weights_of(DynamicWeightAverage(2), holes).isfinite().all()


def test_a_task_whose_labels_come_late_has_no_unit_either():
    late = LOSSES.clone()
    late[:2, 0] = float("nan")
    weights, units = weights_of(DynamicWeightAverage(2), late), torch.tensor([1e4, 1.0, 1.0])
    torch.testing.assert_close(weights_of(DynamicWeightAverage(2), late * units), weights)
    torch.testing.assert_close(weights[:4], torch.ones_like(weights[:4]))


def test_nets_are_weighted_apart_for_every_seed():
    x = np.random.default_rng(0).standard_normal((20, 3))
    data = TaskData((Task("one"), Task("two")), Samples(x, np.stack([x.sum(1), 5 * x[:, 0] ** 2], 1)))
    together, alone = (train(HardSharing(3, 5, 2), data, DynamicWeightAverage(3, 0.1), seeds=s, steps=12) for s in (range(5), [4]))
    for name, values in alone.parameters.items():
        np.testing.assert_array_equal(values[0], together.parameters[name][4])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"every": 0}, "`every` must be at least 1"),
        ({"every": 10**7}, "`every` must be at most 1000000; got 10000000"),
        ({"temperature": 0.0}, "`temperature` must be at least 0.001 and finite; got 0.0"),
    ],
)
def test_impossible_settings_get_a_sentence(settings, message):
    with pytest.raises(ValueError, match=message):
        DynamicWeightAverage(**settings)
