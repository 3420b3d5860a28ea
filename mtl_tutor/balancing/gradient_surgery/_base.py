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

    normalize: bool
    """Whether `sized` scales the direction to the length of the sum of the gradients; a field of every surgery of the package."""

    def sized(
        self, direction: Float[Tensor, "param"], jacobian: Float[Tensor, "task param"], parts: Float[Tensor, ""] | float = 0.0
    ) -> Float[Tensor, "param"]:
        """Return the direction as it is, or, with `normalize`, as long as the sum of the gradients, which equal weights descend.

        A direction that is shorter than a millionth of the `parts` that it was added up from is what rounding left of gradients
        that cancel: with `normalize`, it becomes zero.
        """
        if not getattr(self, "normalize", False):
            return direction
        length = direction.norm()
        scale = jacobian.sum(0).norm() / length.clamp(min=torch.finfo(direction.dtype).tiny)
        return direction * torch.where(length > 1e-6 * parts, scale, 0)

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
    """A surgery that needs the gradients' inner products only, and returns one weight per task gradient.

    `combine` calculates them in double precision: with a gradient a thousand times as long as another, products in single
    precision would hold no digit of the shorter one.
    """

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
        exact = jacobian.double()
        weights, state = self.weigh(exact @ exact.T, state, noise)
        if not getattr(self, "normalize", False):
            return (weights @ exact).to(jacobian.dtype), state
        parts = weights.abs() @ exact.norm(dim=1)
        return self.sized(weights @ exact, exact, parts).to(jacobian.dtype), state
