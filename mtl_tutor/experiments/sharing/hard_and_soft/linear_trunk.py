"""Linear tasks and a trunk of linear units, fitted by alternating least squares; many draws at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from mtl_tutor.tasks import linear_tasks

Weights = Float[np.ndarray, "seed task feature"]


@dataclass(frozen=True, eq=False)
class Tables:
    """Many draws of the same sizes, as the sums that fits need, and the true weights.

    Attributes
    ----------
    gram, gram_validation : Float[np.ndarray, "seed task feature feature"]
        X'X of the training and of the validation samples.
    moment, moment_validation : Weights
        X'y of the same.
    w : Weights
        The true weights.
    """

    gram: Float[np.ndarray, "seed task feature feature"]
    moment: Weights
    gram_validation: Float[np.ndarray, "seed task feature feature"]
    moment_validation: Weights
    w: Weights

    def risk(self, w: Weights) -> Float[np.ndarray, "seed"]:
        """Measure the excess risk, mean of the tasks: squared error beyond the noise on fresh samples x ~ N(0, I)."""
        return ((w - self.w) ** 2).sum(axis=-1).mean(axis=-1)

    def validated(self, w: Weights) -> Float[np.ndarray, "seed"]:
        """Sum of squared errors on the validation samples, up to a constant."""
        quadratic = (w[..., None, :] @ self.gram_validation)[..., 0, :] * w
        return (quadratic - 2 * w * self.moment_validation).sum(axis=(-1, -2))


def drawn(size: tuple[int, int, int, int], noise: float, seeds: Iterable[int], *, shared: bool = True) -> Tables:
    """Draw tasks w = B a that share a subspace, or none; `size` counts tasks, samples, features and columns of B."""
    n_tasks, n_samples, n_features, rank = size
    how: dict[str, Any] = {"n_features": n_features, "rank": rank, "noise": noise, "shared": shared}
    draws = [linear_tasks(n_tasks, n_samples, **how, seed=int(seed)) for seed in seeds]

    def stacked(name: str) -> np.ndarray:
        return np.stack([getattr(draw, name) for draw in draws])

    training = _sums(stacked("x"), stacked("y"))
    return Tables(*training, *_sums(stacked("x_validation"), stacked("y_validation")), stacked("w"))


def _sums(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return x.swapaxes(-1, -2) @ x, np.einsum("stnd,stn->std", x, y)


def fit_alone(tables: Tables, ridge: float) -> Weights:
    """Fit every task by itself: (X'X + ridge I) w = X'y."""
    return _solved(tables.gram + ridge * np.eye(tables.w.shape[-1]), tables.moment)


def fit_together(tables: Tables, rank: int, ridge: float, *, rounds: int = 60) -> Weights:
    """Minimise Σ|y_t - X_t B a_t|² + ridge (|B|² + Σ|a_t|²) by alternation.

    Solve for the heads a with the trunk B held, then for B with a held. B starts as the subspace that holds most of the
    separate fits (ridge 1).
    """
    apart = fit_alone(tables, 1.0)
    values, axes = np.linalg.eigh(apart.swapaxes(-1, -2) @ apart)
    basis = axes[..., -rank:] * np.sqrt(np.sqrt(np.maximum(values[..., None, -rank:], 1e-6)))
    n_seeds, n_features = len(basis), basis.shape[1]
    heads = np.zeros((n_seeds, tables.w.shape[1], rank))
    for _ in range(rounds):
        inner = basis[:, None].swapaxes(-1, -2) @ tables.gram @ basis[:, None]
        heads = _solved(inner + ridge * np.eye(rank), tables.moment @ basis)
        pairs = np.einsum("sta,stb,stij->saibj", heads, heads, tables.gram, optimize=True)
        normal = pairs.reshape(n_seeds, rank * n_features, -1) + ridge * np.eye(rank * n_features)
        right = heads.swapaxes(-1, -2) @ tables.moment
        basis = _solved(normal, right.reshape(n_seeds, -1)).reshape(n_seeds, rank, n_features).swapaxes(-1, -2)
    return heads @ basis.swapaxes(-1, -2)


def _solved(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve many systems at once."""
    return np.linalg.solve(matrix, right[..., None])[..., 0]


def risk_of_chosen(tables: Tables, fits: Sequence[Weights]) -> Float[np.ndarray, "seed"]:
    """Measure the risk of every draw's best fit, by its validation samples."""
    risks, wrong = (np.stack([judge(w) for w in fits]) for judge in (tables.risk, tables.validated))
    return np.take_along_axis(risks, wrong.argmin(axis=0)[None], axis=0)[0]
