"""Multi-task relationship learning: a covariance between tasks, learned with the weights."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import check_least, checked
from mtl_tutor.sharing.regularised._base import LinearFit, Minimum, Parts, Regularised, descend, warn_of_slope
from mtl_tutor.sharing.regularised._loss import Kind, LinearLoss, linear_loss
from mtl_tutor.sharing.regularised._widths import Budget

BUDGET = Budget(0.0, 1.0, 1.0)


@dataclass(frozen=True)
class TaskCovariance(Regularised):
    """Linear tasks with a learned covariance between their weights.

    A task with few samples is pulled towards the tasks that are similar to it, and, with the sign
    reversed, to those that are its opposite. The penalty is ``strength / 2 · tr(W' Ω⁻¹ W) + ridge /
    2 · |W|²``, with one row of W per output, minimised over all covariances Ω with trace 1. Loss
    and penalty are convex in W and Ω together. For given W the best is ``Ω = (W W')^(1/2) /
    trace``, and the penalty then is strength / 2 times the squared sum of W's singular values. So
    without a ridge the weights are those of a trace norm of another strength; in addition there are
    estimates of how the tasks are related.

    Parameters
    ----------
    strength : float
        Strength of the penalty: loss per squared unit of weight. The larger it is, the fewer
        directions are left in which tasks differ.
    ridge : float
        Strength of the ridge penalty, likewise.

    Raises
    ------
    ValueError
        The strength or the ridge is negative or not finite.

    Notes
    -----
    Found: `task_covariance` [output output], Ω, which sums to 1 along its diagonal;
    `task_correlation`, its correlations, 0 for a task whose weights are 0. As Ω is a root, these
    are nearer to zero than `weight_correlation`, the cosines between the tasks' weights, which
    estimate better how the tasks are related.

    Source: Zhang & Yeung (2010), with their alternation as `alternate`.

    Departures: half the squared error or nats, for their squared error; Ω is solved for, and the
    rest minimised by proximal steps, which may set eigenvalues of Ω to exactly zero and don't get
    stuck there; linear tasks only, no kernel; a multi-class task has one row per class.

    Examples
    --------
    Alone, the tasks would be 2 and -2. Weights w and -w lose (w - 2)², and cost w², as √2 w is
    their singular value.

    >>> x = np.array([[1.0], [-1.0]])
    >>> fit = TaskCovariance(1.0).fit(x, x * [2, -2])
    >>> fit.weights.ravel().round(6).tolist(), fit.found["task_correlation"].round(6).tolist()
    ([1.0, -1.0], [[1.0, -1.0], [-1.0, 1.0]])
    """

    ridge: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.ridge < np.inf:
            raise ValueError(f"`ridge` must be zero or more, and finite; got {self.ridge}. Zero leaves lengths to `strength`.")

    def penalty(self, parts: Parts, n_outputs: tuple[int, ...]) -> float:
        """Half the strength times the squared sum of singular values, and the ridge."""
        sigma = np.linalg.svd(parts, compute_uv=False)
        return 0.5 * self.strength * float(BUDGET.cost(sigma)) + 0.5 * self.ridge * float((sigma**2).sum())

    def prox(self, parts: Parts, step: float, n_outputs: tuple[int, ...]) -> Parts:
        """Shrink all weights by the ridge, then the singular values, small ones to zero."""
        less = 1 + step * self.ridge
        left, sigma, right = np.linalg.svd(parts / less, full_matrices=False)
        return (left * BUDGET.prox(sigma, step * self.strength / less)) @ right

    def found(self, parts: Parts, n_outputs: tuple[int, ...]) -> Mapping[str, np.ndarray]:
        """Covariance and correlations of the tasks."""
        return {**_relations(_covariance(parts)), "weight_correlation": _correlation(parts @ parts.T)}

    def solve(self, loss: LinearLoss) -> Minimum:
        """Take proximal steps also where there is only a ridge."""
        return super().solve(loss) if self.ridge == 0 else descend(loss, lambda w, step: self.prox(w, step, loss.n_outputs))

    @checked
    def alternate(
        self,
        x: Float[np.ndarray, "sample feature"],
        y: Float[np.ndarray, "sample task"],
        *,
        rounds: int = 20,
        smoothing: float = 1e-4,
        kinds: Sequence[Kind] | None = None,
        n_outputs: Sequence[int] | None = None,
    ) -> Iterator[LinearFit]:
        """Alternate between weights and covariance, as the paper does; yield the fit of each round.

        In the first fit the tasks are unrelated, Ω = I / n_tasks: ridge regressions. Each later one
        takes the covariance of the one before as given. `found["objective"]`, the loss plus the
        smoothed penalty, never rises. Even after hundreds of rounds it is somewhat above that of
        `fit`, so this is for watching the algorithm only.

        Parameters
        ----------
        x : Float[np.ndarray, "sample feature"]
            As in `fit`.
        y : Float[np.ndarray, "sample task"]
            As in `fit`.
        kinds : Sequence[Kind] | None
            As in `fit`.
        n_outputs : Sequence[int] | None
            As in `fit`.
        rounds : int
            Number of fits.
        smoothing : float
            Added to the eigenvalues of W W' before the root is taken, in squared units of weight.
            With 0, a direction of Ω that has become zero stays zero, and the rounds may end above
            the minimum.

        Raises
        ------
        ValueError
            As in `fit`; no round, or a negative smoothing.
        """
        check_least("rounds", rounds)
        check_least("smoothing", smoothing, 0, 1e50)
        loss = linear_loss(x, y, kinds, n_outputs)
        widths, axes, here = np.ones(len(loss.centre)) / len(loss.centre), np.eye(len(loss.centre)), None
        for _ in range(rounds):
            here = descend(loss, lambda w, step, widths=widths, axes=axes: self._towards(w, step, widths, axes), start=here)
            squares, axes = np.linalg.eigh(here.parts @ here.parts.T)
            roots = np.sqrt(np.maximum(squares, 0) + smoothing)
            widths = roots / max(roots.sum(), np.finfo(float).tiny)
            lost = loss.value(here.parts, here.levels) + 0.5 * self.strength * roots.sum() ** 2 + 0.5 * self.ridge * squares.sum()
            found = {**self.found(here.parts, loss.n_outputs), **_relations((axes * widths) @ axes.T), "objective": np.array(lost)}
            warn_of_slope(here.slope, here.residual)
            yield LinearFit(here.parts, loss.intercepts(here.parts, here.levels), loss.n_outputs, found, here.residual, here.slope)

    def _towards(self, weights: Parts, step: float, widths: np.ndarray, axes: np.ndarray) -> Parts:
        """The proximal step for a given Ω, by its eigenvalues and eigenvectors."""
        widths = np.maximum(widths, np.finfo(float).tiny)
        return (axes * (widths / ((1 + step * self.ridge) * widths + step * self.strength))) @ (axes.T @ weights)


def _covariance(weights: Parts) -> Float[np.ndarray, "output output"]:
    left, sigma, _ = np.linalg.svd(weights, full_matrices=False)
    return (left * (sigma / sigma.sum())) @ left.T if sigma.any() else np.eye(len(weights)) / len(weights)


def _relations(covariance: Float[np.ndarray, "output output"]) -> dict[str, np.ndarray]:
    return {"task_covariance": covariance, "task_correlation": _correlation(covariance)}


def _correlation(covariance: Float[np.ndarray, "output output"]) -> Float[np.ndarray, "output output"]:
    spread = np.sqrt(np.diag(covariance))
    per_spread = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-8 * spread.max())
    return np.where(np.eye(len(spread)), 1.0, covariance * np.outer(per_spread, per_spread))
