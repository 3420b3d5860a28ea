"""Smooth Chebyshev against TorchJD."""

import pytest
import torch
from torchjd.scalarization import STCH

from mtl_tutor.balancing import SmoothChebyshev

LOSSES = torch.rand(20, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) - 0.3


@pytest.mark.parametrize("weights", [(), (0.2, 0.5, 0.3), (4.0, 0.1, 1.0)])
@pytest.mark.parametrize(("mu", "ideal"), [(0.1, 0.0), (0.01, -0.3), (1.0, 0.1)])
def test_weights_are_the_slopes_of_torchjds_maximum(weights, mu, ideal):
    oracle = STCH(mu, torch.tensor(weights, dtype=torch.float64) if weights else None, torch.full((3,), ideal, dtype=torch.float64))
    for row in LOSSES:
        leaf = row.clone().requires_grad_()
        expected = torch.autograd.grad(oracle(leaf), leaf)[0]
        torch.testing.assert_close(SmoothChebyshev(weights, mu, ideal).weights_for(row), expected)


def test_the_sharpest_maximum_is_the_worst_task_alone():
    weights = SmoothChebyshev((0.5, 2.0, 1.0), mu=1e-4).weights_for(torch.tensor([1.0, 0.3, 0.55]))
    torch.testing.assert_close(weights, torch.tensor([0.0, 2.0, 0.0]))


def test_a_task_without_a_label_is_left_out_of_the_maximum():
    method = SmoothChebyshev((0.5, 2.0, 1.0))
    weights = method.weights_for(torch.tensor([1.0, float("nan"), 0.5]))
    torch.testing.assert_close(weights[[0, 2]], SmoothChebyshev((0.5, 1.0)).weights_for(torch.tensor([1.0, 0.5])))
    assert weights[1] == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (((1.0, 0.0),), "`weights` must be above zero"),
        (((), 0.0), "`mu` must be at least 0.0001"),
        (((), 0.1, float("nan")), "`ideal` must be"),
    ],
)
def test_impossible_settings_get_a_sentence(settings, message):
    with pytest.raises(ValueError, match=message):
        SmoothChebyshev(*settings)


def test_weights_for_another_number_of_tasks_get_a_sentence():
    with pytest.raises(ValueError, match="`weights` must have one number per task, 2; got 1"):
        SmoothChebyshev((1.0,)).start(2)
