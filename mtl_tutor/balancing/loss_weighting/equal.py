"""Equal weights: the sum of the losses."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing.loss_weighting._base import StatelessWeighting


@dataclass(frozen=True)
class EqualWeighting(StatelessWeighting):
    """Give every task loss the weight 1, in whatever unit it is measured.

    Notes
    -----
    A task measured in grams then counts more than the same task in kilograms: equal weights are a choice too.

    Source: Caruana (1997, §2). Departures: none. Some libraries divide by the number of tasks; we do not, so
    that a task is trained exactly as it would be by itself.

    Examples
    --------
    >>> EqualWeighting().weights_for(torch.tensor([5.0, 0.1]))
    tensor([1., 1.])
    """

    def weights_for(self, losses: Float[Tensor, "task"]) -> Float[Tensor, "task"]:
        """Return 1 for every task."""
        return torch.ones_like(losses)
