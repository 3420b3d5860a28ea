"""Equal weights: add the losses up."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing.loss_weighting._base import LossWeighting


@dataclass(frozen=True)
class EqualWeighting(LossWeighting):
    """Let every loss count once, in whatever unit it happens to have.

    A task measured in grams then outshouts one measured in kilograms: equal weights are a choice too.
    Source: Caruana (1997, §2). Departures: none. Some libraries divide by the number of tasks; we do not,
    so that a task is trained exactly as it would be alone.

    >>> EqualWeighting().weigh(torch.tensor([5.0, 0.1]))
    tensor([1., 1.])
    """

    def weigh(self, losses: Float[Tensor, "task"]) -> Float[Tensor, "task"]:
        """One for every task."""
        return torch.ones_like(losses)
