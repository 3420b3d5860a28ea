"""Fits of many linear tasks, in closed form or by alternation: alone, in one subspace, and near one."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from mtl_tutor.tasks import LinearTasks

Weights = Float[np.ndarray, "task feature"]
Basis = Float[np.ndarray, "feature hidden"]

RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Penalties of a task alone."""
PENALTIES = (0.3, 1.0, 3.0)
"""Penalties of what lies in the subspace."""
FACTORS_OUTSIDE = (4.0, 20.0)
"""Factors on the penalty outside it: 1 would be ridge regression, infinity a binding subspace."""
_NONE = 1e-6  # a penalty that only makes the equations solvable


def fit_all(tasks: LinearTasks, rank: int, *, rounds: int = 30) -> dict[str, Weights]:
    """Fit the same tasks in every way.

    Parameters
    ----------
    tasks : LinearTasks
        Tasks with training and validation samples; each penalty is the one of the lowest validation error, pooled
        over tasks.
    rank : int
        Dimension of the subspace.
    rounds : int
        Alternations at most.

    Returns
    -------
    dict of str to Weights
        Arm -> weights of every task.
    """
    gram = tasks.x.transpose(0, 2, 1) @ tasks.x
    moment = np.einsum("tnd,tn->td", tasks.x, tasks.y)
    features = np.eye(gram.shape[1])

    def inside(basis: Basis, penalty: float) -> Weights:
        return _ridge(basis.T @ gram @ basis, moment @ basis, penalty * np.eye(rank)) @ basis.T

    def near(basis: Basis, penalty: float, factor: float) -> Weights:
        return _ridge(gram, moment, penalty * (factor * features - (factor - 1) * basis @ basis.T))

    ridge = _best(tasks, [_ridge(gram, moment, penalty * features) for penalty in RIDGES])
    start = np.linalg.eigh(ridge.T @ ridge)[1][:, -rank:]
    bases = [alternate(gram, moment, start, penalty, rounds) for penalty in PENALTIES]
    penalised = _best(tasks, [inside(basis, penalty) for basis in bases for penalty in PENALTIES])
    soft = [near(basis, penalty, factor) for basis in bases for penalty in PENALTIES for factor in FACTORS_OUTSIDE]
    return {
        "alone, ridge": ridge,
        "joint, no penalty": inside(alternate(gram, moment, start, _NONE, rounds), _NONE),
        "joint, penalised": penalised,
        "joint, soft": _best(tasks, [ridge, penalised, *soft]),
        "alone, least squares": _ridge(gram, moment, _NONE * features),
        "true subspace": _best(tasks, [inside(tasks.basis, penalty) for penalty in PENALTIES]),
    }


def alternate(gram: np.ndarray, moment: np.ndarray, basis: Basis, penalty: float, rounds: int) -> Basis:
    """Solve for the tasks' coefficients with the basis held, then for the basis, and so on until the subspace stays.

    Parameters
    ----------
    gram, moment : np.ndarray
        Per task, xᵀx and xᵀy.
    basis : Float[np.ndarray, "feature hidden"]
        Where to begin.
    penalty : float
        Ridge penalty on coefficients and basis.
    rounds : int
        Alternations at most.
    """
    n_features, rank = basis.shape
    for _ in range(rounds):
        a = _ridge(basis.T @ gram @ basis, moment @ basis, penalty * np.eye(rank))
        pairs = np.tensordot(a[:, :, None] * a[:, None, :], gram, axes=(0, 0)).transpose(0, 2, 1, 3)
        normal = pairs.reshape(rank * n_features, -1) + penalty * np.eye(rank * n_features)
        solution = np.linalg.solve(normal, (a.T @ moment).ravel()).reshape(rank, n_features).T
        before, basis = basis, np.linalg.qr(solution)[0]
        if np.linalg.norm(basis - before @ (before.T @ basis)) < 1e-3:  # the sine of the angle between both subspaces
            break
    return basis


def _ridge(gram: np.ndarray, moment: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    return np.linalg.solve(gram + penalty, moment[..., None])[..., 0]


def _best(tasks: LinearTasks, fits: Sequence[Weights]) -> Weights:
    def error(w: Weights) -> float:
        return float(((np.einsum("tnd,td->tn", tasks.x_validation, w) - tasks.y_validation) ** 2).mean())

    return min(fits, key=error)
