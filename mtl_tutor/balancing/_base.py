"""What loss weightings and gradient surgeries have in common: a memory, and random numbers from outside."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from jaxtyping import Float
from torch import Tensor

State = tuple[Tensor, ...] | Mapping[str, Tensor]
"""What a balancing method remembers from step to step, for one network; ``()`` if nothing."""


class Balancing:
    """A way to make one update from several losses.

    It is written for one network and one step. The engine calls it for all seeds at once, keeps one state per
    seed, and draws every seed's random numbers from that seed's own stream, so that a seed's numbers do not
    depend on which other seeds are trained beside it. The step is recorded once and replayed, so a method
    must do the same operations at every step: `torch.where` instead of `if`, and no random numbers of its own.
    """

    def start(self, n_tasks: int) -> State:
        """Return the state before the first step; none unless a method overrides this.

        Parameters
        ----------
        n_tasks : int
            Number of tasks.

        Returns
        -------
        State
            Tensors for one network. Floating-point tensors are converted to the precision of the training.

        Raises
        ------
        ValueError
            The method was set up for another number of tasks.
        """
        return ()

    def noise_shape(self, n_tasks: int) -> tuple[int, ...]:
        """Return the shape of the standard normal numbers that one step needs; none unless overridden."""
        return (0,)


class HybridBalancing(Balancing, ABC):
    """Look at losses and gradients: one direction for the shared parameters, and one weight per task for its own.

    Write it for one network and one step. A task that has no label in the batch has the loss NaN and a gradient of
    zeros; the engine gives it the weight zero, and the method keeps the NaN out of its state and direction.
    """

    def start_for(self, n_tasks: int, layers: Sequence[int]) -> State:
        """Return the state before the first step, for methods that must know how many parameters are shared.

        Parameters
        ----------
        n_tasks : int
            Number of tasks.
        layers : Sequence[int]
            Number of parameters of each shared layer, from the input on; their sum is the number of the Jacobian's columns.

        Returns
        -------
        State
            `start(n_tasks)` unless a method overrides this.
        """
        return self.start(n_tasks)

    @abstractmethod
    def balance(
        self, losses: Float[Tensor, "task"], jacobian: Float[Tensor, "task param"], state: State, noise: Tensor
    ) -> tuple[Float[Tensor, "param"], Float[Tensor, "task"], State]:
        """Return the shared parameters' direction, the weights of the losses elsewhere, and the state for the next step.

        Parameters
        ----------
        losses : Float[Tensor, "task"]
            The tasks' losses, each in its own unit; NaN without labels. No gradient flows through them.
        jacobian : Float[Tensor, "task param"]
            One gradient of the shared parameters per task.
        state : State
            What `start_for` or the previous step returned.
        noise : Tensor
            Standard normal numbers of shape `noise_shape(n_tasks)`, drawn anew at every step.

        Returns
        -------
        direction : Float[Tensor, "param"]
            The optimiser steps against it.
        weights : Float[Tensor, "task"]
            The parameters that belong to one task only follow its gradient times its weight.
        state : State
            Tensors of the same shapes as before.
        """
