"""Linear tasks with many outputs that differ by a matrix of low rank, and fits that let them differ so."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Matrices = Float[np.ndarray, "seed task feature output"]
RIDGES = (0.3, 3.0, 10.0, 30.0, 100.0)
N_ROUNDS = 12


@dataclass(frozen=True, eq=False)
class LinearTasks:
    """Draws of linear tasks, and what least squares needs to know about their samples.

    Attributes
    ----------
    w : Float[np.ndarray, "seed task feature output"]
        Every task's true matrix.
    gram, moment : Float[np.ndarray, "seed task feature output"]
        XᵀX and XᵀY of every task's training samples.
    gram_validation, moment_validation : Float[np.ndarray, "seed task feature output"]
        The same of as many more.
    """

    w: Matrices
    gram: Float[np.ndarray, "seed task feature feature"]
    moment: Matrices
    gram_validation: Float[np.ndarray, "seed task feature feature"]
    moment_validation: Matrices

    def risk(self, w: Matrices) -> Float[np.ndarray, "seed task"]:
        """Squared error per output on fresh samples, beyond the noise."""
        return ((w - self.w) ** 2).sum(axis=2).mean(axis=-1)

    def validated(self, w: Matrices) -> Float[np.ndarray, "seed task"]:
        """Squared error on the validation samples, but for a constant."""
        quadratic = (w * (self.gram_validation @ w)).sum(axis=(2, 3))
        return quadratic - 2 * (w * self.moment_validation).sum(axis=(2, 3))


def linear_tasks(
    rank: int, seeds: Iterable[int], *, size: tuple[int, int, int, int], spread: float, noise: float, shuffled: bool = False
) -> LinearTasks:
    """Draw tasks: one matrix for all, and for each a difference of this rank.

    Parameters
    ----------
    rank : int
        Rank of the differences.
    seeds : iterable of int
        One draw per seed.
    size : tuple of int
        Tasks, training samples of each, features, outputs.
    spread : float
        Length of a difference, over that of the common part.
    noise : float
        Standard deviation of the labels' noise.
    shuffled : bool
        Whether the labels of all tasks but the first are shuffled within each task.
    """
    n_tasks, n_samples, n_features, n_outputs = size
    found = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 0xADA])
        common = rng.normal(size=(n_features, n_outputs)) / np.sqrt(n_features)
        own = rng.normal(size=(n_tasks, n_features, rank)) @ rng.normal(size=(n_tasks, rank, n_outputs))
        own *= spread * np.sqrt(n_outputs) / np.linalg.norm(own, axis=(1, 2), keepdims=True)
        w, parts = common + own, []
        for _ in range(2):
            x = rng.normal(size=(n_tasks, n_samples, n_features))
            y = x @ w + noise * rng.normal(size=(n_tasks, n_samples, n_outputs))
            if shuffled:
                y[1:] = np.stack([rng.permutation(labels) for labels in y[1:]])
            parts += [x.mT @ x, x.mT @ y]
        found.append((w, *parts))
    return LinearTasks(*(np.stack(part) for part in zip(*found, strict=True)))


def own_fit(draws: LinearTasks, ridge: float) -> Matrices:
    """Fit every task by itself."""
    return np.linalg.solve(draws.gram + ridge * np.eye(draws.gram.shape[-1]), draws.moment)


def adapted_fit(draws: LinearTasks, rank: int, ridge: float) -> Matrices:
    """Fit one matrix for all tasks and, in alternation with it, each task's addition of a rank that is at most `rank`.

    Each step is an exact least-squares solution for the one while the other is held fixed, with a penalty of `ridge` times
    the squared length of the additions; for a task's addition it is reduced-rank regression.
    """
    eye = np.eye(draws.gram.shape[-1])
    penalised = draws.gram + ridge * eye
    own = np.zeros_like(draws.moment)
    for _ in range(N_ROUNDS if rank else 0):
        rest = draws.moment - draws.gram @ _common(draws, own)
        free = np.linalg.solve(penalised, rest)
        axes = np.linalg.eigh(rest.mT @ free)[1][..., -rank:]
        own = free @ axes @ axes.mT
    return _common(draws, own) + own


def _common(draws: LinearTasks, own: Matrices) -> Float[np.ndarray, "seed 1 feature output"]:
    """The one matrix that suits all tasks best, their own additions given."""
    together = draws.gram.sum(axis=1, keepdims=True) + 1e-9 * np.eye(draws.gram.shape[-1])
    return np.linalg.solve(together, (draws.moment - draws.gram @ own).sum(axis=1, keepdims=True))
