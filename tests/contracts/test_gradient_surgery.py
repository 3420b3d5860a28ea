"""What each gradient surgery promises, on gradients of all kinds; methods are found by themselves."""

import inspect
import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from mtl_tutor import balancing
from mtl_tutor.balancing import (
    IMTLG,
    MGDA,
    AlignedMTL,
    CAGrad,
    ConFIG,
    CosineGating,
    FairGrad,
    GradientSurgery,
    GradVac,
    NashMTL,
    UPGrad,
)

METHODS = {
    name: kind()
    for name in balancing.__all__
    if inspect.isclass(kind := getattr(balancing, name)) and issubclass(kind, GradientSurgery) and not inspect.isabstract(kind)
}
PROMISES = {
    "AlignedMTL": {"order", "left out"},
    "CAGrad": {"order", "left out", "one way: mean"},
    "ConFIG": {"order", "left out", "no task loses", "one way: sum"},
    "CosineGating": {"one way: sum"},
    "FairGrad": {"order", "left out", "no task loses"},
    "GradDrop": {"left out", "one way: sum"},
    "GradVac": {"one way: sum"},
    "IMTLG": {"order", "left out", "no task loses", "one way: mean"},
    "MGDA": {"order", "left out", "no task loses"},
    "NashMTL": {"order", "left out", "no task loses", "units"},
    "PCGrad": {"left out", "one way: sum"},
    "UPGrad": {"order", "left out", "no task loses", "one way: mean"},
}
"""Method -> what it promises. "units": the direction stays when gradients are multiplied. "one way": of equal gradients."""


def gradients(kind: str, n_tasks: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """A Jacobian [task param] of a kind."""
    rows = torch.randn(n_tasks, 20, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    if kind == "conflicting":  # every two have a cosine near -0.9 / (n - 1)
        rows = rows - 0.9 * rows.mean(0) * n_tasks / max(n_tasks - 1, 1)
    elif kind == "nearly parallel":
        rows = rows[:1] + 1e-3 * rows
    elif kind == "parallel":
        rows = rows[:1] * torch.linspace(1, 2, n_tasks, dtype=torch.float64)[:, None]
    elif kind == "zero row":
        rows[1] = 0
    elif kind == "huge ratio":
        rows = rows * torch.logspace(0, 3, n_tasks, dtype=torch.float64)[:, None]
    elif kind == "stationary":
        rows[-1] = -rows[:-1].sum(0)
    elif kind == "opposite":
        rows[1] = -rows[0]
    elif kind == "all zero":
        rows = 0 * rows
    return rows.to(dtype)


ORDINARY = ["random", "conflicting", "nearly parallel", "huge ratio"]
KINDS = [*ORDINARY, "parallel", "zero row", "stationary", "opposite", "all zero"]


def direction(method: GradientSurgery, jacobian: torch.Tensor, seed: int = 0) -> torch.Tensor:
    n_tasks = len(jacobian)
    noise = torch.randn(method.noise_shape(n_tasks), generator=torch.Generator().manual_seed(seed), dtype=jacobian.dtype)
    state = tuple(part.to(jacobian.dtype) for part in method.start(n_tasks))
    return method.combine(jacobian, state, noise)[0]


def promising(what: str) -> list[str]:
    return [name for name, promises in PROMISES.items() if what in promises]


def cosines(one: torch.Tensor, jacobian: torch.Tensor) -> torch.Tensor:
    return (jacobian.double() @ one.double()) / (jacobian.double().norm(dim=1) * one.double().norm()).clamp(min=1e-300)


def close(one: torch.Tensor, other: torch.Tensor, rtol: float = 1e-6) -> None:
    """Compare directions by the length of their difference."""
    assert float((one - other).norm()) <= rtol * float(other.norm()) + 1e-12


def test_every_surgery_says_what_it_promises():
    assert METHODS.keys() == PROMISES.keys()


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_directions_are_finite(name, kind, dtype):
    for n_tasks in (2, 3, 8):
        found = direction(METHODS[name], gradients(kind, n_tasks, dtype=dtype))
        assert found.isfinite().all()
        assert found.dtype == dtype


@pytest.mark.parametrize("name", promising("order"))
@pytest.mark.parametrize("kind", ORDINARY)
def test_the_order_of_tasks_changes_nothing(name, kind):
    for n_tasks in (2, 3, 8):
        rows = gradients(kind, n_tasks)
        close(direction(METHODS[name], rows.flip(0)), direction(METHODS[name], rows))


@pytest.mark.parametrize("name", promising("left out"))
@pytest.mark.parametrize("kind", ORDINARY)
def test_a_task_without_a_gradient_is_left_out(name, kind):
    for n_tasks in (2, 3, 7):
        rows = gradients(kind, n_tasks)
        added = torch.cat([rows, torch.zeros_like(rows[:1])])
        method = METHODS[name]
        if name == "PCGrad":  # its order of visits has a place more
            noise = torch.randn(n_tasks + 1, n_tasks + 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
            close(method.combine(added, (), noise)[0], method.combine(rows, (), noise[:-1, :-1])[0])
        else:
            close(direction(method, added), direction(method, rows))


@pytest.mark.parametrize("name", promising("no task loses"))
@pytest.mark.parametrize("kind", ORDINARY)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_no_task_loses_to_first_order(name, kind, dtype):
    least = -1e-5 if dtype == torch.float32 else -1e-9
    for n_tasks, seed in itertools.product((2, 3, 8), range(5)):
        rows = gradients(kind, n_tasks, seed, dtype)
        assert cosines(direction(METHODS[name], rows), rows).min() >= least


@pytest.mark.parametrize("name", promising("units"))
def test_units_of_losses_leave_the_direction(name):
    for n_tasks in (2, 3, 8):
        rows = gradients("conflicting", n_tasks)
        units = torch.logspace(-3, 3, n_tasks, dtype=torch.float64)[:, None]
        close(direction(METHODS[name], rows * units), direction(METHODS[name], rows))


@pytest.mark.parametrize("name", PROMISES)
def test_equal_gradients_give_their_mean_or_their_sum(name):
    size = next((promise[9:] for promise in PROMISES[name] if promise.startswith("one way")), "")
    rows = gradients("random", 1).repeat(3, 1)
    found, scale = direction(METHODS[name], rows), {"mean": 1.0, "sum": 3.0}.get(size)
    if name == "CAGrad":
        scale = 1.5  # the mean gradient, longer by its c of 0.5
    if scale is None:
        assert cosines(found, rows).min() > 1 - 1e-6
    else:
        close(found, scale * rows[0], 1e-4)


# ---- against brute force ---------------------------------------------------------------------------------------------


def least_norm(rows: np.ndarray) -> np.ndarray:
    """The shortest convex combination, from the solutions for all sets of tasks."""
    best = rows[0]
    for size in range(1, len(rows) + 1):
        for chosen in itertools.combinations(range(len(rows)), size):
            some = rows[list(chosen)]
            weights = np.linalg.lstsq(some @ some.T, np.ones(size), rcond=None)[0]
            if weights.sum() > 0 and (weights >= 0).all():
                best = min(best, weights @ some / weights.sum(), key=np.linalg.norm)
    return best


def projected(one: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The point of the cone in which no task loses that is nearest to a gradient, from all sets of tasks."""
    best, distance = np.zeros_like(one), np.inf
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    for size in range(len(rows) + 1):
        for chosen in itertools.combinations(range(len(rows)), size):
            some = unit[list(chosen)]
            found = one - some.T @ np.linalg.lstsq(some @ some.T, some @ one, rcond=None)[0] if size else one
            inside = (unit @ found >= -1e-10 * np.linalg.norm(one)).all()
            if inside and np.linalg.norm(found - one) < distance:
                best, distance = found, np.linalg.norm(found - one)
    return best


@pytest.mark.parametrize("kind", ORDINARY)
@pytest.mark.parametrize("n_tasks", [2, 3, 5])
def test_mgda_is_the_shortest_mixture(kind, n_tasks):
    for seed in range(10):
        rows = gradients(kind, n_tasks, seed)
        found, best = direction(MGDA(), rows).numpy(), least_norm(rows.numpy())
        assert np.linalg.norm(found - best) < 1e-6 * np.linalg.norm(rows.numpy(), axis=1).min()


@pytest.mark.parametrize("kind", ORDINARY)
@pytest.mark.parametrize("n_tasks", [2, 3, 5])
def test_upgrad_is_the_mean_of_projections(kind, n_tasks):
    for seed in range(10):
        rows = gradients(kind, n_tasks, seed)
        expected = np.mean([projected(one, rows.numpy()) for one in rows.numpy()], axis=0)
        close(direction(UPGrad(), rows), torch.from_numpy(expected))


@pytest.mark.parametrize("method", [MGDA(), UPGrad(), NashMTL()], ids=repr)
@pytest.mark.parametrize("cosine", [-0.5, -0.9])
@pytest.mark.parametrize("ratio", [1.0, 30.0, 1000.0])
def test_single_precision_is_enough_for_gradients_of_far_different_lengths(method, cosine, ratio):
    rows = torch.tensor([[1.0, 0.0], [ratio * cosine, ratio * (1 - cosine**2) ** 0.5]], dtype=torch.float64)
    exact, found = direction(method, rows), direction(method, rows.float()).double()
    close(found, exact, 1e-4)
    assert cosines(found, rows).min() > -1e-6


@pytest.mark.parametrize("n_tasks", [2, 3, 8])
def test_nash_solves_its_equation(n_tasks):
    for kind, seed in itertools.product(ORDINARY, range(5)):
        rows = gradients(kind, n_tasks, seed)
        gramian = rows @ rows.T
        weights, _ = NashMTL().weigh(gramian, (), torch.zeros(0))
        torch.testing.assert_close((gramian @ weights) * weights, torch.ones(n_tasks, dtype=torch.float64), rtol=0, atol=1e-6)


def in_a_plane(*degrees: float) -> torch.Tensor:
    """Unit gradients at these angles."""
    angles = torch.tensor(degrees, dtype=torch.float64).deg2rad()
    return torch.stack([angles.cos(), angles.sin()], 1)


@pytest.mark.parametrize("angle", [0.5, 1.0, 5.0])
@pytest.mark.parametrize("method", [NashMTL(), FairGrad(1.0), FairGrad(2.0), FairGrad(5.0)], ids=repr)
def test_gradients_that_are_nearly_opposite_are_solved_too(method, angle):
    power = -1 / getattr(method, "alpha", 1.0)
    far = torch.tensor([[1.0], [100.0], [0.01]], dtype=torch.float64)
    planes = [(0, 180 - angle), (0, 180 - angle, 90), (0, 180 - angle, 1)]
    for rows in (*(in_a_plane(*degrees) for degrees in planes), far * in_a_plane(*planes[1])):
        gramian = rows @ rows.T
        weights, _ = method.weigh(gramian, (), torch.zeros(0))
        torch.testing.assert_close(gramian @ weights / weights**power, torch.ones(len(rows), dtype=torch.float64), rtol=0, atol=1e-3)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("kind", [*ORDINARY, "opposite", "zero row"])
def test_a_loop_that_may_stop_early_finds_what_the_engine_finds(name, kind):
    method, rows = METHODS[name], torch.stack([gradients(kind, 3, seed) for seed in range(3)])
    noise = torch.randn(3, *method.noise_shape(3), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    state = tuple(part.double().expand(3, *part.shape) for part in method.start(3))
    together = torch.func.vmap(method.combine)(rows, state, noise)[0]
    for i in range(3):
        alone = method.combine(rows[i], tuple(part[i] for part in state), noise[i])[0]
        assert float((alone - together[i]).norm()) <= 1e-6 * float(rows[i].norm())


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("n_tasks", [2, 3, 8])
def test_fairgrad_solves_its_equation(alpha, n_tasks):
    for kind, seed in itertools.product(("random", "conflicting", "huge ratio"), range(5)):
        rows = gradients(kind, n_tasks, seed)
        gramian = rows @ rows.T
        weights, _ = FairGrad(alpha).weigh(gramian, (), torch.zeros(0))
        gains = gramian @ weights
        torch.testing.assert_close(gains * weights ** (1 / alpha), torch.ones(n_tasks, dtype=torch.float64), rtol=0, atol=1e-5)


def test_fairgrad_lies_between_the_sum_and_the_worst_tasks_gain():
    rows = gradients("conflicting", 3)
    close(direction(replace(FairGrad(1.0), normalize=True), rows), direction(replace(NashMTL(), normalize=True), rows))
    assert cosines(direction(FairGrad(0.02), rows), rows.sum(0, keepdim=True)) > 0.999
    least = [cosines(direction(FairGrad(alpha), rows), rows) @ torch.eye(3, dtype=torch.float64) for alpha in (0.1, 1.0)]
    assert least[1].min() > least[0].min()


@pytest.mark.parametrize("kind", ORDINARY)
@pytest.mark.parametrize("n_tasks", [2, 3, 8])
def test_cagrad_is_the_best_of_its_ball_for_the_worst_task(kind, n_tasks):
    for seed in range(3):
        rows, c = gradients(kind, n_tasks, seed), 0.5
        mean = rows.mean(0)
        found = direction(CAGrad(c), rows)
        assert (found - mean).norm() <= c * mean.norm() * (1 + 1e-6)
        gramian, start = (rows @ rows.T).numpy(), np.full(n_tasks, 1 / n_tasks)
        radius, pull = c * float(mean.norm()), gramian @ start

        def bound(w, gramian=gramian, radius=radius, pull=pull):
            return (w @ pull + radius * np.sqrt(max(w @ gramian @ w, 1e-30))) / radius**2

        settings = {"bounds": [(0, 1)] * n_tasks, "constraints": {"type": "eq", "fun": lambda w: w.sum() - 1}}
        highest = min(minimize(bound, one, method="SLSQP", **settings).fun for one in (start, *np.eye(n_tasks))) * radius**2
        assert float((rows @ found).min()) >= highest - 1e-3 * abs(highest) - 1e-6 * radius**2  # no d of the ball exceeds this bound


def test_cagrad_with_an_empty_ball_is_the_mean():
    rows = gradients("conflicting", 3)
    close(direction(CAGrad(0.0), rows), rows.mean(0))


def test_config_has_equal_cosines_and_the_length_of_all_projections():
    rows = gradients("huge ratio", 4)
    found = direction(ConFIG(), rows)
    each = cosines(found, rows)
    torch.testing.assert_close(each, each.mean().expand(4), rtol=1e-6, atol=0)
    torch.testing.assert_close(found.norm(), (rows @ found / found.norm()).sum(), rtol=1e-6, atol=0)


@pytest.mark.parametrize("kind", ["random", "conflicting", "huge ratio"])
def test_imtl_has_equal_positive_projections_and_weights_whose_sizes_sum_to_one(kind):
    for n_tasks, seed in itertools.product((2, 3, 8), range(5)):
        rows = gradients(kind, n_tasks, seed)
        weights, _ = IMTLG().weigh(rows @ rows.T, (), torch.zeros(0))
        projections = (rows / rows.norm(dim=1, keepdim=True)) @ (weights @ rows)
        torch.testing.assert_close(projections, projections.mean().expand(n_tasks), rtol=1e-5, atol=1e-9)
        assert projections.mean() > 0
        torch.testing.assert_close(weights.abs().sum(), torch.ones((), dtype=torch.float64))


@pytest.mark.parametrize("name", METHODS)
def test_a_net_that_diverged_stops_no_other(name):
    rows = gradients("random", 3).repeat(2, 1, 1)
    rows[0, 1, 4] = float("nan")
    method = METHODS[name]
    noise = torch.randn(2, *method.noise_shape(3), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    state = tuple(part.double().expand(2, *part.shape) for part in method.start(3))
    both = torch.func.vmap(method.combine)(rows, state, noise)[0]
    alone = torch.func.vmap(method.combine)(rows[1:], tuple(part[1:] for part in state), noise[1:])[0]
    assert both[1].isfinite().all()
    torch.testing.assert_close(both[1:], alone)


def test_aligned_gradients_are_at_right_angles_and_equally_long():
    rows = gradients("random", 3)
    smallest = torch.linalg.svdvals(rows)[-1]
    u, _, v = torch.linalg.svd(rows, full_matrices=False)
    close(direction(AlignedMTL(), rows), smallest * (u @ v).mean(0))


def test_gating_hears_whom_the_main_task_agrees_with():
    rows = torch.tensor([[1.0, 0.0], [-1.0, 2.0], [1.0, 5.0]])
    assert direction(CosineGating(), rows).tolist() == [2.0, 5.0]
    assert direction(CosineGating(main=1), rows).tolist() == [0.0, 7.0]
    weighted = direction(CosineGating(weighted=True), rows)
    torch.testing.assert_close(weighted, torch.tensor([1.0, 0.0]) + rows[2] / 26**0.5)


def test_gradvac_moves_cosines_to_their_running_means():
    method, rows = GradVac(decay=0.5), gradients("random", 2)
    target = (torch.full((2, 2), 0.8, dtype=torch.float64),)
    one = torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64)
    weights, (after,) = method.weigh(rows @ rows.T, target, one)
    cosine = float(cosines(rows[0], rows[1:])[0])
    np.testing.assert_allclose(float(after[0, 1]), (0.8 + cosine) / 2, rtol=1e-9)
    size = rows.norm(dim=1)
    turn = [(0.8 * (1 - cosine**2) ** 0.5 - cosine * 0.6) / 0.6 * float(size[i] / size[1 - i]) for i in (0, 1)]
    np.testing.assert_allclose(weights.numpy(), [1 + turn[1], 1 + turn[0]], rtol=1e-9)
    turned = rows[0] + turn[0] * rows[1]
    np.testing.assert_allclose(float(cosines(turned, rows[1:])[0]), 0.8, rtol=1e-9)


@pytest.mark.parametrize("name", METHODS)
def test_normalised_directions_are_as_long_as_the_sum_of_gradients(name):
    rows = gradients("random", 3)
    plain, sized = direction(METHODS[name], rows), direction(replace(METHODS[name], normalize=True), rows)
    close(sized / sized.norm(), plain / plain.norm())
    torch.testing.assert_close(sized.norm(), rows.sum(0).norm())


@pytest.mark.parametrize("name", ["MGDA", "CAGrad", "UPGrad", "NashMTL", "IMTLG", "ConFIG", "AlignedMTL"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_normalising_blows_no_rounding_up(name, dtype):
    """What is left of gradients that cancel is no direction."""
    for ratio in (1.0, 3.0, 70.0):
        rows = gradients("random", 2, dtype=dtype)
        rows[1] = -ratio * rows[0]
        plain, sized = direction(METHODS[name], rows), direction(replace(METHODS[name], normalize=True), rows)
        assert sized.norm() == 0 or plain.norm() > 1e-4 * rows[0].norm()


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (CAGrad, {"c": 1.0}, r"`c` must lie in \[0, 1\)"),
        (FairGrad, {"alpha": 0.0}, "`alpha` must lie between 0.01 and 10"),
        (GradVac, {"decay": 0.0}, "`decay` must be above 0"),
        (CosineGating, {"main": -1}, "`main` must be at least 0"),
    ],
)
def test_impossible_settings_get_a_sentence(kind, settings, message):
    with pytest.raises(ValueError, match=message):
        kind(**settings)


def test_gating_by_a_task_that_is_not_there_gets_a_sentence():
    with pytest.raises(ValueError, match="`main` must be the place of one of 2 tasks"):
        CosineGating(main=2).start(2)
