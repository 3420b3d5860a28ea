"""The dirty model: features that all tasks share, plus some of each task's own."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mtl_tutor.sharing.regularised._base import Minimum, Parts, Regularised, alone, descend
from mtl_tutor.sharing.regularised._loss import LinearLoss


@dataclass(frozen=True)
class DirtyModel(Regularised):
    """Weights are a sum of two parts: shared features (l1,inf norm) and a task's own (l1 norm).

    The penalty of the shared part is, for each feature, its largest weight in any output (the
    l1,inf norm): the other outputs can use the feature at no extra penalty. That of the own part is
    the sum of all absolute weights (the l1 norm). Each feature takes the part with the smaller
    penalty. Where `strength_own` is above `strength`, the own part is zero; where `strength` is
    above `strength_own` times the number of outputs, the shared part is zero, and each task is a
    lasso by itself.

    Parameters
    ----------
    strength : float
        Strength of the penalty of the shared part: loss per unit of weight.
    strength_own : float
        Strength of the penalty of the own part, likewise.

    Raises
    ------
    ValueError
        A strength is negative or not finite.

    Notes
    -----
    Found: `shared` and `own` [output feature], the two parts; `kept` [feature], whether the shared
    part uses it.

    Source: Jalali, Ravikumar, Sanghavi & Ruan (2010).

    Departures: classifications stand beside regressions; intercepts, which are not penalised;
    solved by proximal steps instead of coordinate descent. If a strength is 0, all weight is in its
    part.

    Examples
    --------
    Alone, feature 1 would weigh (3, 3) and feature 2 (3, 0). Sharing takes 1 from the sum of the
    first two, 1/2 from each; the other is cheaper as the first task's own, at 0.75.

    >>> x = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    >>> fit = DirtyModel(1.0, 0.75).fit(x, x @ np.array([[3.0, 3], [3, 0]]))
    >>> fit.found["shared"].round(6).tolist(), fit.found["own"].round(6).tolist()
    ([[2.5, 0.0], [2.5, 0.0]], [[0.0, 2.25], [0.0, 0.0]])
    """

    strength_own: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.strength_own < np.inf:
            raise ValueError(f"`strength_own` must be zero or more, and finite; got {self.strength_own}. Start at half of `strength`.")

    def solve(self, loss: LinearLoss) -> Minimum:
        """Minimise over both parts together."""
        if min(self.strength, self.strength_own) > 0:
            return descend(loss, lambda parts, step: self.prox(parts, step, loss.n_outputs), n_parts=2)
        free = alone(loss)
        nothing = np.zeros_like(free.parts)
        return free._replace(parts=np.stack([nothing, free.parts] if self.strength else [free.parts, nothing]))

    def penalty(self, parts: Parts, n_outputs: tuple[int, ...]) -> float:
        """Sum of both parts' norms, each times its strength."""
        shared, own = np.abs(parts)
        return self.strength * float(shared.max(axis=0).sum()) + self.strength_own * float(own.sum())

    def prox(self, parts: Parts, step: float, n_outputs: tuple[int, ...]) -> Parts:
        """Clip the largest shared weights of each feature; soft-threshold the own weights."""
        shared, own = parts
        height = _heights(np.abs(shared), step * self.strength)
        shorter = np.maximum(np.abs(own) - step * self.strength_own, 0)
        return np.stack([np.clip(shared, -height, height), np.sign(own) * shorter])

    def found(self, parts: Parts, n_outputs: tuple[int, ...]) -> Mapping[str, np.ndarray]:
        """The two parts, and which features are shared."""
        shared, own = parts
        return {"shared": shared, "own": own, "kept": shared.any(axis=0)}


def _heights(sizes: np.ndarray, cut: float) -> np.ndarray:
    """The height at which each column is clipped, so that what is cut off adds up to `cut`.

    It is 0 where the whole column adds up to less (Duchi et al. 2008).
    """
    ordered = -np.sort(-sizes, axis=0)
    levels = (np.cumsum(ordered, axis=0) - cut) / np.arange(1, len(sizes) + 1)[:, None]
    # Lowering the height to the next size adds to what stands above it: the level is the largest of these averages.
    return np.maximum(levels.max(axis=0), 0)
