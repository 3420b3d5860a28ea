"""What loss weightings and gradient surgeries have in common: a memory, and random numbers from outside."""

from collections.abc import Mapping

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
