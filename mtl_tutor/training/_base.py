"""What the training loop asks of a stack of nets, one net per seed."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor


class Stack(ABC):
    """As many nets as there are seeds, all at once.

    Attributes
    ----------
    parameters, gradient : every trained number of every net, and its slope; any layout, the same for both.
    named : the model's own parameter (and buffer) names -> [seed, ...], views into `parameters`.
    n_units : hidden units per net that can be silenced; none where the stack doesn't know them.
    sample_multiple : numbers of samples are filled up to a multiple of this, with samples that nobody labelled.
    """

    parameters: Tensor
    gradient: Tensor
    named: Mapping[str, Tensor]
    n_units: int = 0
    sample_multiple: int = 1

    @abstractmethod
    def spread(self, per_seed: Float[Tensor, "seed"]) -> Tensor:
        """Give every parameter its seed's number (broadcastable to `parameters`)."""

    @abstractmethod
    def inputs(self, x: Tensor) -> Tensor:
        """Samples as this stack likes to read them; once per training."""

    @abstractmethod
    def batches(
        self,
        x: Float[Tensor, "step seed sample feature"],
        y: Float[Tensor, "step seed sample task"],
        kept: Float[Tensor, "step seed hidden sample"] | None = None,
    ) -> Sequence[Any]:
        """Samples, labels and factors on hidden units, of several steps, as `differentiate` likes to read them; once per epoch."""

    @abstractmethod
    def outputs(self, x: Float[Tensor, "seed sample feature"]) -> list[Float[Tensor, "seed sample output"]]:
        """Answer every task; the answers are overwritten by the next call."""

    @abstractmethod
    def differentiate(self, batch: Any) -> list[Float[Tensor, "seed sample output"]]:
        """Fill `gradient` with the direction that is descended; return the answers on the way."""


def filled_up(values: Tensor, axis: int, multiple: int, *, extra: int = 0, fill: float = 0.0) -> Tensor:
    """Copy with an axis `extra` longer, and then as long as the next multiple."""
    size = list(values.shape)
    size[axis] = -(-(size[axis] + extra) // multiple) * multiple
    longer = values.new_full(size, fill)
    longer.narrow(axis, 0, values.shape[axis]).copy_(values)
    return longer
