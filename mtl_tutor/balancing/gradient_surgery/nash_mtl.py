"""Nash-MTL: the bargaining solution, which knows no units (Navon et al., 2022)."""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.gradient_surgery._base import GramianSurgery
from mtl_tutor.balancing.gradient_surgery._quadratic import fair_share, inverse_of, lengths_and_cosines
from mtl_tutor.checks import checked


@checked
@dataclass(frozen=True)
class NashMTL(GramianSurgery):
    """Descend the direction that maximises the product of the tasks' gains: Nash's bargaining solution.

    The weights a are positive and solve ``(G a)_i = 1 / a_i`` for the Gramian G. Multiply a task's loss by a number: its
    weight is divided by it, and the direction stays.

    Parameters
    ----------
    normalize : bool
        Whether to scale the direction to the length of the sum of the gradients.

    Notes
    -----
    Size: the direction always has the length √K for K tasks, however short the gradients are; so the learning rate
    has to fall, or an optimiser such as Adam has to shrink the steps.

    With b_i = a_i |g_i|, the equation is that of unit gradients, ``(C b)_i = 1 / b_i``, and b minimises the convex
    ``b' C b / 2 - sum_i log b_i``. Newton steps find it to the last digits (the authors solve a sequence of convex
    programs).

    Source: Navon et al. (2022), *Multi-task learning as a bargaining game*, equation 5. Departures: exact solution at every
    step; a task whose gradient is zero is left out; no bound on the length.

    Examples
    --------
    Units don't matter: the second gradient is ten times as long, its weight a tenth.

    >>> NashMTL().weigh(torch.tensor([[1.0, 0.0], [0.0, 100.0]]), (), torch.zeros(0))[0]
    tensor([1.0000, 0.1000])
    """

    normalize: bool = field(default=False, kw_only=True)

    def weigh(self, gramian: Float[Tensor, "task task"], state: State, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Solve for the weights of unit gradients."""
        length, cosines = lengths_and_cosines(gramian)
        return fair_share(cosines, torch.ones_like(length), -1.0) * inverse_of(length), state
