"""The dirty model: features shared by all tasks, plus a few of each task's own."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mtl_tutor.sharing.regularised._base import Minimum, Parts, Regularised, alone, descend
from mtl_tutor.sharing.regularised._loss import LinearLoss


@dataclass(frozen=True)
class DirtyModel(Regularised):
    """Let each weight be a sum: one part from features that all tasks use, one from features of the
    task's own.

    The shared part pays, for each feature, its largest weight in any output (the l1,inf norm): once
    it is paid for, the others use it free. The own part pays for each weight by itself (the l1
    norm). The cheaper way wins, feature by feature. With an own price above the shared one, nothing
    is a task's own; with a shared price above the own one times the number of outputs, nothing is
    shared, and each task has a lasso to itself.

    Parameters
    ----------
    strength : float
        Price of the shared part. Loss per unit of weight.
    strength_own : float
        Price of the own part, likewise.

    Raises
    ------
    ValueError
        A price is negative or not finite.

    Notes
    -----
    Found: `shared` and `own` [output feature], the two parts; `kept` [feature], whether the shared
    part uses it.

    Source: Jalali, Ravikumar, Sanghavi & Ruan (2010).

    Departures: classifications stand beside regressions; intercepts, which are not penalised;
    solved by proximal steps instead of coordinate descent. If a price is 0, all weight is in its
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
        """Walk down in both parts at once."""
        if min(self.strength, self.strength_own) > 0:
            return descend(loss, lambda parts, step: self.prox(parts, step, loss.n_outputs), n_parts=2)
        free = alone(loss)
        nothing = np.zeros_like(free.parts)
        return free._replace(parts=np.stack([nothing, free.parts] if self.strength else [free.parts, nothing]))

    def penalty(self, parts: Parts, n_outputs: tuple[int, ...]) -> float:
        """The largest weights of the shared part and the sizes of the own ones, each at its price."""
        shared, own = np.abs(parts)
        return self.strength * float(shared.max(axis=0).sum()) + self.strength_own * float(own.sum())

    def prox(self, parts: Parts, step: float, n_outputs: tuple[int, ...]) -> Parts:
        """Cut the largest shared weights of each feature down to one height; take the same piece off every own weight."""
        shared, own = parts
        height = _heights(np.abs(shared), step * self.strength)
        shorter = np.maximum(np.abs(own) - step * self.strength_own, 0)
        return np.stack([np.clip(shared, -height, height), np.sign(own) * shorter])

    def found(self, parts: Parts, n_outputs: tuple[int, ...]) -> Mapping[str, np.ndarray]:
        """The two parts, and which features are shared."""
        shared, own = parts
        return {"shared": shared, "own": own, "kept": shared.any(axis=0)}


def _heights(sizes: np.ndarray, cut: float) -> np.ndarray:
    """The height of each column at which what stands above it adds up to `cut`; 0 where all of it does not (Duchi et al. 2008)."""
    ordered = -np.sort(-sizes, axis=0)
    levels = (np.cumsum(ordered, axis=0) - cut) / np.arange(1, len(sizes) + 1)[:, None]
    # Lowering the height to the next size adds to what stands above it: the level is the largest of these averages.
    return np.maximum(levels.max(axis=0), 0)
