"""Cross-stitch networks: one tower per task, with learned mixing after each hidden layer."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import checked
from mtl_tutor.sharing._base import Architecture, Form


@checked
class CrossStitch(Architecture):
    """One network per task, with a learned mixture of all tasks' features after each layer.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`, of each tower.
    n_hidden : int | Sequence[int]
        As in `Architecture`, of each tower.
    **form : Unpack[Form]
        As in `Architecture`, of each tower.
    start : float
        Weight of a task's own features before training, in [0, 1]; the others share the rest
        equally. At 1 the towers start as separate nets.

    Raises
    ------
    ValueError
        As in `Architecture`, or the start is outside [0, 1], or a trunk is given.

    Notes
    -----
    Source: Misra, Shrivastava, Gupta & Hebert (2016), eq. 1.

    Departures: the stitches learn as fast as all other weights, where the paper gives them a rate
    100 to 1000 times as high; the towers start from random weights, not from trained single-task
    nets; more than two tasks share what the start leaves.

    Examples
    --------
    >>> net = CrossStitch(n_features=3, n_hidden=8, n_tasks=2)
    >>> [tuple(y.shape) for y in net(torch.zeros(5, 3))]
    [(5, 1), (5, 1)]
    >>> net.inspect(torch.zeros(5, 3))["stitches"].round(1)
    array([[[0.9, 0.1],
            [0.1, 0.9]]], dtype=float32)
    """

    def __init__(
        self, n_features: int, n_hidden: int | Sequence[int], n_tasks: int = 2, *, start: float = 0.9, **form: Unpack[Form]
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        self.start = near_identity(self.n_tasks, start)
        self.towers = nn.ModuleList(nn.ModuleList([*self.new_layers(), head]) for head in self.new_heads())
        self.stitches = nn.Parameter(torch.empty(len(self.n_hidden), self.n_tasks, self.n_tasks))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the towers as `SingleTask` would, and set the mixing weights to their start."""
        super().reset_parameters()
        with torch.no_grad():
            self.stitches.copy_(self.start)

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        read = [x] * self.n_tasks
        for layer, stitch in enumerate(self.stitches):
            own = [tower[layer](h) for tower, h in zip(self.towers, read, strict=True)]  # type: ignore[index]
            read = [mixture(weights, own) for weights in stitch]
        return [tower[-1](h) for tower, h in zip(self.towers, read, strict=True)]  # type: ignore[index]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: the stitches, and the towers without their heads."""
        layers = (tower[:-1].parameters() for tower in self.towers)  # type: ignore[index]
        return chain([self.stitches], *layers)

    def inspect(self, x: Float[Tensor, "sample feature"]) -> Mapping[str, np.ndarray]:
        """The mixing weights: "stitches" [layer task task], row: reader, column: source."""
        return {"stitches": self.stitches.detach().cpu().numpy()}


def near_identity(n_tasks: int, own: float) -> Float[Tensor, "task task"]:
    """Mixing weights that add up to one: `own` on the diagonal, the rest in equal parts.

    Raises
    ------
    ValueError
        The own weight is outside [0, 1].
    """
    if not 0 <= own <= 1:
        raise ValueError(f"`start` must lie in [0, 1]; got {own}. It is the weight of a task's own features.")
    other = (1 - own) / max(n_tasks - 1, 1)
    return torch.full((n_tasks, n_tasks), other).fill_diagonal_(1 - other * (n_tasks - 1))


def mixture(weights: Float[Tensor, "task"], features: Sequence[Float[Tensor, "sample hidden"]]) -> Float[Tensor, "sample hidden"]:
    """Weighted sum of all tasks' features."""
    first, *others = (weight * own for weight, own in zip(weights, features, strict=True))
    return sum(others, first)
