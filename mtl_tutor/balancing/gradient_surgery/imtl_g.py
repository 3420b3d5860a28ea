"""IMTL-G: equal projections on all gradients (Liu et al., 2021)."""

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
class IMTLG(GramianSurgery):
    """Descend the direction whose projections on all tasks' gradients are equally long.

    With unit gradients u_i, ``u_i · sum_j a_j g_j`` is the same for every task i, and positive. The weights' sizes sum to 1.

    Parameters
    ----------
    normalize : bool
        Whether to scale the direction to the length of the sum of the gradients.

    Notes
    -----
    Size: a mean, where no weight is negative. A weight may be negative: then a short gradient conflicts with longer ones.

    Source: Liu et al. (2021), *Towards impartial multi-task learning*. Departures: the paper
    lets the weights sum to 1, which turns the direction round where negative weights outweigh the others; a task whose gradient
    is zero is left out.

    Examples
    --------
    >>> IMTLG().weigh(torch.tensor([[1.0, 0.0], [0.0, 4.0]]), (), torch.zeros(0))[0]
    tensor([0.6667, 0.3333])
    """

    normalize: bool = field(default=False, kw_only=True)

    def weigh(self, gramian: Float[Tensor, "task task"], state: State, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Solve for equal projections, and let the weights sum to 1."""
        length, cosines = lengths_and_cosines(gramian)
        there = (length > 0).to(gramian.dtype)
        weights = torch.linalg.solve_ex(cosines, there)[0] * inverse_of(length)
        return weights / weights.abs().sum().clamp(min=torch.finfo(gramian.dtype).tiny), state
