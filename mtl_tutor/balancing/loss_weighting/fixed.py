"""Fixed weights: a person decides."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing.loss_weighting._base import LossWeighting


@dataclass(frozen=True)
class FixedWeighting(LossWeighting):
    """Let each loss count as much as you say.

    Parameters
    ----------
    weights : one number per task, zero or more, not all zero.

    Raises
    ------
    ValueError : a weight is negative or not finite, or all are zero.

    Source: "scalarization". Departures: none; the weights are not normalised.

    >>> import torch
    >>> FixedWeighting((1.0, 0.2)).weigh(torch.tensor([5.0, 0.1]))
    tensor([1.0000, 0.2000])
    """

    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", tuple(float(weight) for weight in self.weights))
        if not self.weights or not all(0 <= weight < float("inf") for weight in self.weights) or not any(self.weights):
            raise ValueError(f"`weights` must be zero or more, not all zero; got {self.weights}. Give one weight per task.")

    def weigh(self, losses: Float[Tensor, "task"]) -> Float[Tensor, "task"]:
        """The weights given at the start, whatever the losses say."""
        return losses.new_tensor(self.weights)
