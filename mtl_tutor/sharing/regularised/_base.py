"""The base class of penalties on linear tasks, and their common solver."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import check_fields, checked
from mtl_tutor.sharing.regularised._loss import Kind, LinearLoss, linear_loss

_FLAT = 1e-6  # the largest slope that a minimum may leave
_ROUNDING = 1e-6  # spreads below this share of the largest value are too small to measure slopes in

Parts = Float[np.ndarray, "... output feature"]


class Minimum(NamedTuple):
    """A minimum of loss plus penalty: the weights' summands, the levels, the solver's residual, and the slope left over."""

    parts: Parts
    levels: Float[np.ndarray, "output"]
    residual: float
    slope: float = 0.0


@checked
@dataclass(frozen=True, eq=False)
class LinearFit:
    """Fitted linear tasks: weights and intercepts.

    Attributes
    ----------
    weights : Float[np.ndarray, "output feature"]
        One row per output, the outputs of one task after those of the other.
    intercepts : Float[np.ndarray, "output"]
        One per output.
    n_outputs : tuple[int, ...]
        Number of outputs of each task: 1, or its number of classes.
    found : Mapping[str, np.ndarray]
        The structure that the penalty found, by name.
    residual : float
        How far one more step of the solver would move a weight, as a share of the largest: at most
        1e-12 at a minimum. It is larger where classes are linearly separable and unpenalised, so
        that their weights grow for ever, or where features of very different scales make
        convergence too slow.
    slope : float
        How far the condition of a minimum is violated: the largest slope of loss plus penalty that
        is left, where each feature counts in its standard deviations, and so does the label of a
        regression. If it is above 1e-6, or `residual` is, the fit warns.
    """

    weights: Float[np.ndarray, "output feature"]
    intercepts: Float[np.ndarray, "output"]
    n_outputs: tuple[int, ...]
    found: Mapping[str, np.ndarray] = field(repr=False)
    residual: float = 0.0
    slope: float = 0.0

    @checked
    def predict(self, x: Float[np.ndarray, "sample feature"]) -> list[Float[np.ndarray, "sample output"]]:
        """Predict every task: one array per task, of numbers or of logits.

        Raises
        ------
        ValueError
            `x` has another number of features than the fit.
        """
        x = np.asarray(x, dtype=float)
        if x.ndim != 2 or x.shape[1] != self.weights.shape[1]:
            raise ValueError(f"`x` must have shape (sample, {self.weights.shape[1]}); got {x.shape}.")
        if not np.isfinite(x).all():
            raise ValueError(f"`x` must be finite; {np.sum(~np.isfinite(x))} entries are not. Impute or drop those samples.")
        return np.split(x @ self.weights.T + self.intercepts, np.cumsum(self.n_outputs)[:-1], axis=1)

    def inspect(self) -> dict[str, np.ndarray]:
        """The weights, and the structure that the penalty found, by name."""
        return {"weights": self.weights, "intercepts": self.intercepts, **self.found}


@dataclass(frozen=True)
class Regularised(ABC):
    """Base class: linear tasks fitted together, with a penalty on how their weights may differ.

    Intercepts are not penalised. A penalty compares the weights of different features and tasks, so
    scale features, and the labels of regressions, before. A subclass defines the penalty and its
    proximal step; `fit` does the rest.

    Parameters
    ----------
    strength : float
        Strength of the penalty: loss (half a squared error, or nats) per unit of the penalty.

    Raises
    ------
    ValueError
        The strength is negative or not finite.
    """

    strength: float

    def __post_init__(self) -> None:
        check_fields(self)
        if not 0 <= self.strength < np.inf:
            raise ValueError(f"`strength` must be zero or more, and finite; got {self.strength}. Zero fits every task by itself.")

    @abstractmethod
    def penalty(self, parts: Parts, n_outputs: tuple[int, ...]) -> float:
        """Value of the penalty, strength included."""

    @abstractmethod
    def prox(self, parts: Parts, step: float, n_outputs: tuple[int, ...]) -> Parts:
        """The proximal step: the v that minimises ``|v - parts|² / (2 step) + penalty(v)``."""

    @abstractmethod
    def found(self, parts: Parts, n_outputs: tuple[int, ...]) -> Mapping[str, np.ndarray]:
        """The structure that the penalty found, by name: the kept features, the singular values, ..."""

    def solve(self, loss: LinearLoss) -> Minimum:
        """Minimise loss plus penalty; a subclass may have a faster way."""
        return alone(loss) if self.strength == 0 else descend(loss, lambda parts, step: self.prox(parts, step, loss.n_outputs))

    @checked
    def fit(
        self,
        x: Float[np.ndarray, "sample feature"],
        y: Float[np.ndarray, "sample task"],
        *,
        kinds: Sequence[Kind] | None = None,
        n_outputs: Sequence[int] | None = None,
    ) -> LinearFit:
        """Fit all tasks; missing labels are NaN.

        Where each task has samples of its own, stack them and set the other tasks' labels to NaN.

        The loss of a task is the mean over its own labelled samples of (y - prediction)² / 2
        ("regression") or of its cross-entropy in nats ("binary", one logit; "multiclass", one logit
        per class), and the losses are added. So a task counts the same however many labels it has.
        One without any label has weights that the penalty alone decides, and intercept 0.

        Parameters
        ----------
        x : Float[np.ndarray, "sample feature"]
            Inputs, one row per sample.
        y : Float[np.ndarray, "sample task"]
            Labels, one column per task: a number, 0 or 1, or a class 0, 1, 2, ...
        kinds : Sequence[Kind] | None
            Of each task; all regressions when not given.
        n_outputs : Sequence[int] | None
            1, or the number of classes, for each task; inferred from the labels when not given.

        Raises
        ------
        ValueError
            Shapes that don't match, inputs that aren't finite, labels that their task cannot have,
            no label at all, or a class without a sample.

        Warns
        -----
        ConvergenceWarning
            The steps ended before the minimum.
        """
        loss = linear_loss(x, y, kinds, n_outputs)
        parts, levels, residual, slope = self.solve(loss)
        warn_of_slope(slope, residual)
        weights = parts if parts.ndim == 2 else parts.sum(axis=0)
        found = self.found(parts, loss.n_outputs)
        return LinearFit(weights, loss.intercepts(weights, levels), loss.n_outputs, found, residual, slope)


def warn_of_slope(slope: float, residual: float) -> None:
    """Warn if the steps ended before the minimum, so that the loss still falls."""
    if not slope <= _FLAT:
        from sklearn.exceptions import ConvergenceWarning  # a second to import, so only when needed

        warnings.warn(
            f"The fit has not reached its minimum: a slope of {slope:.1g} is left (residual {residual:.1g}). "
            "Standardise the features, raise `strength`, or label more samples.",
            ConvergenceWarning,
            stacklevel=4,
        )


def alone(loss: LinearLoss) -> Minimum:
    """Fit every task by itself, without penalty; minimum-norm weights where they are not unique."""
    return descend(loss, lambda parts, _: parts, metric=np.linalg.pinv(loss.curvature()[:, None, None] * loss.gram(), hermitian=True))


def descend(
    loss: LinearLoss,
    prox: Callable[[Parts, float], Parts],
    *,
    n_parts: int = 0,
    start: Minimum | None = None,
    metric: Float[np.ndarray, "output feature feature"] | None = None,
    tolerance: float = 1e-12,
    max_steps: int = 10_000,
) -> Minimum:
    """Minimise loss plus penalty by accelerated proximal gradient steps (FISTA).

    Parameters
    ----------
    prox : Callable[[Parts, float], Parts]
        The proximal step (parts, step) -> parts.
    n_parts : int
        Number of summands of the weights along a first axis, each with a penalty of its own; 0 for
        no such axis.
    start : Minimum | None
        Where to start; at zero when not given.
    metric : Float[np.ndarray, "output feature feature"] | None
        Step matrices, one per output, instead of one common step size; only without a penalty.
    tolerance : float
        Stop where a step moves no weight and no level by more than this share of the largest.

    Notes
    -----
    Source: Beck & Teboulle (2009), with constant step; momentum starts again where it leads uphill,
    O'Donoghue & Candès (2015), gradient scheme.

    Departures: levels take steps of their own length, which centred inputs allow.
    """
    curvature, shape = loss.curvature(), (n_parts, *loss.centre.shape) if n_parts else loss.centre.shape
    gram = loss.gram()
    bend = float((curvature * np.linalg.eigvalsh(gram)[:, -1]).max()) * max(n_parts, 1)
    step = 1 / bend if bend > 0 else 1.0
    parts, levels = (np.zeros(shape), np.zeros(len(curvature))) if start is None else start[:2]
    ahead, ahead_levels, pace, residual = parts, levels, 1.0, np.inf
    before, new, new_levels, by_weight = parts, parts, levels, np.zeros(loss.centre.shape)
    for _ in range(max_steps):
        before = ahead
        by_weight, by_level = loss.gradient(ahead.sum(axis=0) if n_parts else ahead, ahead_levels)
        move = step * by_weight if metric is None else (metric @ by_weight[..., None])[..., 0]
        new, new_levels = prox(ahead - move, step), ahead_levels - by_level / curvature
        scale = max(np.abs(new).max(), np.abs(new_levels).max(), np.finfo(float).tiny)
        residual = float(max(np.abs(new - ahead).max(), np.abs(new_levels - ahead_levels).max()) / scale)
        if residual <= tolerance:
            break
        uphill = np.vdot(ahead - new, new - parts) + np.vdot(ahead_levels - new_levels, new_levels - levels) > 0
        faster = 1.0 if uphill else (1 + np.sqrt(1 + 4 * pace**2)) / 2
        push = 0.0 if uphill else (pace - 1) / faster
        ahead, ahead_levels = new + push * (new - parts), new_levels + push * (new_levels - levels)
        parts, levels, pace = new, new_levels, faster
    left = by_weight if metric is not None else (before - new) / step
    return Minimum(new, new_levels, residual, float(np.abs(left / _units(loss, gram)).max()))


def _units(loss: LinearLoss, gram: Float[np.ndarray, "output feature feature"]) -> Float[np.ndarray, "output feature"]:
    """What a slope is measured in: a feature's standard deviation, times the label's for a regression."""
    spread = np.sqrt(np.maximum(np.diagonal(gram, axis1=1, axis2=2), 0))
    mean = (loss.share * loss.target).sum(axis=0)
    label = np.sqrt((loss.share * (loss.target - mean) ** 2).sum(axis=0))
    is_number = np.repeat([kind == "regression" for kind in loss.kinds], loss.n_outputs)
    spread = np.maximum(spread, _ROUNDING * np.abs(loss.x).max(axis=0, initial=0))
    label = np.where(is_number, np.maximum(label, _ROUNDING * np.abs(loss.target).max(axis=0, initial=0)), 1.0)
    units = spread * label[:, None]
    return np.where(units > 0, units, 1.0)
