"""Aligned-MTL: the gradients turned and scaled until none dominates (Senushkin et al., 2023)."""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.gradient_surgery._base import GramianSurgery
from mtl_tutor.checks import checked


@checked
@dataclass(frozen=True)
class AlignedMTL(GramianSurgery):
    """Replace the gradients by the nearest ones that are at right angles and equally long, and average these.

    The Jacobian's singular values all become the smallest one: its condition number becomes 1.

    Parameters
    ----------
    normalize : bool
        Whether to scale the direction to the length of the sum of the gradients.

    Notes
    -----
    Size: a mean of gradients as long as the smallest singular value, so nearly parallel gradients give a short step.
    A loss may rise.

    Source: Senushkin et al. (2023), *Independent component alignment for multi-task learning*. Departures: singular values
    below a millionth of the largest count as zero and are left out, as is a task whose gradient is zero.

    Examples
    --------
    >>> AlignedMTL().weigh(torch.tensor([[1.0, 0.0], [0.0, 4.0]]), (), torch.zeros(0))[0]
    tensor([0.5000, 0.2500])
    """

    normalize: bool = field(default=False, kw_only=True)

    def weigh(self, gramian: Float[Tensor, "task task"], state: State, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Scale all eigenvalues of the Gramian to the smallest that isn't zero."""
        values, vectors = torch.linalg.eigh(gramian.nan_to_num(0.0, 0.0, 0.0))  # a net that diverged stops no other
        counts = values > 1e-12 * values.amax().clamp(min=torch.finfo(gramian.dtype).tiny)
        smallest = torch.where(counts, values, torch.inf).amin()
        scale = torch.where(counts, (smallest / torch.where(counts, values, 1)).sqrt(), 0)
        there = (gramian.diagonal() > 0).to(gramian.dtype)
        mean = there / there.sum().clamp(min=1)
        return vectors @ (scale * (vectors.T @ mean)), state
