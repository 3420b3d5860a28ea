"""What each loss weighting promises, on losses of all sizes; methods are found by themselves."""

import inspect

import numpy as np
import pytest
import torch

from mtl_tutor import balancing
from mtl_tutor.balancing import (
    DBMTL,
    FAMO,
    IMTLL,
    Balancing,
    DynamicTaskPriority,
    ExcessMTL,
    GradientSurgery,
    GradNorm,
    HybridBalancing,
    LossWeighting,
    SmoothChebyshev,
    UnitNormalised,
    WeightSchedule,
)

PROMISES = {
    "DBMTL": {"order", "units"},
    "DynamicTaskPriority": {"order"},
    "DynamicWeightAverage": {"order", "units", "sum"},
    "EqualWeighting": {"order", "sum"},
    "ExcessMTL": {"order"},
    "FAMO": {"order", "units"},
    "FixedWeighting": set(),
    "GradNorm": {"order"},
    "IMTLL": {"order"},
    "RandomLossWeighting": {"sum"},
    "ScaleInvariantWeighting": {"order", "units"},
    "SmoothChebyshev": {"order"},
    "UncertaintyWeighting": {"order"},
    "UnitNormalised": set(),
    "WeightSchedule": set(),
}
"""Method -> what it promises. "units": a loss in another unit moves the net as before; "sum": weights sum to the number of tasks."""
SETTINGS = dict.fromkeys(("FixedWeighting", "UnitNormalised"), ((1.0, 0.5, 2.0),))
SETTINGS["WeightSchedule"] = ((1.0, 0.5, 2.0), (1.0, 1.0, 1.0), 4)
LOSSES = torch.rand(12, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + 0.1
ROWS = torch.randn(12, 3, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
NOISE = torch.randn(12, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
ABSENT = [(2, 0), (3, 0), (0, 1)]
"""(step, task): where a task has no label."""


def built(name: str) -> Balancing:
    return getattr(balancing, name)(*SETTINGS.get(name, ()))


def found() -> set[str]:
    """The package's methods that weigh losses, whatever else they look at."""
    kinds = {name: kind for name in balancing.__all__ if inspect.isclass(kind := getattr(balancing, name)) and not inspect.isabstract(kind)}
    weigh = {name for name, kind in kinds.items() if issubclass(kind, LossWeighting | HybridBalancing)}
    return weigh - {name for name in weigh if issubclass(kinds[name], GradientSurgery)}


def followed(method: Balancing, losses: torch.Tensor, rows: torch.Tensor, noise: torch.Tensor = NOISE) -> tuple[torch.Tensor, torch.Tensor]:
    """What every step moves the shared parameters by, and the weights of the tasks' own."""
    n_tasks, dtype = losses.shape[1], losses.dtype
    is_hybrid = isinstance(method, HybridBalancing)
    state = method.start_for(n_tasks, (3, rows.shape[2] - 3)) if is_hybrid else method.start(n_tasks)
    state = tuple(part.to(dtype) if part.is_floating_point() else part for part in state)
    moves, weights = [], []
    for loss, jacobian, drawn in zip(losses, rows, noise, strict=True):
        if isinstance(method, HybridBalancing):
            move, weight, state = method.balance(loss, torch.where(loss.isnan()[:, None], 0, jacobian), state, drawn)
        else:
            weight, state = method.weigh(loss, state, drawn)
            move = torch.where(loss.isnan(), 0, weight) @ torch.where(loss.isnan()[:, None], 0, jacobian)
        moves.append(move)
        weights.append(weight)
    return torch.stack(moves), torch.stack(weights)


def test_every_weighting_says_what_it_promises():
    assert found() == PROMISES.keys()


@pytest.mark.parametrize("name", PROMISES)
@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_moves_are_finite_for_losses_of_all_sizes_and_for_zero(name, size, dtype):
    losses, rows = LOSSES.clone(), ROWS.clone()
    losses[4:6, 1], rows[4:6, 1] = 0, 0  # a task without an error pulls at nothing
    moves, weights = followed(built(name), (losses * size).to(dtype), (rows * size).to(dtype), NOISE.to(dtype))
    assert moves.isfinite().all()
    assert weights.isfinite().all()
    assert (weights >= 0).all()


@pytest.mark.parametrize("name", PROMISES)
def test_a_task_without_a_label_leaves_no_trace_of_nan(name):
    losses = LOSSES.clone()
    for step, task in ABSENT:
        losses[step, task] = float("nan")
    never = LOSSES.clone()
    never[:, 2] = float("nan")
    for holes in (losses, never):
        moves, weights = followed(built(name), holes, ROWS)
        assert moves.isfinite().all()
        assert weights[~holes.isnan()].isfinite().all()
    assert not torch.equal(followed(built(name), losses, ROWS)[0][5], torch.zeros(8))


@pytest.mark.parametrize("name", [name for name, promises in PROMISES.items() if "order" in promises])
def test_the_order_of_tasks_changes_nothing(name):
    moves, weights = followed(built(name), LOSSES, ROWS)
    turned, reversed_ = followed(built(name), LOSSES.flip(1), ROWS.flip(1))
    torch.testing.assert_close(turned, moves)
    torch.testing.assert_close(reversed_.flip(1), weights)


@pytest.mark.parametrize("name", [name for name, promises in PROMISES.items() if "units" in promises])
def test_another_unit_of_a_loss_moves_the_net_as_before(name):
    units = torch.tensor([1e4, 1.0, 1e-3], dtype=torch.float64)
    method = built(name)
    moves, weights = followed(method, LOSSES, ROWS)
    in_units, their_weights = followed(method, LOSSES * units, ROWS * units[:, None])
    if name in ("ScaleInvariantWeighting", "FAMO", "DBMTL"):  # dynamic averages know no units, but don't change them either
        length = [one.norm(dim=1, keepdim=True) for one in (moves, in_units)]
        torch.testing.assert_close(in_units / length[1], moves / length[0])
        share = [one / one.sum(1, keepdim=True) for one in (weights, their_weights * units)]
        torch.testing.assert_close(share[1], share[0])
    else:
        torch.testing.assert_close(their_weights, weights)


@pytest.mark.parametrize("name", [name for name, promises in PROMISES.items() if "sum" in promises])
def test_weights_sum_to_the_number_of_tasks(name):
    torch.testing.assert_close(followed(built(name), LOSSES, ROWS)[1].sum(1), torch.full((12,), 3.0, dtype=torch.float64))


# ---- each by itself --------------------------------------------------------------------------------------------------


def test_gradnorm_descends_its_own_loss():
    """The slope by autograd, with the target held fixed, as the paper says; Adam's first step is its sign times the rate."""
    method, losses, jacobian = GradNorm(alpha=0.5, lr=0.1), LOSSES[0], ROWS[0]
    state = tuple(part.double() for part in method.start_for(3, (3, 5)))
    _, _, state = method.balance(LOSSES[1], ROWS[1], state, torch.zeros(0))
    weights, first = state[0].clone().requires_grad_(), state[1]
    length = weights * jacobian[:, 3:].norm(dim=1)  # the last shared layer has five parameters
    rate = losses / first / (losses / first).mean()
    loss = (length - (length.mean() * rate**0.5).detach()).abs().sum()
    slope = torch.autograd.grad(loss, weights)[0]
    _, _, after = method.balance(losses, jacobian, state, torch.zeros(0))
    mean, square = 0.9 * state[3] + 0.1 * slope, 0.999 * state[4] + 0.001 * slope**2
    moved = state[0] - 0.1 * (mean / (1 - 0.9**2)) / ((square / (1 - 0.999**2)).sqrt() + 1e-8)
    torch.testing.assert_close(after[0], moved * 3 / moved.sum())


def test_gradnorm_brings_gradients_of_far_different_lengths_to_one():
    lengths = torch.tensor([100.0, 1.0, 10.0], dtype=torch.float64)
    method, rows = GradNorm(alpha=0.0, lr=0.002), torch.diag(lengths)
    state = tuple(part.double() for part in method.start_for(3, (3,)))
    for _ in range(3000):
        *_, state = method.balance(torch.ones(3, dtype=torch.float64), rows, state, torch.zeros(0))
    length = state[0] * rows.norm(dim=1)
    assert length.max() / length.min() < 1.2


def test_scales_make_constant_losses_one():
    method, losses = IMTLL(lr=0.05), torch.tensor([4.0, 0.25], dtype=torch.float64)
    state = tuple(part.double() for part in method.start(2))
    for _ in range(2000):
        weights, state = method.weigh(losses, state, torch.zeros(0))
    torch.testing.assert_close(weights * losses, torch.ones(2, dtype=torch.float64), rtol=1e-3, atol=0)


def test_famo_follows_autograd_through_the_softmax():
    method = FAMO(lr=0.1, decay=0.01)
    state = tuple(part.double() for part in method.start(3))
    _, state = method.weigh(LOSSES[0], state, torch.zeros(0))
    numbers = state[0].clone().requires_grad_()
    slope = torch.autograd.grad((numbers.softmax(0) * (LOSSES[0].log() - LOSSES[1].log())).sum(), numbers)[0] + 0.01 * state[0]
    weights, after = method.weigh(LOSSES[1], state, torch.zeros(0))
    torch.testing.assert_close(after[0], -0.1 * slope / (slope.abs() + 1e-8))
    torch.testing.assert_close(weights, after[0].softmax(0) / LOSSES[1] / (after[0].softmax(0) / LOSSES[1]).sum())


def test_hard_tasks_come_first():
    weights, _ = DynamicTaskPriority().weigh(torch.tensor([0.01, 0.5, 3.0]), DynamicTaskPriority().start(3), torch.zeros(0))
    assert weights[0] < weights[1] < weights[2]


def test_smooth_chebyshev_is_the_slope_of_its_formula():
    losses = LOSSES[0].clone().requires_grad_()
    weights = torch.tensor([0.2, 0.5, 0.3], dtype=torch.float64)
    formula = 0.05 * torch.logsumexp(weights * (losses - 0.1) / 0.05, 0)
    found = SmoothChebyshev((0.2, 0.5, 0.3), mu=0.05, ideal=0.1).weights_for(losses.detach())
    torch.testing.assert_close(found, torch.autograd.grad(formula, losses)[0])


def test_a_schedule_goes_from_its_first_to_its_last_weights():
    for shape, middle in (("linear", 0.5), ("cosine", 0.5)):
        _, weights = followed(WeightSchedule((1.0, 1.0, 1.0), (1.0, 0.0, 2.0), 4, shape), LOSSES, ROWS)
        assert weights[0].tolist() == [1.0, 1.0, 1.0]
        np.testing.assert_allclose(weights[2], [1.0, middle, 1.5])
        np.testing.assert_allclose(weights[4:], np.tile([1.0, 0.0, 2.0], (8, 1)), atol=1e-12)


def test_noise_attracts_no_weight_from_excess_risks():
    """One task's gradient dies out, however large its loss stays; the other's doesn't."""
    method = ExcessMTL(lr=0.5)
    state = tuple(part.double() for part in method.start_for(2, (4,)))
    rows = torch.tensor([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]], dtype=torch.float64)
    for step in range(30):
        fading = rows * torch.tensor([[0.5**step], [1.0]], dtype=torch.float64)
        _, weights, state = method.balance(torch.tensor([50.0, 1.0], dtype=torch.float64), fading, state, torch.zeros(0))
    assert weights[1] > 2 * weights[0]


def test_dual_balancing_adds_gradients_of_one_length():
    method = DBMTL(beta=0.0)
    state = tuple(part.double() for part in method.start_for(3, (8,)))
    move, weights, _ = method.balance(LOSSES[0], ROWS[0], state, torch.zeros(0))
    of_logs = ROWS[0] / LOSSES[0][:, None]
    unit = of_logs / of_logs.norm(dim=1, keepdim=True)
    torch.testing.assert_close(move, of_logs.norm(dim=1).max() * unit.sum(0))
    torch.testing.assert_close(weights, 1 / LOSSES[0])


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (UnitNormalised, ((1.0, 0.0),), "`single_task` must hold a positive loss"),
        (WeightSchedule, ((1.0, -1.0), (1.0, 1.0)), "`first` must be zero or more"),
        (WeightSchedule, ((1.0, 1.0), (1.0,)), "`last` must have as many weights"),
        (IMTLL, (0.0,), "`lr` must be positive"),
        (FAMO, (0.1, 2.0), r"`decay` must lie in \[0, 1\]"),
        (DynamicTaskPriority, (11.0,), r"`gamma` must lie in \[0, 10\]"),
        (SmoothChebyshev, ((1.0, 0.0),), "`weights` must be above zero"),
        (SmoothChebyshev, ((), 0.0), "`mu` must be at least 0.0001"),
        (GradNorm, (-1.0,), r"`alpha` must lie in \[0, 10\]"),
        (DBMTL, (1.0,), r"`beta` must lie in \[0, 1\)"),
        (ExcessMTL, (0.0,), "`lr` must be above 0"),
    ],
)
def test_impossible_settings_get_a_sentence(kind, settings, message):
    with pytest.raises(ValueError, match=message):
        kind(*settings)


@pytest.mark.parametrize("method", [UnitNormalised((1.0,)), WeightSchedule((1.0,), (1.0,)), SmoothChebyshev((1.0,))], ids=repr)
def test_settings_for_another_number_of_tasks_get_a_sentence(method):
    with pytest.raises(ValueError, match="per task, 2; got 1"):
        method.start(2)
