"""ConFIG: the conflict-free direction with equal cosines (Liu, Chu & Thuerey, 2024)."""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.gradient_surgery._base import GramianSurgery
from mtl_tutor.balancing.gradient_surgery._quadratic import inverse_of, lengths_and_cosines
from mtl_tutor.checks import checked


@checked
@dataclass(frozen=True)
class ConFIG(GramianSurgery):
    """Descend the direction that has the same positive cosine with every task's gradient.

    Its length is the sum of the gradients' projections on it.

    Parameters
    ----------
    normalize : bool
        Whether to scale the direction to the length of the sum of the gradients.

    Notes
    -----
    Size: a sum; gradients that all point one way are added up.

    Source: Liu, Chu & Thuerey (2024), *ConFIG: towards conflict-free training of physics informed neural networks*.
    Departures: a task whose gradient is zero is left out.

    Examples
    --------
    >>> ConFIG().weigh(torch.tensor([[1.0, 0.0], [0.0, 4.0]]), (), torch.zeros(0))[0]
    tensor([1.5000, 0.7500])
    """

    normalize: bool = field(default=False, kw_only=True)

    def weigh(self, gramian: Float[Tensor, "task task"], state: State, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Solve for equal cosines with unit gradients, then choose the length."""
        length, cosines = lengths_and_cosines(gramian)
        there = (length > 0).to(gramian.dtype)
        unit = torch.linalg.solve_ex(cosines, there)[0]
        square = unit @ cosines @ unit
        gain = (length * (cosines @ unit)).sum()  # all projections, times the length of the solution
        return unit * inverse_of(length) * gain / square.clamp(min=torch.finfo(gramian.dtype).tiny), state
