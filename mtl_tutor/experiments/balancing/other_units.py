"""Losses given in another unit: what a balancing method sees, and nothing else, is multiplied."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing import Balancing, HybridBalancing, LossWeighting, State


@dataclass(frozen=True)
class InUnits(HybridBalancing):
    """Train as if each task's loss were multiplied by a number, as a change of its unit does.

    Attributes
    ----------
    method : LossWeighting or HybridBalancing
        What makes one update of the multiplied losses.
    units : tuple of float
        The number for each task.
    """

    method: Balancing
    units: tuple[float, ...]

    def start_for(self, n_tasks: int, layers: Sequence[int]) -> State:
        """Start the method."""
        return self.method.start_for(n_tasks, layers) if isinstance(self.method, HybridBalancing) else self.method.start(n_tasks)

    def noise_shape(self, n_tasks: int) -> tuple[int, ...]:
        """Draw what the method draws."""
        return self.method.noise_shape(n_tasks)

    def balance(
        self, losses: Float[Tensor, "task"], jacobian: Float[Tensor, "task param"], state: State, noise: Tensor
    ) -> tuple[Float[Tensor, "param"], Float[Tensor, "task"], State]:
        """Hand the method multiplied losses and gradients."""
        units = losses.new_tensor(self.units)
        if isinstance(self.method, LossWeighting):
            weights, state = self.method.weigh(losses * units, state, noise)
            weights = torch.where(losses.isnan(), 0, weights * units)
            return weights @ jacobian, weights, state
        if not isinstance(self.method, HybridBalancing):
            raise TypeError(f"`method` must extend LossWeighting or HybridBalancing; {type(self.method).__name__} doesn't.")
        direction, weights, state = self.method.balance(losses * units, jacobian * units[:, None], state, noise)
        return direction, weights * units, state
