"""What every loss weighting has to do."""

from abc import ABC, abstractmethod

from jaxtyping import Float
from torch import Tensor


class LossWeighting(ABC):
    """Decide how loudly each task speaks; the update then descends the weighted sum of the losses.

    Write it for one network. The engine calls it for all seeds at once, and gives a task that has
    no label in the batch the weight zero, whatever the method says.
    """

    @abstractmethod
    def weigh(self, losses: Float[Tensor, "task"]) -> Float[Tensor, "task"]:
        """Turn the tasks' losses, each in its own unit, into one weight per task. No gradient flows through it."""
