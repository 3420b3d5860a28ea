"""What every gradient surgery has to do."""

from abc import ABC, abstractmethod

from jaxtyping import Float
from torch import Tensor


class GradientSurgery(ABC):
    """Make one step for the shared parameters out of the directions the tasks ask for.

    Write it for one network, in closed form or a few fixed steps. The engine calls it for all seeds
    at once. A task that has no label in the batch asks for nothing: its row is zero. Parameters that
    belong to one task alone (its head) never come here; they follow that task's own gradient.
    """

    @abstractmethod
    def combine(self, jacobian: Float[Tensor, "task param"]) -> Float[Tensor, "param"]:
        """Turn one gradient per task into the direction that is descended (the optimiser steps against it)."""
