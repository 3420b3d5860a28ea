"""Linear tasks through one trunk of linear units, fitted by turns with a ridge on both of its layers; many draws at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from mtl_tutor.tasks import LinearTasks, linear_tasks

Weights = Float[np.ndarray, "seed task feature"]


@dataclass(frozen=True, eq=False)
class Tables:
    """Many draws of the same sizes, as the sums that fits need, and the true weights.

    Attributes
    ----------
    gram, moment : X'X and X'y of the training samples; then the same of the validation samples.
    w : the true weights.
    """

    gram: Float[np.ndarray, "seed task feature feature"]
    moment: Weights
    gram_validation: Float[np.ndarray, "seed task feature feature"]
    moment_validation: Weights
    w: Weights

    def risk(self, w: Weights) -> Float[np.ndarray, "seed"]:
        """What fitted weights lose on fresh samples beyond the noise, mean of the tasks; exact, since x is N(0, I)."""
        return ((w - self.w) ** 2).sum(axis=-1).mean(axis=-1)

    def validated(self, w: Weights) -> Float[np.ndarray, "seed"]:
        """Sum of squared errors on the validation samples, up to a constant."""
        return ((w[..., None, :] @ self.gram_validation)[..., 0, :] * w - 2 * w * self.moment_validation).sum(axis=(-1, -2))


def tables_of(draws: Sequence[LinearTasks]) -> Tables:
    """Sum up what was drawn."""
    x, y, w, x_validation, y_validation = (
        np.stack([getattr(draw, name) for draw in draws]) for name in ("x", "y", "w", "x_validation", "y_validation")
    )
    (gram, moment), (gram_validation, moment_validation) = _sums(x, y), _sums(x_validation, y_validation)
    return Tables(gram, moment, gram_validation, moment_validation, w)


def _sums(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return x.swapaxes(-1, -2) @ x, np.einsum("stnd,stn->std", x, y)


def drawn(size: tuple[int, int, int, int], noise: float, seeds: Sequence[int], *, shared: bool = True) -> Tables:
    """Draw tasks that share a subspace, w = B a, or none; `size` counts tasks, samples, features and the subspace's dimensions."""
    n_tasks, n_samples, n_features, rank = size
    how: dict[str, Any] = {"n_features": n_features, "rank": rank, "noise": noise, "shared": shared}
    return tables_of([linear_tasks(n_tasks, n_samples, **how, seed=seed) for seed in seeds])


def alone(tables: Tables, ridge: float) -> Weights:
    """Fit every task by itself: (X'X + ridge I) w = X'y."""
    return solved(tables.gram + ridge * np.eye(tables.w.shape[-1]), tables.moment)


def together(tables: Tables, rank: int, ridge: float, *, rounds: int = 60) -> Weights:
    """Minimise Σ|y_t - X_t B a_t|² + ridge (|B|² + Σ|a_t|²) by turns: the heads a with the trunk B held, then B with a held.

    B starts as the subspace that holds most of the separate fits (ridge 1).
    """
    apart = alone(tables, 1.0)
    values, axes = np.linalg.eigh(apart.swapaxes(-1, -2) @ apart)
    basis = axes[..., -rank:] * np.sqrt(np.sqrt(np.maximum(values[..., None, -rank:], 1e-6)))
    n_seeds, n_features = len(basis), basis.shape[1]
    heads = np.zeros((n_seeds, tables.w.shape[1], rank))
    for _ in range(rounds):
        inner = basis[:, None].swapaxes(-1, -2) @ tables.gram @ basis[:, None]
        heads = solved(inner + ridge * np.eye(rank), tables.moment @ basis)
        pairs = np.einsum("sta,stb,stij->saibj", heads, heads, tables.gram, optimize=True)
        normal = pairs.reshape(n_seeds, rank * n_features, -1) + ridge * np.eye(rank * n_features)
        right = heads.swapaxes(-1, -2) @ tables.moment
        basis = solved(normal, right.reshape(n_seeds, -1)).reshape(n_seeds, rank, n_features).swapaxes(-1, -2)
    return heads @ basis.swapaxes(-1, -2)


def solved(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve many systems at once."""
    return np.linalg.solve(matrix, right[..., None])[..., 0]


def chosen(tables: Tables, fits: Sequence[Weights]) -> Float[np.ndarray, "seed"]:
    """The risk of every draw's best fit, by its validation samples."""
    risks, wrong = (np.stack([judge(w) for w in fits]) for judge in (tables.risk, tables.validated))
    return np.take_along_axis(risks, wrong.argmin(axis=0)[None], axis=0)[0]
