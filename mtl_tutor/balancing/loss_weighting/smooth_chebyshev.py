"""Smooth Chebyshev: a smooth maximum of weighted losses (Lin et al., 2024)."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.loss_weighting._base import StatelessWeighting
from mtl_tutor.checks import checked


@checked
@dataclass(frozen=True)
class SmoothChebyshev(StatelessWeighting):
    """Descend a smooth maximum of the weighted losses: ``mu * log sum_k exp(w_k (L_k - ideal) / mu)``.

    Each choice of weights has another compromise as its minimum, also where the front of compromises is concave and no
    weighted sum can reach it.

    Parameters
    ----------
    weights : tuple of float
        One number per task, above zero; equal ones that sum to 1 if empty.
    mu : float
        How smooth the maximum is, at least 0.0001; the smaller, the nearer to the largest weighted loss alone.
    ideal : float
        The loss that each task could have at best.

    Raises
    ------
    ValueError, TypeError
        Weights that are not positive, a `mu` out of range, or, in training, another number of tasks.

    Notes
    -----
    Units count: choose weights for losses on one scale. Losses may be negative. A task without a label in the batch is left out
    of the maximum.

    Source: Lin et al. (2024), *Smooth Tchebycheff scalarization for multi-objective optimization*. Departures: one ideal
    value for all tasks.

    Examples
    --------
    >>> SmoothChebyshev((0.5, 0.5), mu=0.1).weights_for(torch.tensor([1.0, 1.0]))
    tensor([0.2500, 0.2500])
    """

    weights: tuple[float, ...] = ()
    mu: float = 0.1
    ideal: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", tuple(float(weight) for weight in self.weights))
        if self.weights and not min(self.weights) > 0:
            raise ValueError(f"`weights` must be above zero; got {self.weights}. Leave a task out in place of a weight of zero.")
        if not self.mu >= 1e-4:
            raise ValueError(f"`mu` must be at least 0.0001; got {self.mu}.")

    def start(self, n_tasks: int) -> State:
        """Check that there is one weight per task; nothing has to be remembered."""
        if self.weights and len(self.weights) != n_tasks:
            raise ValueError(f"`weights` must have one number per task, {n_tasks}; got {len(self.weights)}.")
        return ()

    def weights_for(self, losses: Float[Tensor, "task"]) -> Float[Tensor, "task"]:
        """Return the slopes of the smooth maximum."""
        weights = losses.new_tensor(self.weights) if self.weights else torch.full_like(losses, 1 / len(losses))
        height = torch.where(losses.isnan(), -torch.inf, weights * (losses - self.ideal) / self.mu)
        powers = (height - height.amax()).exp().nan_to_num()  # no labels at all: zeros
        return weights * powers / powers.sum().clamp(min=1e-30)
