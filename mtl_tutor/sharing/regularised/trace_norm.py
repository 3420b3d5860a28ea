"""The trace norm: all tasks' weights lie near one small subspace."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mtl_tutor.sharing.regularised._base import Parts, Regularised


@dataclass(frozen=True)
class TraceNorm(Regularised):
    """Linear tasks whose weight matrix has low rank (trace norm).

    The penalty is the sum of the singular values of the weight matrix (its trace, or nuclear,
    norm), the convex relaxation of its rank: the tasks share a few directions of the feature space,
    each with weights of its own. Linear hard sharing forces the rank by a narrow layer, this
    penalises it.

    Parameters
    ----------
    strength : float
        Strength of the penalty: loss per unit of weight.
    counted_from : float
        `rank` counts the singular values above this share of the largest. 0 counts all that are
        left, which is too many: the strength that predicts best leaves some small ones that are
        noise.

    Raises
    ------
    ValueError
        The strength is negative or not finite, or the share isn't at least 0 and below 1.

    Notes
    -----
    Found: `singular_values`, largest first; `rank`; `directions`, one row of features per singular
    value; `mixtures`, one column of outputs per singular value.

    Source: Amit, Fink, Srebro & Ullman (2007); solved as by Ji & Ye (2009).

    Departures: a task's loss is the mean over its samples, not their sum; half the squared error or
    nats instead of their hinge loss; intercepts are not penalised.

    Examples
    --------
    Weights that are free would be (2, 0) and (0, 1); the strength comes off each singular value.

    >>> x = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    >>> fit = TraceNorm(0.5).fit(x, x * [2, 1])
    >>> fit.weights.round(6).tolist(), fit.found["singular_values"].round(6).tolist()
    ([[1.5, 0.0], [0.0, 0.5]], [1.5, 0.5])
    """

    counted_from: float = 0.2

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.counted_from < 1:
            raise ValueError(f"`counted_from` must be at least 0 and below 1; got {self.counted_from}. 0.2 counts what matters.")

    def penalty(self, parts: Parts, n_outputs: tuple[int, ...]) -> float:
        """Strength times the sum of the singular values."""
        return self.strength * float(np.linalg.svd(parts, compute_uv=False).sum())

    def prox(self, parts: Parts, step: float, n_outputs: tuple[int, ...]) -> Parts:
        """Soft-threshold the singular values."""
        left, values, right = np.linalg.svd(parts, full_matrices=False)
        return (left * np.maximum(values - step * self.strength, 0)) @ right

    def found(self, parts: Parts, n_outputs: tuple[int, ...]) -> Mapping[str, np.ndarray]:
        """Singular values, rank, and the shared directions."""
        left, values, right = np.linalg.svd(parts, full_matrices=False)
        noise = 1e-9 * values[0]  # what rounding leaves of a zero
        rank = np.sum(values > max(noise, self.counted_from * values[0]))
        return {"singular_values": values, "rank": np.array(rank), "directions": right, "mixtures": left}
