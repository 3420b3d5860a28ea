"""Exercises of *MTL as regularisation*."""

from collections.abc import Callable

import numpy as np

from mtl_tutor.exercises._answers import checker

_TOWARDS = "Not yet: write a function of y, one row of measurements per draw, that returns one estimate for each."


@checker
def check_shrinkage(shrink: Callable[[np.ndarray], np.ndarray] | None) -> str:
    """Check a joint estimate of ten unrelated means that shrinks towards their own average."""
    if shrink is None:
        return _TOWARDS
    rng = np.random.default_rng(0)
    means = 20 + rng.normal(size=10)
    y = means + rng.normal(size=(4000, 10))
    estimates = shrink(y)
    if estimates.shape != y.shape:
        return f"Not yet: return one estimate per measurement, shape {y.shape}; got {estimates.shape}."
    if not np.allclose(shrink(y + 7.0), estimates + 7.0):
        return "Not yet: add 7 to every measurement, and the estimates should move by 7. Shrink the distances from the average."
    risk = ((estimates - means) ** 2).mean()
    if not risk < 0.95:
        return f"Not yet: the risk per mean is {risk:.2f}; apart it is 1.00. How many distances are left free once the average is known?"
    if np.abs(estimates - estimates.mean(axis=1, keepdims=True)).max() < 1e-9:
        return "Not yet: all estimates are alike; let the measurements decide how much to shrink."
    apart = 20 + 10 * rng.normal(size=10)
    if not ((shrink(apart + rng.normal(size=y.shape)) - apart) ** 2).mean() < 1.02:
        return "Not yet: where the means lie far apart it does harm. Shrink less, the larger the squared distances are."
    if abs((used := _degrees(shrink, y)) - 7) > 0.1:
        return (
            f"Not yet: your factor is 1 - {used:.2g} / (sum of squares). Ten numbers shrunk to a fixed point have 10 - 2; "
            "the average, which is no fixed point, costs one more."
        )
    return f"Right: the risk per mean is {risk:.2f}, where zero is twenty away and no help."


def _degrees(shrink: Callable[[np.ndarray], np.ndarray], y: np.ndarray) -> float:
    """The k of a factor 1 - k / (sum of squares), where it is not cut off at zero."""
    far = y + np.linspace(0, 10, y.shape[1])
    away = far - far.mean(axis=1, keepdims=True)
    kept = (shrink(far) - far.mean(axis=1, keepdims=True)) / away
    return float(np.median((1 - kept) * (away**2).sum(axis=1, keepdims=True)))


@checker
def check_parameters(count: Callable[[int, int, int], float] | None) -> str:
    """Check the number of free parameters per task of T tasks whose weights lie in one subspace."""
    if count is None:
        return "Not yet: write a function of n_features, rank and n_tasks that returns a number."
    for d, r, n_tasks in ((30, 3, 300), (30, 3, 3), (10, 1, 5), (64, 4, 64)):
        want = r + r * (d - r) / n_tasks
        if np.isclose(got := float(count(d, r, n_tasks)), r + d * r / n_tasks):
            return "Not yet: that counts all d·r entries of B. Mixing the columns of B by any r x r matrix gives the same subspace."
        if not np.isclose(got, want):
            return f"Not yet: for d = {d}, r = {r} and {n_tasks} task(s) it should be {want:.4g}; got {got:.4g}."
    return "Right: r of a task's own, and a share of r(d - r): the k + W/n of the theorem."
