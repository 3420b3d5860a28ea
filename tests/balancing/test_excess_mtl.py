"""ExcessMTL against its formulas in a plain loop, and on a task of noise."""

import pytest
import torch

from mtl_tutor.balancing import ExcessMTL
from tests.following import followed

LOSSES = torch.rand(12, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + 0.1
ROWS = torch.randn(12, 3, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("lr", [0.01, 1.0])
def test_weights_grow_by_the_excess_risk(lr):
    steps, weights = followed(ExcessMTL(lr), LOSSES, ROWS), torch.ones(3, dtype=torch.float64)
    squares, first = torch.zeros(3, 8, dtype=torch.float64), None
    for step, rows in enumerate(ROWS):
        squares = squares + rows**2
        excess = torch.stack([row @ torch.diag(1 / (sums + 1e-7).sqrt()) @ row for row, sums in zip(rows, squares, strict=True)])
        first = excess if first is None else first
        weights = weights * torch.exp(lr * excess / first)
        weights = 3 * weights / weights.sum()
        torch.testing.assert_close(steps.weights[step], weights)
        torch.testing.assert_close(steps.moves[step], weights @ rows)


def test_a_large_loss_that_nothing_lowers_attracts_no_weight():
    """The first task's gradient dies out, however large its loss stays; the second one's doesn't."""
    rows = torch.tensor([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]], dtype=torch.float64).repeat(30, 1, 1)
    rows[:, 0] *= 0.5 ** torch.arange(30, dtype=torch.float64)[:, None]
    weights = followed(ExcessMTL(0.5), torch.tensor([50.0, 1.0], dtype=torch.float64).expand(30, 2), rows).weights
    assert weights[-1, 1] > 2 * weights[-1, 0]


def test_losses_themselves_do_not_count():
    one, other = (followed(ExcessMTL(), losses, ROWS).weights for losses in (LOSSES, -100 * LOSSES))
    torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_an_excess_far_above_the_first_counts_as_thirty_times():
    rows = ROWS[:4].clone()
    rows[1, 0] *= 1e6
    rows[0, 0] *= 1e-3
    weights = followed(ExcessMTL(0.1), LOSSES[:4], rows).weights
    ratio = (weights[1, 0] / weights[0, 0]) / (weights[1, 1] / weights[0, 1])
    assert 1 < ratio <= torch.exp(torch.tensor(3.0, dtype=torch.float64))


@pytest.mark.parametrize("lr", [0.0, 11.0])
def test_an_impossible_rate_gets_a_sentence(lr):
    with pytest.raises(ValueError, match="`lr` must be above 0 and at most 10"):
        ExcessMTL(lr)
