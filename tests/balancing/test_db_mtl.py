"""DB-MTL against its formulas, with gradients of logarithms by autograd."""

import pytest
import torch

from mtl_tutor.balancing import DBMTL
from tests.following import followed

STREAM = torch.Generator().manual_seed(0)
X, Y = (torch.randn(6, 20, size, dtype=torch.float64, generator=STREAM) for size in (4, 3))  # six batches
NET = torch.randn(4, 3, dtype=torch.float64, generator=STREAM)


def in_batch(step: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Losses [task], their gradients [task param], and those of their logarithms, of a net whose every parameter is shared."""
    net = NET.clone().requires_grad_()
    losses = ((X[step] @ (net + net.sum(1, keepdim=True)) - Y[step]) ** 2).mean(0)
    slopes = [[torch.autograd.grad(one, net, retain_graph=True)[0].flatten() for one in all_] for all_ in (losses, losses.log())]
    return losses.detach(), torch.stack(slopes[0]), torch.stack(slopes[1])


BATCHES = [in_batch(step) for step in range(6)]
LOSSES, ROWS, OF_LOGS = (torch.stack(parts) for parts in zip(*BATCHES, strict=True))


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_running_means_of_the_logarithms_gradients_are_added_at_the_longest_length(beta):
    steps, usual = followed(DBMTL(beta), LOSSES, ROWS), torch.zeros(3, 12, dtype=torch.float64)
    for step in range(6):
        stays = beta / (step + 1) ** 0.5
        usual = torch.stack([stays * before + (1 - stays) * row for before, row in zip(usual, OF_LOGS[step], strict=True)])
        lengths = [row.norm() for row in usual]
        expected = sum(max(lengths) * row / length for row, length in zip(usual, lengths, strict=True))
        torch.testing.assert_close(steps.moves[step], expected)
        torch.testing.assert_close(steps.weights[step], 1 / LOSSES[step])


def test_a_task_without_a_label_takes_no_part_in_the_step():
    holes = LOSSES.clone()
    holes[2, 1] = float("nan")
    found = followed(DBMTL(), holes, ROWS).moves[2]
    torch.testing.assert_close(found, followed(DBMTL(), LOSSES[:, [0, 2]], ROWS[:, [0, 2]]).moves[2])


@pytest.mark.parametrize("beta", [1.0, -0.1])
def test_an_impossible_beta_gets_a_sentence(beta):
    with pytest.raises(ValueError, match=r"`beta` must lie in \[0, 1\)"):
        DBMTL(beta)
