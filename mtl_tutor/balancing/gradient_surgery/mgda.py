"""MGDA: the shortest vector among all mixtures of the gradients (Désidéri, 2012; Sener & Koltun, 2018)."""

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
class MGDA(GramianSurgery):
    """Descend the shortest vector among the convex combinations of the tasks' gradients.

    The weights a minimise ``|sum_i a_i g_i|²`` over ``a_i >= 0, sum_i a_i = 1``. No task's loss rises along this vector, to
    first order; where it is zero, no direction helps all tasks, and training stops.

    Parameters
    ----------
    normalize : bool
        Whether to scale the direction to the length of the sum of the gradients.

    Notes
    -----
    Size: a convex combination, at most as long as the shortest gradient. So the task with the shortest gradient counts most.

    Source: Désidéri (2012), *Multiple-gradient descent algorithm (MGDA) for multiobjective optimization*; for deep nets Sener
    & Koltun (2018), *Multi-task learning as multi-objective optimization*. Departures: the weights are exact (no Frank-Wolfe);
    a task whose gradient is zero is left out, where the papers would stop all others.

    Examples
    --------
    A short and a long gradient at a right angle.

    >>> MGDA().weigh(torch.tensor([[1.0, 0.0], [0.0, 4.0]]), (), torch.zeros(0))[0]
    tensor([0.8000, 0.2000])
    """

    normalize: bool = field(default=False, kw_only=True)

    def weigh(self, gramian: Float[Tensor, "task task"], state: State, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Solve for the weights of unit gradients, and turn them into weights that sum to 1."""
        length, cosines = lengths_and_cosines(gramian)
        inverse = inverse_of(length)
        scale = inverse / inverse.amax().clamp(min=torch.finfo(gramian.dtype).tiny)
        weights = least_over_positive(cosines, scale) * scale
        return weights / weights.sum().clamp(min=torch.finfo(gramian.dtype).tiny), state
