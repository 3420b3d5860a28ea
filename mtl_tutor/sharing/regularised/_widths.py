"""How a task matrix, learned under a budget, shares out room among the directions in which tasks differ."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float


class Budget(NamedTuple):
    """What the eigenvalues of a task matrix may be: each from `low` to `high`, together `total`.

    Weights W cost the least of |Σ^(-1/2) W|² over all such matrices Σ. The best Σ has the left
    singular vectors of W, so the rest is about numbers: singular values σ of W, eigenvalues λ of Σ.
    """

    low: float
    high: float
    total: float

    def widths(self, sigma: Float[np.ndarray, "hidden"], slack: float = 0.0) -> Float[np.ndarray, "hidden"]:
        """The eigenvalues λ with the least sum of σ² / (λ + slack): wide where the weights are, clip(θ
        σ - slack, low, high).

        One θ spends the budget. The sum is piecewise linear in θ, so θ is read off between two
        knots.
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
        """The proximal step: the σ' that minimise |σ' - σ|² / (2 step) + cost(σ') / 2."""
        widths = self.widths(sigma, step)
        return sigma * widths / (widths + step)


def _used(sigma: Float[np.ndarray, "hidden"]) -> Bool[np.ndarray, "hidden"]:
    return sigma > 1e-15 * sigma.max(initial=0)  # smaller ones are rounding errors
