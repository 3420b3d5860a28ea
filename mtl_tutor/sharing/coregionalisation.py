"""The intrinsic coregionalisation model: a Gaussian process over several tasks."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from jaxtyping import Float, Int
from scipy.linalg import cho_solve, solve_triangular
from scipy.spatial.distance import cdist

from mtl_tutor.checks import DOUBLE, checked


@checked
@dataclass(frozen=True, eq=False)
class Coregionalisation:
    """Gaussian process prior: the covariance of tasks times the covariance of inputs.

    ``K((x, s), (x', t)) = B[s, t] · exp(-|x - x'|² / 2ℓ²)`` with ``B = A A' + diag(v)``; each label
    has its task's noise on top.

    Attributes
    ----------
    mixing : Float[np.ndarray, "task hidden"]
        A, the tasks' weights on latent functions that all tasks share (label).
    own : Float[np.ndarray, "task"]
        v, the variance of each task's own latent function (label²).
    noise : Float[np.ndarray, "task"]
        Variance of each task's label noise (label²).
    length_scale : float
        ℓ, the distance of inputs over which functions vary (unit of the features).
    mean : Float[np.ndarray, "task"]
        Prior mean of each task (label).
    """

    mixing: Float[np.ndarray, "task hidden"]
    own: Float[np.ndarray, "task"]
    noise: Float[np.ndarray, "task"]
    length_scale: float
    mean: Float[np.ndarray, "task"]

    def __post_init__(self) -> None:
        if not len(self.mixing) == len(self.own) == len(self.noise) == len(self.mean) > 0:
            raise ValueError(
                "`mixing`, `own`, `noise` and `mean` must have one entry per task; "
                f"got {len(self.mixing)}, {len(self.own)}, {len(self.noise)} and {len(self.mean)}."
            )
        if not (np.min(self.own) >= 0 and np.min(self.noise) > 0 and self.length_scale > 0):
            raise ValueError(
                f"`noise` and `length_scale` must be positive and `own` zero or more; got at least {np.min(self.noise)}, "
                f"{self.length_scale} and {np.min(self.own)}."
            )

    @property
    def task_covariance(self) -> Float[np.ndarray, "task task"]:
        """B, the covariance of the tasks' functions."""
        return self.mixing @ self.mixing.T + np.diag(self.own)

    def inspect(self) -> dict[str, np.ndarray]:
        """Task covariance B and its correlations, length scale, noise variances."""
        covariance = self.task_covariance
        spread = np.sqrt(np.diag(covariance))
        per_spread = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 0)
        found = {"task_covariance": covariance, "task_correlation": covariance * np.outer(per_spread, per_spread)}
        return {**found, "length_scale": np.array(self.length_scale), "noise": self.noise}

    @checked
    def in_units(self, scale: Float[np.ndarray, "task"], mean: Float[np.ndarray, "task"]) -> Self:
        """The same model for the labels mean + scale · labels."""
        mixing, own, noise = self.mixing * scale[:, None], self.own * scale**2, self.noise * scale**2
        return type(self)(mixing, own, noise, self.length_scale, mean + scale * self.mean)

    @checked
    def covariance(
        self,
        x: Float[np.ndarray, "sample feature"],
        task: Int[np.ndarray, "sample"],
        x_other: Float[np.ndarray, "point feature"],
        task_other: Int[np.ndarray, "point"],
    ) -> Float[np.ndarray, "sample point"]:
        """Prior covariance K of function values, each of one task at one input."""
        for name, rows, numbers in (("task", x, task), ("task_other", x_other, task_other)):
            if len(rows) != len(numbers) or not np.isin(numbers, range(len(self.mean))).all():
                raise ValueError(f"`{name}` must number the task of each of {len(rows)} samples, from 0 to {len(self.mean) - 1}.")
        if not (np.isfinite(x).all() and np.isfinite(x_other).all()):
            raise ValueError("`x` and `x_other` must be finite; some entries are not. Impute or drop those samples.")
        if x.shape[1] != x_other.shape[1]:
            raise ValueError(f"`x_other` must have the {x.shape[1]} features of `x`; got {x_other.shape[1]}.")
        alike = np.exp(-cdist(x, x_other, "sqeuclidean") / (2 * self.length_scale**2))
        return self.task_covariance[np.ix_(task, task_other)] * alike

    @checked
    def given(self, x: Float[np.ndarray, "sample feature"], y: Float[np.ndarray, "sample task"]) -> "GPFit":
        """Posterior given labels, by one Cholesky factor over the labelled pairs (sample, task)."""
        if len(x) != len(y) or y.shape[1] != len(self.mean):
            raise ValueError(f"`x` and `y` must be of the same samples and {len(self.mean)} tasks; got {x.shape} and {y.shape}.")
        if not np.isfinite(x).all() or not (np.abs(y[~np.isnan(y)]) <= DOUBLE).all():
            raise ValueError(f"`x` must be finite, and `y` between ±{DOUBLE:g}, or NaN where a label is missing.")
        task, sample = np.nonzero(~np.isnan(y.T))
        x, residual = x[sample], y[sample, task] - self.mean[task]
        factor = np.linalg.cholesky(self.covariance(x, task, x, task) + np.diag(self.noise[task]))
        weights = cho_solve((factor, True), residual)
        log_likelihood = -residual @ weights / 2 - np.log(np.diag(factor)).sum() - len(task) * np.log(2 * np.pi) / 2
        return GPFit(self, x, task, factor, weights, float(log_likelihood))


@checked
@dataclass(frozen=True, eq=False)
class GPFit:
    """Posterior of a Gaussian process, given labels.

    Attributes
    ----------
    model : Coregionalisation
        The prior, with the fitted values.
    x : Float[np.ndarray, "sample feature"]
        Input of each label.
    task : Int[np.ndarray, "sample"]
        Task of each label.
    factor : Float[np.ndarray, "sample sample"]
        L, the Cholesky factor of the labels' covariance, noise included.
    weights : Float[np.ndarray, "sample"]
        (L L')⁻¹ (y - mean); a prediction is the mean plus covariance · weights.
    log_likelihood : float
        Log density of the labels, in the labels' units.
    """

    model: Coregionalisation
    x: Float[np.ndarray, "sample feature"]
    task: Int[np.ndarray, "sample"]
    factor: Float[np.ndarray, "sample sample"]
    weights: Float[np.ndarray, "sample"]
    log_likelihood: float

    @checked
    def predict(self, x: Float[np.ndarray, "sample feature"]) -> list[Float[np.ndarray, "sample 1"]]:
        """Posterior mean of every task."""
        return [mean + (seen.T @ self.weights)[:, None] for mean, seen in zip(self.model.mean, self._seen(x), strict=True)]

    @checked
    def variance(self, x: Float[np.ndarray, "sample feature"]) -> list[Float[np.ndarray, "sample 1"]]:
        """Posterior variance of every task's function; a new label's variance is this plus the noise."""
        known = [(solve_triangular(self.factor, seen, lower=True) ** 2).sum(axis=0) for seen in self._seen(x)]
        return [(prior - k)[:, None] for prior, k in zip(np.diag(self.model.task_covariance), known, strict=True)]

    def inspect(self) -> dict[str, np.ndarray]:
        """Task covariance B and its correlations, length scale, noise variances."""
        return self.model.inspect()

    def _seen(self, x: Float[np.ndarray, "point feature"]) -> list[Float[np.ndarray, "sample point"]]:
        if x.shape[1] != self.x.shape[1]:
            raise ValueError(f"`x` must have {self.x.shape[1]} features, as in the fit; got {x.shape[1]}.")
        if not np.isfinite(x).all():
            raise ValueError("`x` must be finite; some entries are not. Impute or drop those samples.")
        tasks = range(len(self.model.mean))
        return [self.model.covariance(self.x, self.task, x, np.full(len(x), t)) for t in tasks]
