"""What every gradient surgery has to do."""

from abc import abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import HybridBalancing, State


class GradientSurgery(HybridBalancing):
    """Combine the tasks' gradients of the shared parameters into one direction.

    Write it for one network, in closed form or a few fixed steps. A task that has no label in the batch has a
    gradient of zeros. Parameters that belong to one task only (its head) never come here; they follow that
    task's own gradient. If the tasks' inner products are all that a method needs, extend `GramianSurgery`; if it needs
    the losses too, `HybridBalancing`.
    """

    def balance(
        self, losses: Float[Tensor, "task"], jacobian: Float[Tensor, "task param"], state: State, noise: Tensor
    ) -> tuple[Float[Tensor, "param"], Float[Tensor, "task"], State]:
        """Return `combine`'s direction and state, and the weight 1 for every task's own parameters."""
        direction, state = self.combine(jacobian, state, noise)
        return direction, torch.ones_like(losses), state

    @abstractmethod
    def combine(self, jacobian: Float[Tensor, "task param"], state: State, noise: Tensor) -> tuple[Float[Tensor, "param"], State]:
        """Return the direction that is descended, and the state for the next step.

        Parameters
        ----------
        jacobian : Float[Tensor, "task param"]
            One gradient of the shared parameters per task.
        state : State
            What `start` or the previous step returned.
        noise : Tensor
            Standard normal numbers of shape `noise_shape(n_tasks)`, drawn anew at every step.

        Returns
        -------
        direction : Float[Tensor, "param"]
            The optimiser steps against it.
        state : State
            Tensors of the same shapes as before.
        """


class GramianSurgery(GradientSurgery):
    """A surgery that needs the gradients' inner products only, and returns one weight per task gradient."""

    @abstractmethod
    def weigh(self, gramian: Float[Tensor, "task task"], state: State, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Return the weights of the task gradients in the direction, and the state for the next step.

        Parameters
        ----------
        gramian : Float[Tensor, "task task"]
            The inner product of every two tasks' gradients.
        state, noise
            As in `combine`.

        Returns
        -------
        weights : Float[Tensor, "task"]
            The direction is the weighted sum of the task gradients.
        state : State
            Tensors of the same shapes as before.
        """

    def combine(self, jacobian: Float[Tensor, "task param"], state: State, noise: Tensor) -> tuple[Float[Tensor, "param"], State]:
        """Return the weighted sum of the task gradients, and the state for the next step."""
        weights, state = self.weigh(jacobian @ jacobian.T, state, noise)
        return weights @ jacobian, state
