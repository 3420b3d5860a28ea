"""Fixed weights, chosen by the user."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.loss_weighting._base import StatelessWeighting
from mtl_tutor.checks import checked


@checked
@dataclass(frozen=True)
class FixedWeighting(StatelessWeighting):
    """Give every task loss the weight that you choose, the same at every step.

    Parameters
    ----------
    weights : tuple of float
        One number per task, zero or more, not all zero.

    Raises
    ------
    ValueError, TypeError
        A weight is negative or not finite, or all are zero.

    Notes
    -----
    Source: known as "scalarization". Departures: none; the weights are not normalised.

    Examples
    --------
    >>> import torch
    >>> FixedWeighting((1.0, 0.2)).weights_for(torch.tensor([5.0, 0.1]))
    tensor([1.0000, 0.2000])
    """

    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", tuple(float(weight) for weight in self.weights))
        if not any(self.weights) or min(self.weights) < 0:
            raise ValueError(f"`weights` must be zero or more, not all zero; got {self.weights}. Give one weight per task.")

    def start(self, n_tasks: int) -> State:
        """Check that there is one weight per task; nothing has to be remembered."""
        if len(self.weights) != n_tasks:
            raise ValueError(
                f"`method` must have one weight per task, {n_tasks}; got {len(self.weights)}. Give FixedWeighting {n_tasks} numbers."
            )
        return ()

    def weights_for(self, losses: Float[Tensor, "task"]) -> Float[Tensor, "task"]:
        """Return the weights chosen at the start, whatever the losses are."""
        return losses.new_tensor(self.weights)
