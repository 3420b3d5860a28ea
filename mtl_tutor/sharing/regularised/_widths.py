"""Learned task matrices with bounded eigenvalues and a fixed trace."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float


class Budget(NamedTuple):
    """Bounds on the eigenvalues of a task matrix: each from `low` to `high`, with sum `total`.

    The penalty of weights W is the least ``|Σ^(-1/2) W|²`` over all such matrices Σ. The best Σ has
    the left singular vectors of W, so it remains to find its eigenvalues λ, given the singular
    values σ of W.
    """

    low: float
    high: float
    total: float

    def widths(self, sigma: Float[np.ndarray, "hidden"], slack: float = 0.0) -> Float[np.ndarray, "hidden"]:
        """The eigenvalues λ that minimise Σ σ² / (λ + slack): clip(θ σ - slack, low, high).

        θ is such that they have the sum `total`. The sum is piecewise linear in θ, so θ is
        interpolated between two knots.
        """
        used = sigma[_used(sigma)]
        knots = np.unique(np.concatenate([[0.0], (self.low + slack) / used, (self.high + slack) / used]))
        spent = np.clip(knots[:, None] * sigma - slack, self.low, self.high).sum(axis=1)
        return np.clip(np.interp(self.total, spent, knots) * sigma - slack, self.low, self.high)

    def cost(self, sigma: Float[np.ndarray, "hidden"]) -> float:
        """The least sum of σ² / λ."""
        used = _used(sigma)
        return float((sigma[used] ** 2 / self.widths(sigma)[used]).sum())

    def prox(self, sigma: Float[np.ndarray, "hidden"], step: float) -> Float[np.ndarray, "hidden"]:
        """The proximal step: the σ' that minimise ``|σ' - σ|² / (2 step) + cost(σ') / 2``."""
        widths = self.widths(sigma, step)
        return sigma * widths / (widths + step)


def _used(sigma: Float[np.ndarray, "hidden"]) -> Bool[np.ndarray, "hidden"]:
    return sigma > 1e-15 * sigma.max(initial=0)  # smaller ones are rounding errors
