"""Answers to the exercises of *MTL as regularisation*."""

from fractions import Fraction

import numpy as np
import torch

from mtl_tutor.tasks import linear_tasks
from tests.exercises.answers import Answers


def penalised(x, y, inside, outside, basis=None):
    """Ridge regression of each task, with another penalty outside a subspace."""
    every = np.eye(x.shape[2])
    within = 0 * every if basis is None else basis.T @ basis
    x_t = x.swapaxes(1, 2)
    matrix = x_t @ x + outside * every + (inside - outside) * within
    return np.linalg.solve(matrix, x_t @ y[..., None])[..., 0]


def found(x, y, c):
    """A soft constraint to the subspace of the ridge weights."""
    return penalised(x, y, 1.0, c, np.linalg.svd(penalised(x, y, 1.0, 1.0))[2][:3])


def chosen(x, y, new_x, new_y):
    """The fit that errs least on the validation samples."""
    fits = [found(x, y, c) for c in (1.0, 10.0, 1000.0)]
    return min(fits, key=lambda w: ((np.einsum("tnd,td->tn", new_x, w) - new_y) ** 2).mean())


def iterated(x, y, new_x, new_y):
    """The subspace of the constrained weights, found again and again."""
    w = found(x, y, 10.0)
    for _ in range(3):
        w = penalised(x, y, 1.0, 100.0, np.linalg.svd(w)[2][:3])
    fits = [penalised(x, y, 1.0, 1.0), w]
    return min(fits, key=lambda w: ((np.einsum("tnd,td->tn", new_x, w) - new_y) ** 2).mean())


def pooled(x, y, new_x, new_y):
    """One fit of all samples, as if all tasks were the same."""
    w = np.linalg.lstsq(x.reshape(-1, x.shape[2]), y.ravel(), rcond=None)[0]
    return np.tile(w, (len(x), 1))


TABLE = {
    "check_parameters": Answers(
        accepted=[
            lambda d, r, n_tasks: r + r * (d - r) / n_tasks,
            lambda n_features, rank, n_tasks: (rank * n_tasks + n_features * rank - rank**2) / n_tasks,
            lambda d, r, n: np.float64(r) + np.array([r * (d - r)]) / n,
            lambda d, r, n: torch.tensor(r + r * (d - r) / n, dtype=torch.float64),
            lambda d, r, n: float(Fraction(r * (d - r), n) + r),
        ],
        rejected=[
            (lambda d, r, n: r + d * r / n, "all entries of B"),
            (lambda d, r, n: r * n + r * (d - r), "all tasks together"),
            (lambda d, r, n: r, "any three weight vectors"),
            (lambda d, r, n: r * (d - r) / n, "need for itself"),
            (lambda d, r, n: d, "need for itself"),
            (lambda d, r, n: r + d / n, "is the whole space"),
            (lambda d, r, n: r + (d - r) / n, "any three weight vectors"),
            (lambda d, r, n: r + r * (d - r) / n + (n == 7), "right for some sizes"),
            (lambda d, r, n: r + r * (d - r) / n**2, "any three weight vectors"),
            (lambda d, r: r, "raises TypeError"),
            (lambda d, r, n: None, "one number"),
            (3.27, "must be a function"),
        ],
    ),
    "check_fit_of_both": Answers(
        accepted=[
            chosen,
            iterated,
            lambda *given: torch.tensor(chosen(*given), requires_grad=True),
            lambda *given: chosen(*given).tolist(),
        ],
        rejected=[
            (lambda x, y, new_x, new_y: penalised(x, y, 1.0, 1.0), "share three features, your risk is 100%"),
            (lambda x, y, new_x, new_y: found(x, y, 1e4), "share nothing, your risk is"),
            (lambda x, y, new_x, new_y: found(x, y, 10.0), "share nothing, your risk is"),
            (lambda x, y, new_x, new_y: np.zeros((100, 30)), "share three features"),
            (pooled, "share three features"),
            (lambda *given: chosen(*given).T, "one row of weights per task"),
            (lambda *given: chosen(*given)[0], "one row of weights per task"),
            (lambda x, y, new_x, new_y: np.linalg.solve(x, y), "raises LinAlgError"),
            (lambda x, y: x[:, 0], "raises TypeError"),
            (lambda *given: chosen(*given) * np.nan, "finite numbers"),
            (lambda *given: chosen(*given) * 1e200, "must hold a finite weight"),
            (linear_tasks(100).w, "must be a function"),
        ],
    ),
}
