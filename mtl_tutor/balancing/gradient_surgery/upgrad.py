"""UPGrad: each gradient projected on the directions in which no task loses, then their mean (Quinton & Rey, 2024)."""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.gradient_surgery._base import GramianSurgery
from mtl_tutor.balancing.gradient_surgery._quadratic import inverse_of, least_over_positive, lengths_and_cosines
from mtl_tutor.checks import checked


@checked
@dataclass(frozen=True)
class UPGrad(GramianSurgery):
    """Project each task's gradient on the cone in which no task loses, and average the projections.

    The cone holds all d with ``g_j · d >= 0`` for every task j. The point of it that is nearest to g_i is g_i plus a positive
    combination of the gradients. The mean of points of a cone lies in it, so no loss rises, to first order.

    Parameters
    ----------
    normalize : bool
        Whether to scale the direction to the length of the sum of the gradients.

    Notes
    -----
    Size: a mean; without conflict it is the mean of the gradients.

    Source: Quinton & Rey (2024), *Jacobian descent for multi-objective optimization*. Departures: projections are exact for
    any ratio of lengths, without a regulariser that depends on the longest gradient.

    Examples
    --------
    >>> UPGrad().weigh(torch.tensor([[1.0, -0.5], [-0.5, 1.0]]), (), torch.zeros(0))[0]
    tensor([0.7500, 0.7500])
    """

    normalize: bool = field(default=False, kw_only=True)

    def weigh(self, gramian: Float[Tensor, "task task"], state: State, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Project all gradients, and average over the tasks that have one."""
        length, cosines = lengths_and_cosines(gramian)
        there = length > 0
        eye = torch.eye(len(gramian), dtype=gramian.dtype, device=gramian.device)
        added = least_over_positive(cosines, torch.where(eye > 0, -1, -cosines))  # row i: what is added to task i's unit gradient
        n_there = there.sum().clamp(min=1)
        return length @ (eye + added) * inverse_of(length) / n_there, state
