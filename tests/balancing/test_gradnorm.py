"""GradNorm against its own loss by autograd, and on the toy of its paper."""

import pytest
import torch
from torch import nn

from mtl_tutor.balancing import EqualWeighting, GradNorm
from tests.following import first_state, followed

LOSSES = torch.rand(12, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + 0.1
ROWS = torch.randn(12, 3, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def by_autograd(alpha: float, lr: float) -> tuple[torch.Tensor, torch.Tensor]:
    """The weights after every step, and the moves: the paper's loss, its target held fixed, under torch's Adam."""
    weights = torch.ones(3, dtype=torch.float64, requires_grad=True)
    optimizer, found, moves = torch.optim.Adam([weights], lr=lr), [], []
    for losses, rows in zip(LOSSES, ROWS, strict=True):
        moves.append(weights.detach() @ rows)
        lengths = torch.stack([(weight * row[3:]).norm() for weight, row in zip(weights, rows, strict=True)])  # the last layer
        ratios = losses / LOSSES[0]
        target = (lengths.mean() * (ratios / ratios.mean()) ** alpha).detach()
        optimizer.zero_grad()
        (lengths - target).abs().sum().backward()
        optimizer.step()
        with torch.no_grad():
            weights *= 3 / weights.sum()
        found.append(weights.detach().clone())
    return torch.stack(found), torch.stack(moves)


@pytest.mark.parametrize("alpha", [0.0, 0.12, 1.5])
def test_the_weights_descend_the_papers_loss(alpha):
    weights, moves = by_autograd(alpha, lr=0.05)
    steps = followed(GradNorm(alpha, lr=0.05), LOSSES, ROWS, layers=(3, 5))
    torch.testing.assert_close(torch.stack([state[0] for state in steps.states[1:]]), weights)
    torch.testing.assert_close(steps.weights[1:], weights[:-1])
    torch.testing.assert_close(steps.moves, moves)


def test_only_the_last_shared_layer_counts():
    other = ROWS.clone()
    other[..., :3] *= 100
    one, two = (followed(GradNorm(), LOSSES, rows, layers=(2, 1, 5)).weights for rows in (ROWS, other))
    torch.testing.assert_close(one, two)


def test_gradients_of_far_different_lengths_are_brought_to_one():
    lengths = torch.tensor([100.0, 1.0, 10.0], dtype=torch.float64)
    steps = followed(GradNorm(0.0, lr=0.002), torch.ones(3000, 3, dtype=torch.float64), torch.diag(lengths).expand(3000, 3, 3))
    length = steps.weights[-1] * lengths
    assert length.max() / length.min() < 1.2


def test_a_slower_task_gets_more_from_a_larger_alpha():
    losses = torch.ones(200, 2, dtype=torch.float64)
    losses[1:, 1] = 0.2  # the second has fallen to a fifth
    first = [followed(GradNorm(alpha, lr=0.002), losses, ROWS[:1, :2].expand(200, 2, 8)).weights[-1, 0] for alpha in (0.0, 1.0)]
    assert first[1] > first[0]


def test_from_a_million_times_the_first_loss_on_it_counts_as_a_million_times():
    losses = torch.ones(40, 3, dtype=torch.float64)
    losses[0] = torch.tensor([1e-8, 1e-10, 1.0])
    weights = followed(GradNorm(lr=0.002), losses, torch.eye(3, dtype=torch.float64).expand(40, 3, 3)).weights[-1]
    torch.testing.assert_close(weights[0], weights[1])
    assert weights[0] > weights[2]


def tasks_of_the_paper() -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Inputs, and the targets ``sigma tanh((B + E) x)`` of two tasks: the same but for E and a sigma of 1 and 100."""
    stream = torch.Generator().manual_seed(0)
    x, common = torch.randn(200, 10, generator=stream), torch.randn(10, 5, generator=stream)
    return x, [sigma * torch.tanh(x @ (common + 0.35 * torch.randn(10, 5, generator=stream)) / 10**0.5) for sigma in (1, 100)]


def trained(method: GradNorm | EqualWeighting, steps: int = 400) -> tuple[torch.Tensor, torch.Tensor]:
    """Losses in units of the first ones, and the last weights, of a plain loop over the paper's tasks."""
    x, targets = tasks_of_the_paper()
    torch.manual_seed(0)
    trunk = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
    heads = nn.ModuleList(nn.Linear(32, 5) for _ in targets)
    shared, losses = list(trunk.parameters()), torch.ones(2)
    optimizer = torch.optim.Adam([*shared, *heads.parameters()], lr=0.01)
    state, weights, first = first_state(method, 2, (352, 1056), torch.float32), torch.ones(2), None
    for _ in range(steps):
        features = trunk(x)
        losses = torch.stack([((head(features) - y) ** 2).mean() for head, y in zip(heads, targets, strict=True)])
        if isinstance(method, GradNorm):
            slopes = [torch.autograd.grad(loss, shared, retain_graph=True) for loss in losses]
            rows = torch.stack([torch.cat([slope.flatten() for slope in slopes_]) for slopes_ in slopes])
            _, weights, state = method.balance(losses.detach(), rows, state, torch.zeros(0))
        first = losses.detach() if first is None else first
        optimizer.zero_grad()
        (weights * losses).sum().backward()
        optimizer.step()
    return losses.detach() / first, weights


def test_the_papers_toy_trains_at_one_rate():
    """With equal weights, the task of numbers a hundred times as large is learned much faster than the other."""
    equal, _ = trained(EqualWeighting())
    found, weights = trained(GradNorm(alpha=0.12))
    assert equal[0] > 5 * equal[1]
    assert (found.log().diff().abs() < equal.log().diff().abs() / 2).all()
    assert weights[1] < 0.1 * weights[0]


@pytest.mark.parametrize(
    ("settings", "message"),
    [((-1.0,), r"`alpha` must lie in \[0, 10\]"), ((11.0,), r"`alpha` must lie in \[0, 10\]"), ((1.0, 0.0), "`lr` must be positive")],
)
def test_impossible_settings_get_a_sentence(settings, message):
    with pytest.raises(ValueError, match=message):
        GradNorm(*settings)
