"""What each loss weighting promises, on losses of all sizes; methods are found by themselves."""

import inspect

import pytest
import torch

from mtl_tutor import balancing
from mtl_tutor.balancing import Balancing, ExcessMTL, GradientSurgery, GradNorm, HybridBalancing, LossWeighting
from tests.following import followed

PROMISES = {
    "DBMTL": {"order", "units", "apart", "left out"},
    "DynamicTaskPriority": {"order", "apart", "left out"},
    "DynamicWeightAverage": {"order", "same weights", "sum", "apart"},
    "EqualWeighting": {"order", "same weights", "sum", "apart", "left out"},
    "ExcessMTL": {"order", "same weights", "sum", "left out"},
    "FAMO": {"order", "units", "left out"},
    "FixedWeighting": {"same weights", "apart", "left out"},
    "GradNorm": {"order", "sum", "apart", "left out"},
    "IMTLL": {"order", "apart", "left out"},
    "RandomLossWeighting": {"order", "same weights", "sum", "apart"},
    "ScaleInvariantWeighting": {"order", "units", "apart", "left out"},
    "SmoothChebyshev": {"order"},
    "UncertaintyWeighting": {"order", "apart", "left out"},
    "UnitNormalised": {"same weights", "apart", "left out"},
    "WeightSchedule": {"same weights", "apart", "left out"},
}
"""Method -> what it promises; what isn't named here doesn't hold, and that is tested too.

- "order": tasks in another order are treated as before.
- "units": with losses in other units, the net moves as before, up to one factor for all tasks.
- "same weights": the weights stay the same when losses are in other units; so the task whose numbers grow counts more.
- "sum": weights sum to the number of tasks.
- "apart": where a task has no label in a batch, the weights of the others in this step are what they are with it.
- "left out": a task that never has a label leaves the others alone, as if it weren't there.
"""
SETTINGS = dict.fromkeys(("FixedWeighting", "UnitNormalised"), ((1.0, 0.5, 2.0),))
SETTINGS["WeightSchedule"] = ((1.0, 0.5, 2.0), (1.0, 1.0, 1.5))
REMEMBERS_EPOCHS = "DynamicWeightAverage"
"""An epoch without a label counts as one in which the loss stayed, so this memory does move."""
LOSSES = torch.rand(12, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + 0.1
ROWS = torch.randn(12, 3, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
NOISE = torch.randn(12, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
UNITS = torch.tensor([1e3, 1.0, 10.0], dtype=torch.float64)
ABSENT = [(0, 1), (2, 0), (3, 0), (3, 2), (11, 1)]
"""(step, task): where a task has no label."""


def built(name: str, n_tasks: int = 3) -> Balancing:
    return getattr(balancing, name)(*(weights[:n_tasks] for weights in SETTINGS.get(name, ())))


def found() -> set[str]:
    """The package's methods that weigh losses, whatever else they look at."""
    kinds = {name: kind for name in balancing.__all__ if inspect.isclass(kind := getattr(balancing, name)) and not inspect.isabstract(kind)}
    weigh = {name for name, kind in kinds.items() if issubclass(kind, LossWeighting | HybridBalancing)}
    return weigh - {name for name in weigh if issubclass(kinds[name], GradientSurgery)}


def with_holes() -> torch.Tensor:
    losses = LOSSES.clone()
    for step, task in ABSENT:
        losses[step, task] = float("nan")
    return losses


def alike(*pairs: tuple[torch.Tensor, torch.Tensor]) -> bool:
    return all(torch.allclose(a, b, rtol=1e-4, atol=1e-8) for a, b in pairs)


def steps(name: str, losses: torch.Tensor = LOSSES, rows: torch.Tensor = ROWS, noise: torch.Tensor = NOISE):
    return followed(built(name, losses.shape[1]), losses, rows, noise, (3, rows.shape[2] - 3))


def keeps(name: str, promise: str, holds: bool) -> None:
    assert holds == (promise in PROMISES[name]), f"{name}: {promise!r} {'holds' if holds else 'is broken'}"


def test_every_weighting_says_what_it_promises():
    assert found() == PROMISES.keys()


@pytest.mark.parametrize("name", PROMISES)
@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("zeros", [slice(4, 6), slice(1), slice(None)], ids=["zero later", "zero first", "always zero"])
def test_moves_are_finite_for_losses_of_all_sizes_and_for_zero(name, size, dtype, zeros):
    losses, rows = LOSSES.clone(), ROWS.clone()
    losses[zeros, 1], rows[zeros, 1] = 0, 0  # a task without an error pulls at nothing
    moves, weights, states = steps(name, (losses * size).to(dtype), (rows * size).to(dtype), NOISE.to(dtype))
    assert moves.isfinite().all()
    assert weights.isfinite().all()
    assert (weights >= 0).all()
    assert all(part.dtype == dtype for part in (moves, weights, *states[-1]))


@pytest.mark.parametrize("method", [ExcessMTL(10.0), GradNorm(10.0, 1.0), GradNorm(0.0)], ids=repr)
@pytest.mark.parametrize("first", [0.0, 1e-6])
def test_moves_are_finite_at_the_ends_of_the_settings(method, first):
    losses, rows = LOSSES.clone().float(), ROWS.clone().float()
    losses[0, 1], rows[0, 1] = first, rows[0, 1] * first
    moves, weights, _ = followed(method, losses * 1e3, rows * 1e3)
    assert moves.isfinite().all()
    assert weights.isfinite().all()


@pytest.mark.parametrize("name", PROMISES)
def test_a_task_without_a_label_leaves_no_trace_of_nan(name):
    never, nothing = LOSSES.clone(), LOSSES.clone()
    never[:, 2] = nothing[1] = float("nan")  # in the latter, no task has a label in the second batch
    for holes in (with_holes(), never, nothing):
        moves, weights, _ = steps(name, holes)
        assert moves.isfinite().all()
        assert weights[~holes.isnan()].isfinite().all()
        moving = moves.abs().sum(1) > 0
        assert (moving == ~holes.isnan().all(1)).all()


@pytest.mark.parametrize("name", [name for name in PROMISES if name != REMEMBERS_EPOCHS])
def test_what_is_remembered_of_a_task_without_a_label_stays(name):
    states = steps(name, with_holes()).states
    for step, task in ABSENT:
        for before, after in zip(states[step], states[step + 1], strict=True):
            if before.shape[:1] == (3,):
                torch.testing.assert_close(after[task], before[task], rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("name", PROMISES)
def test_the_other_tasks_weights_where_one_has_no_label(name):
    same = []
    for step, task in ABSENT:
        holes = LOSSES[: step + 1].clone()
        holes[step, task] = float("nan")
        others = [other for other in range(3) if other != task]
        weights = [steps(name, losses, ROWS[: step + 1]).weights[step, others] for losses in (LOSSES[: step + 1], holes)]
        same.append(alike(tuple(weights)))
    keeps(name, "apart", all(same))


@pytest.mark.parametrize("name", PROMISES)
def test_the_other_tasks_where_one_never_has_a_label(name):
    losses = LOSSES.clone()
    losses[:, 2] = float("nan")
    three, two = steps(name, losses), steps(name, LOSSES[:, :2], ROWS[:, :2], NOISE[:, :2])
    keeps(name, "left out", alike((three.moves, two.moves), (three.weights[:, :2], two.weights)))


@pytest.mark.parametrize("name", PROMISES)
def test_the_order_of_tasks(name):
    one, other = steps(name), steps(name, LOSSES.flip(1), ROWS.flip(1), NOISE.flip(1))
    keeps(name, "order", alike((one.moves, other.moves), (one.weights, other.weights.flip(1))))


@pytest.mark.parametrize("name", PROMISES)
def test_losses_in_other_units(name):
    one, other = steps(name), steps(name, LOSSES * UNITS, ROWS * UNITS[:, None])
    directions = [one_.moves / one_.moves.norm(dim=1, keepdim=True) for one_ in (one, other)]
    shares = [weights / weights.sum(1, keepdim=True) for weights in (one.weights, other.weights * UNITS)]
    keeps(name, "units", alike(tuple(directions), tuple(shares)))
    keeps(name, "same weights", alike((one.weights, other.weights)))


@pytest.mark.parametrize("name", PROMISES)
def test_the_sum_of_weights(name):
    keeps(name, "sum", alike((steps(name).weights.sum(1), torch.full((12,), 3.0, dtype=torch.float64))))
