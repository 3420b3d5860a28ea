"""Hard parameter sharing: one trunk, one head per task."""

from collections.abc import Iterator, Sequence
from typing import Unpack

from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import checked
from mtl_tutor.sharing._base import Architecture, Form


@checked
class HardSharing(Architecture):
    """Hard parameter sharing: all tasks share the trunk, and each has a linear head.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`.
    n_hidden : int | Sequence[int]
        As in `Architecture`.
    **form : Unpack[Form]
        As in `Architecture`.

    Raises
    ------
    ValueError
        As in `Architecture`.

    Notes
    -----
    Source: Caruana (1993; 1997, Fig. 2).

    Departures: none; the paper leaves the initialisation open.

    Examples
    --------
    >>> import torch
    >>> net = HardSharing(n_features=3, n_hidden=8, n_tasks=2)
    >>> [tuple(y.shape) for y in net(torch.zeros(5, 3))]
    [(5, 1), (5, 1)]
    """

    def __init__(self, n_features: int, n_hidden: int | Sequence[int], n_tasks: int = 2, **form: Unpack[Form]) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        self.trunk = self.new_trunk()
        self.heads = self.new_heads()
        self.reset_parameters()

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        representation = self.trunk(x)
        return [head(representation) for head in self.heads]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: the trunk."""
        return self.trunk.parameters()
