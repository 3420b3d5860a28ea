"""NDDR: towers that read a linear map of all towers' features after each layer."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import checked
from mtl_tutor.sharing._base import Architecture, Form
from mtl_tutor.sharing.cross_stitch import near_identity


@checked
class NDDR(Architecture):
    """One network per task, each reading a linear map of all tasks' features after each layer.

    A cross-stitch has one weight for a pair of tasks; this has a matrix. If each matrix is a
    multiple of the identity, the two are the same.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`, of each tower.
    n_hidden : int | Sequence[int]
        As in `Architecture`, of each tower.
    **form : Unpack[Form]
        As in `Architecture`, of each tower.
    start : float
        Weight of a task's own unit before training, in [0, 1]; the same unit of the others' shares
        the rest.

    Raises
    ------
    ValueError
        As in `Architecture`, or the start is outside [0, 1], or a trunk is given.

    Notes
    -----
    Source: Gao, Ma, Zhao, Liu & Yuille (2019), NDDR-CNN, with the diagonal start.

    Departures: a linear map stands for the 1 x 1 convolution; no batch normalisation, no rate or
    weight decay of its own, no shortcut from the lower layers to the last; the towers start from
    random weights, not from trained single-task nets.

    Examples
    --------
    >>> net = NDDR(n_features=3, n_hidden=8, n_tasks=2)
    >>> [tuple(y.shape) for y in net(torch.zeros(5, 3))]
    [(5, 1), (5, 1)]
    """

    def __init__(
        self, n_features: int, n_hidden: int | Sequence[int], n_tasks: int = 2, *, start: float = 0.9, **form: Unpack[Form]
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        self.start = near_identity(self.n_tasks, start)
        self.towers = nn.ModuleList(nn.ModuleList([*self.new_layers(), head]) for head in self.new_heads())
        self.fusions = nn.ModuleList(nn.Linear(self.n_tasks * width, self.n_tasks * width, bias=False) for width in self.n_hidden)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the towers as `SingleTask` would, and start the maps near the identity."""
        super().reset_parameters()
        for fusion, width in zip(self.fusions, self.n_hidden, strict=True):
            with torch.no_grad():
                fusion.weight.copy_(torch.kron(self.start, torch.eye(width)))  # type: ignore[operator]

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        read = [x] * self.n_tasks
        for layer, fusion in enumerate(self.fusions):
            own = [tower[layer](h) for tower, h in zip(self.towers, read, strict=True)]  # type: ignore[index]
            read = list(fusion(torch.cat(own, -1)).chunk(self.n_tasks, -1))
        return [tower[-1](h) for tower, h in zip(self.towers, read, strict=True)]  # type: ignore[index]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: all but the heads."""
        return chain(self.fusions.parameters(), *(tower[:-1].parameters() for tower in self.towers))  # type: ignore[index]

    def inspect(self, x: Float[Tensor, "sample feature"]) -> Mapping[str, np.ndarray]:
        """How strongly each task reads the others: "strengths" [layer task task].

        Row: reader, column: source. A strength is the root mean square, over the reader's units, of
        the norm of a unit's weights on the source. Initially these are the weights of the start.
        """
        n, blocks = self.n_tasks, [fusion.weight.detach().cpu().numpy() for fusion in self.fusions]  # type: ignore[union-attr]
        return {"strengths": np.stack([_strengths(block.reshape(n, len(block) // n, n, -1)) for block in blocks])}


def _strengths(block: Float[np.ndarray, "task hidden task hidden"]) -> Float[np.ndarray, "task task"]:
    return np.sqrt((block**2).sum(axis=3).mean(axis=1))
