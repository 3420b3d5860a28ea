"""Exercises of *MTL as regularisation*."""

from collections.abc import Callable

import numpy as np

from mtl_tutor.exercises._answers import checker
from mtl_tutor.tasks import LinearTasks, linear_tasks

Fit = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@checker
def check_parameters(count: Callable[[int, int, int], float] | None) -> str:
    """Check the number of free parameters per task of T tasks whose weights lie in one subspace."""
    if count is None:
        return "Not yet: write a function of n_features, rank and n_tasks that returns a number."
    if np.isclose(count(30, 3, 30), 3 + 30 * 3 / 30):
        return "Not yet: that counts all entries of B. Mixing the columns of B by any r x r matrix gives the same subspace."
    if np.isclose(count(30, 3, 30), 30 * 3 + 3 * 27):
        return "Not yet: that is for all tasks together. Share it among them."
    if not np.isclose(count(30, 3, 10**9), 3, rtol=1e-4):
        return "Not yet: with a billion tasks, the subspace costs each almost nothing. Which numbers does a task still need for itself?"
    if not np.isclose(count(5, 5, 2), 5):
        return "Not yet: if the rank equals the number of features, the subspace is the whole space. What is left to choose for it?"
    if not np.isclose(count(30, 3, 3), 30):
        return "Not yet: any three weight vectors lie in some subspace of rank 3. So how free should three tasks be?"
    if not all(np.isclose(count(d, r, t), r + r * (d - r) / t) for d, r, t in ((30, 3, 300), (10, 1, 5), (64, 4, 64), (10, 4, 7))):
        return "Not yet: right for some sizes, wrong for others. How many numbers describe a subspace, and how many tasks share them?"
    return "Right: r of a task's own, and a share of r(d - r): the k + W/n of the theorem."


@checker
def check_fit_of_both(fit: Fit | None) -> str:
    """Check a fit that gains much where a hundred tasks share three features, and loses nothing where they share none.

    Parameters
    ----------
    fit : function
        From training samples x [task sample feature] and y [task sample], and as many for validation, to weights
        [task feature].
    """
    if fit is None:
        return "Not yet: write a function of x, y, new_x and new_y that returns one row of weights per task."
    related, unrelated = linear_tasks(100, seed=900), linear_tasks(100, seed=901, shared=False)
    ratios = []
    for tasks in (related, unrelated):
        w = fit(tasks.x, tasks.y, tasks.x_validation, tasks.y_validation)
        if w.shape != tasks.w.shape:
            return f"Not yet: return one row of weights per task, shape {tasks.w.shape}; got {w.shape}."
        ratios.append(tasks.risk(w) / tasks.risk(_ridge(tasks)))
    if ratios[0] > 0.5:
        return (
            f"Not yet: where the tasks share three features, your risk is {ratios[0]:.0%} of ridge's; half is wanted. "
            "Which three directions hold most of the tasks' fitted weights?"
        )
    if ratios[1] > 1.05:
        return (
            f"Not yet: where the tasks share nothing, your risk is {ratios[1]:.0%} of ridge's. "
            "How can the validation samples tell you that sharing does harm?"
        )
    return f"Right: your risk is {ratios[0]:.0%} of ridge's where the tasks share features, and {ratios[1]:.0%} where they share nothing."


def _ridge(tasks: LinearTasks) -> np.ndarray:
    x, transposed = tasks.x, tasks.x.swapaxes(1, 2)
    return np.linalg.solve(transposed @ x + np.eye(x.shape[2]), transposed @ tasks.y[..., None])[..., 0]
