"""GradDrop: for each parameter, keep the gradients of one sign (Chen et al., 2020)."""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.gradient_surgery._base import GradientSurgery
from mtl_tutor.checks import checked

_DRAWN = 64
_GOLDEN = 0.6180339887498949


@checked
@dataclass(frozen=True)
class GradDrop(GradientSurgery):
    """Toss a coin for each parameter, and keep only the tasks' gradients with the sign that won; add these up.

    The coin shows plus with the probability ``(1 + sum_i g_i / sum_i |g_i|) / 2``, so where all tasks agree on the sign,
    nothing is dropped.

    Parameters
    ----------
    normalize : bool
        Whether to scale the direction to the length of the sum of the gradients.

    Notes
    -----
    Size: a sum. It works on single parameters, so it depends on how a net is written down.

    Source: Chen et al. (2020), *Just pick a sign: optimizing deep multitask models with gradient sign dropout*. Departures: it
    acts on gradients of parameters, not of activations; one set of 64 random numbers per step serves all parameters, shifted
    anew (modulo 1) for every 64 of them.

    Examples
    --------
    Both tasks agree on the first parameter; on the second, one of them is dropped.

    >>> GradDrop().combine(torch.tensor([[1.0, 3.0], [1.0, -1.0]]), (), torch.zeros(64))[0]
    tensor([2., 3.])
    """

    normalize: bool = field(default=False, kw_only=True)

    def noise_shape(self, n_tasks: int) -> tuple[int]:
        """Return the shape of the numbers from which all coins are made."""
        return (_DRAWN,)

    def combine(self, jacobian: Float[Tensor, "task param"], state: State, noise: Tensor) -> tuple[Float[Tensor, "param"], State]:
        """Toss the coins and add up what has the sign that won."""
        number = torch.arange(jacobian.shape[1], device=jacobian.device)
        drawn = torch.special.ndtr(noise.to(jacobian.dtype))[number % _DRAWN]  # uniform in [0, 1]
        uniform = (drawn + _GOLDEN * (number // _DRAWN)) % 1
        total = jacobian.abs().sum(0).clamp(min=torch.finfo(jacobian.dtype).tiny)
        plus = (1 + jacobian.sum(0) / total) / 2 > uniform
        kept = torch.where(plus, jacobian.clamp(min=0), jacobian.clamp(max=0)).sum(0)
        return self.sized(kept, jacobian), state
