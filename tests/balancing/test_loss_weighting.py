"""Weights without a memory: given, drawn, or one over each loss."""

import numpy as np
import pytest
import torch
from torchjd.scalarization import GeometricMean

from mtl_tutor.balancing import EqualWeighting, FixedWeighting, RandomLossWeighting, ScaleInvariantWeighting
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import train


def test_equal_weights_ignore_the_size_of_the_losses():
    assert EqualWeighting().weights_for(torch.tensor([1e6, 1e-6, 3.0])).tolist() == [1.0, 1.0, 1.0]


def test_fixed_weights_come_back_in_the_losses_precision():
    weights = FixedWeighting((2, 0.25)).weights_for(torch.ones(2, dtype=torch.float64))
    assert weights.tolist() == [2.0, 0.25]
    assert weights.dtype == torch.float64


@pytest.mark.parametrize("bad", [(), (1.0, -1.0), (0.0, 0.0), (float("nan"),), (float("inf"),)])
def test_impossible_weights_get_a_sentence(bad):
    with pytest.raises(ValueError, match=r"zero or more|finite"):
        FixedWeighting(bad)


def test_methods_print_as_they_are_written():
    assert eval(repr(FixedWeighting((1.0, 0.5)))) == FixedWeighting((1.0, 0.5))


def test_the_sum_of_logarithms_has_the_direction_of_torchjds_geometric_mean():
    losses = torch.tensor([4.0, 0.3, 90.0], dtype=torch.float64, requires_grad=True)
    expected = torch.autograd.grad(GeometricMean()(losses), losses)[0]
    weights = ScaleInvariantWeighting().weights_for(losses.detach())
    torch.testing.assert_close(weights / weights.sum(), expected / expected.sum())


def test_another_unit_of_a_loss_leaves_its_logarithms_slope():
    losses, units = torch.tensor([4.0, 0.3]), torch.tensor([1e4, 1e-3])
    torch.testing.assert_close(ScaleInvariantWeighting().weights_for(losses * units) * units, ScaleInvariantWeighting().weights_for(losses))


def test_a_loss_of_zero_has_a_finite_weight():
    assert ScaleInvariantWeighting().weights_for(torch.tensor([0.0, 1.0])).isfinite().all()


def test_random_weights_sum_to_the_number_of_tasks_and_are_alike_on_average():
    noise = torch.randn(20_000, 3, generator=torch.Generator().manual_seed(0))
    method, losses = RandomLossWeighting(), torch.tensor([1e6, 1.0, float("nan")])
    drawn = torch.stack([method.weigh(losses, (), row)[0] for row in noise])
    torch.testing.assert_close(drawn.sum(1), torch.full((20_000,), 3.0))
    assert (drawn > 0).all()
    assert ((drawn.mean(0) - 1).abs() < 0.03).all()  # 5 standard errors
    assert method.noise_shape(3) == (3,)


def test_random_weights_are_each_seeds_own():
    x = np.random.default_rng(0).standard_normal((20, 3))
    data = TaskData((Task("one"), Task("two")), Samples(x, np.stack([x.sum(1), x[:, 0] ** 2], 1)))
    together, alone, equal = (
        train(HardSharing(3, 5, 2), data, method, seeds=seeds, steps=8)
        for method, seeds in ((RandomLossWeighting(), 5), (RandomLossWeighting(), [4]), (EqualWeighting(), [4]))
    )
    for name, values in alone.parameters.items():
        np.testing.assert_array_equal(values[0], together.parameters[name][4])
    assert not np.array_equal(alone.loss["train"], equal.loss["train"])
