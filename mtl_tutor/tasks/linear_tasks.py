"""Linear regressions whose weights lie in one small subspace, or are unrelated."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import check_least, check_room, checked, shown
from mtl_tutor.tasks._planted import LARGEST, check_spread


@checked
@dataclass(frozen=True, eq=False)
class LinearTasks:
    """Linear regressions, each with inputs of its own: y = x·w + noise.

    Attributes
    ----------
    x : Float[np.ndarray, "task sample feature"]
        Training inputs of each task.
    y : Float[np.ndarray, "task sample"]
        Training labels of each task.
    x_validation : Float[np.ndarray, "task sample feature"]
        Validation inputs, as many as for training.
    y_validation : Float[np.ndarray, "task sample"]
        Validation labels.
    w : Float[np.ndarray, "task feature"]
        The true weights, one row per task.
    basis : Float[np.ndarray, "feature hidden"]
        Orthonormal columns; where the tasks share them, every row of `w` is a combination of these.
    """

    x: Float[np.ndarray, "task sample feature"]
    y: Float[np.ndarray, "task sample"]
    x_validation: Float[np.ndarray, "task sample feature"]
    y_validation: Float[np.ndarray, "task sample"]
    w: Float[np.ndarray, "task feature"]
    basis: Float[np.ndarray, "feature hidden"]

    @checked
    def first(self, n_tasks: int) -> Self:
        """Select the first tasks."""
        check_least("n_tasks", n_tasks, most=len(self.w))
        kept = {name: getattr(self, name)[:n_tasks] for name in ("x", "y", "x_validation", "y_validation", "w")}
        return replace(self, **kept)

    @checked
    def risk(self, w: Float[np.ndarray, "task feature"]) -> float:
        """Excess risk of fitted weights, |ŵ - w|² for standard normal inputs, averaged over tasks."""
        if np.shape(w) != self.w.shape or not np.abs(w).max(initial=0) <= LARGEST:
            raise ValueError(f"`w` must hold a finite weight per task and feature, shape {self.w.shape}; got {shown(w)}.")
        return float(((w - self.w) ** 2).sum(axis=1).mean())  # since x is N(0, I)


@checked
def linear_tasks(
    n_tasks: int = 10,
    n_samples: int = 15,
    *,
    n_features: int = 30,
    rank: int = 3,
    noise: float = 0.5,
    shared: bool = True,
    seed: int = 0,
) -> LinearTasks:
    """Draw linear tasks that share a subspace, w = B a, or share nothing.

    Parameters
    ----------
    n_tasks, n_samples : int
        Number of tasks, and of training samples of each; as many for validation.
    n_features, rank : int
        d and r: B is d x r with orthonormal columns, drawn at random; a is N(0, I), one per task.
    noise : float
        Standard deviation of the labels' noise.
    shared : bool
        False draws every w in a direction of its own, with the same mean squared length, r.
    seed : int
        Decides everything that is drawn.

    Returns
    -------
    LinearTasks
        Inputs N(0, I), new ones for every task.

    Raises
    ------
    ValueError
        No tasks, samples or noise below zero, or a rank that is not between 1 and `n_features`.

    Notes
    -----
    Source: the model of Tripuraneni, Jin & Jordan (2021).

    Departures: none in the model; the sizes are ours.

    Examples
    --------
    >>> linear_tasks(4).w.shape
    (4, 30)
    """
    if n_tasks < 1 or n_samples < 1:
        raise ValueError(f"`n_tasks` and `n_samples` must be at least 1; got {n_tasks} and {n_samples}.")
    check_spread(noise=noise)
    if not 1 <= rank <= n_features:
        raise ValueError(f"`rank` must lie between 1 and `n_features`; got {rank} of {n_features}.")
    check_room(n_tasks=n_tasks, n_samples=n_samples, n_features=n_features)
    rng, size = np.random.default_rng([seed, 0x5B]), (n_tasks, n_samples, n_features)
    basis = np.linalg.qr(rng.normal(size=(n_features, rank)))[0]
    w = rng.normal(size=(n_tasks, rank)) @ basis.T if shared else rng.normal(size=(n_tasks, n_features)) * np.sqrt(rank / n_features)
    x, x_validation = rng.normal(size=size), rng.normal(size=size)
    y, y_validation = (np.einsum("tnd,td->tn", one, w) + noise * rng.normal(size=size[:2]) for one in (x, x_validation))
    return LinearTasks(x, y, x_validation, y_validation, w, basis)
