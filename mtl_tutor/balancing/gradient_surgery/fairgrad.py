"""FairGrad: from the sum of gradients over Nash's solution to the worst task's gain (Ban & Ji, 2024)."""

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
class FairGrad(GramianSurgery):
    """Share out the gain fairly, with a knob: alpha = 0 is the sum, 1 Nash-MTL, and a large one looks at the worst task.

    The weights w are positive and solve ``(G w)_i = w_i ** (-1 / alpha)``: the more a task gains, the less it weighs.

    Parameters
    ----------
    alpha : float
        The fairness, above 0 and at most 10.
    normalize : bool
        Whether to scale the direction to the length of the sum of the gradients.

    Raises
    ------
    ValueError, TypeError
        An alpha out of range.

    Notes
    -----
    Size: as the equation gives it; it depends on alpha and on the gradients' units.

    Source: Ban & Ji (2024), *Fair resource allocation in multi-task learning*, with their alpha of 2. Departures: Newton steps
    in place of a least-squares solver; a task whose gradient is zero is left out.

    Examples
    --------
    >>> FairGrad(alpha=1.0).weigh(torch.tensor([[1.0, 0.0], [0.0, 100.0]]), (), torch.zeros(0))[0]
    tensor([1.0000, 0.1000])
    """

    alpha: float = 2.0
    normalize: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if not 0.01 <= self.alpha <= 10:
            raise ValueError(f"`alpha` must lie between 0.01 and 10; got {self.alpha}. 1 is Nash-MTL's fairness, the paper takes 2.")

    def weigh(self, gramian: Float[Tensor, "task task"], state: State, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Solve for the weights by Newton steps that keep them positive."""
        length, cosines = lengths_and_cosines(gramian)
        inverse, power = inverse_of(length), -1 / self.alpha
        there = torch.where(length > 0, length, 1)
        # with b = w |g|: (C b)_i = |g_i| ** (1 / alpha - 1) * b_i ** (-1 / alpha)
        size = there ** (-power - 1)
        return fair_share(cosines, size, power) * inverse, state
