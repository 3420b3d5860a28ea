"""What the training loop asks of a stack of nets, one net per seed."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor


class Stack(ABC):
    """As many nets as there are seeds, computed together.

    Attributes
    ----------
    parameters, gradient : Tensor
        All trained parameters of all nets, and the gradient of the loss; any layout, the same for both.
    named : dict of Tensor
        The model's own parameter (and buffer) names -> [seed, ...], views into `parameters`.
    n_units : int
        Number of hidden units per net that dropout can set to 0; 0 where the stack doesn't know them.
    sample_multiple : int
        Numbers of samples are rounded up to a multiple of this, with unlabelled samples.
    """

    parameters: Tensor
    gradient: Tensor
    named: Mapping[str, Tensor]
    n_units: int = 0
    sample_multiple: int = 1

    @abstractmethod
    def spread(self, per_seed: Float[Tensor, "seed"]) -> Tensor:
        """Repeat a number per seed for each of its parameters (broadcastable to `parameters`)."""

    @abstractmethod
    def inputs(self, x: Tensor) -> Tensor:
        """Return samples in the layout that this stack reads; called once per training."""

    @abstractmethod
    def batches(
        self,
        x: Float[Tensor, "step seed sample *feature"],
        y: Float[Tensor, "step seed sample task"],
        kept: Float[Tensor, "step seed hidden sample"] | None = None,
    ) -> Sequence[Any]:
        """Return the batches of several steps (samples, labels, factors on hidden units) for `differentiate`; called once per epoch."""

    @abstractmethod
    def outputs(self, x: Float[Tensor, "seed sample *feature"]) -> list[Float[Tensor, "seed sample output"]]:
        """Return the outputs of every task; they are overwritten by the next call."""

    @abstractmethod
    def differentiate(self, batch: Any) -> list[Float[Tensor, "seed sample output"]]:
        """Compute the direction that is descended into `gradient`, and return the outputs."""


def filled_up(values: Tensor, axis: int, multiple: int, *, extra: int = 0, fill: float = 0.0) -> Tensor:
    """Copy a tensor with one axis lengthened by `extra`, and then to the next multiple."""
    size = list(values.shape)
    size[axis] = -(-(size[axis] + extra) // multiple) * multiple
    longer = values.new_full(size, fill)
    longer.narrow(axis, 0, values.shape[axis]).copy_(values)
    return longer
