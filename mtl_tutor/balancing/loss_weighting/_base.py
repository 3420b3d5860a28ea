"""What every loss weighting has to do."""

from abc import ABC, abstractmethod

from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import Balancing, State


class LossWeighting(Balancing, ABC):
    """Choose one weight per task loss; the update then descends the weighted sum of the losses.

    Write it for one network. A task that has no label in the batch comes with the loss NaN; the engine gives
    it the weight zero, whatever the method says, but what such a loss does to the state is up to the method.
    """

    @abstractmethod
    def weigh(self, losses: Float[Tensor, "task"], state: State, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Return this step's weights and the state for the next step.

        Parameters
        ----------
        losses : Float[Tensor, "task"]
            The tasks' losses, each in its own unit. No gradient flows through them.
        state : State
            What `start` or the previous step returned.
        noise : Tensor
            Standard normal numbers of shape `noise_shape(n_tasks)`, drawn anew at every step.

        Returns
        -------
        weights : Float[Tensor, "task"]
            One weight per task loss.
        state : State
            Tensors of the same shapes as before.
        """


class StatelessWeighting(LossWeighting):
    """A loss weighting that remembers nothing and draws nothing: only `weights_for` is left to write."""

    @abstractmethod
    def weights_for(self, losses: Float[Tensor, "task"]) -> Float[Tensor, "task"]:
        """Return one weight per task loss. No gradient flows through it."""

    def weigh(self, losses: Float[Tensor, "task"], state: State, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Return `weights_for(losses)` and the empty state."""
        return self.weights_for(losses), state
