"""Sluice networks: learned sharing of subspaces of each layer, and of layers."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import check_least, checked
from mtl_tutor.sharing._base import MOST_PARTS, MOST_STRENGTH, Architecture, Form
from mtl_tutor.sharing.cross_stitch import mixture, near_identity


@checked
class Sluice(Architecture):
    """One network per task, with learned mixing of subspaces of each layer and of layers.

    Each task's layers are divided into subspaces, and all tasks' subspaces are mixed; so some can
    be shared and others stay private. Each head reads a weighted combination of the layers.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`.
    n_hidden : int | Sequence[int]
        As in `Architecture`.
    **form : Unpack[Form]
        As in `Architecture`, of each tower; widths are rounded up to multiples of `n_subspaces`.
    n_subspaces : int
        Number of equal parts of each layer. With one, layers are mixed as in `CrossStitch`.
    start : float
        Initial weight of a subspace itself in its mixture, in [0, 1]; all other subspaces of all
        tasks share the rest.
    orthogonality : float
        Weight of the penalty on overlapping subspaces of a task's layer.

    Raises
    ------
    ValueError
        As in `Architecture`, or the start is outside [0, 1], or there is less than one subspace, or
        the orthogonality is negative, or a trunk is given.

    Notes
    -----
    Source: Ruder, Bingel, Augenstein & Søgaard (2019; 2017 as "Sluice networks"), α, β and the
    orthogonality constraint.

    Departures: the head reads the layers side by side, each times its β, where the paper adds them
    up: layers may differ in width; β starts at 1 for the last layer and 0.1 for the others; the
    orthogonality is asked of the weights that make the subspaces, relative to their squared
    lengths' product; perceptrons stand for the recurrent layers.

    Examples
    --------
    >>> net = Sluice(n_features=3, n_hidden=8, n_tasks=2)
    >>> [tuple(y.shape) for y in net(torch.zeros(5, 3))]
    [(5, 1), (5, 1)]
    >>> net.inspect(torch.zeros(5, 3))["mixtures"].shape  # a layer, two tasks of two subspaces each
    (1, 4, 4)
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: int | Sequence[int],
        n_tasks: int = 2,
        *,
        n_subspaces: int = 2,
        start: float = 0.9,
        orthogonality: float = 0.01,
        **form: Unpack[Form],
    ) -> None:
        check_least("n_subspaces", n_subspaces, most=MOST_PARTS)
        check_least("orthogonality", orthogonality, 0, MOST_STRENGTH)
        super().__init__(n_features, n_hidden, n_tasks, **form)
        self.n_hidden = tuple(-(-width // n_subspaces) * n_subspaces for width in self.n_hidden)
        self.n_subspaces, self.orthogonality = n_subspaces, orthogonality
        n_parts, depth = self.n_tasks * n_subspaces, len(self.n_hidden)
        self.start = near_identity(n_parts, start)
        self.towers = nn.ModuleList(self.new_layers() for _ in self.n_outputs)
        self.heads = self.new_heads(sum(self.n_hidden))
        self.mixtures = nn.Parameter(torch.empty(depth, n_parts, n_parts))
        self.layer_weights = nn.Parameter(torch.empty(self.n_tasks, depth))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw towers and heads; set the mixtures to their start, and most weight on the last layer."""
        super().reset_parameters()
        with torch.no_grad():
            self.mixtures.copy_(self.start)
            self.layer_weights.fill_(0.1)[:, -1] = 1.0

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        read, layers = [x] * self.n_tasks, []
        for layer, weights in enumerate(self.mixtures):
            own = [tower[layer](h) for tower, h in zip(self.towers, read, strict=True)]  # type: ignore[index]
            parts = [part for h in own for part in h.chunk(self.n_subspaces, -1)]
            mixed = [mixture(row, parts) for row in weights]
            read = [torch.cat(mixed[i : i + self.n_subspaces], -1) for i in range(0, len(mixed), self.n_subspaces)]
            layers.append(read)
        tasks = zip(self.heads, self.layer_weights, zip(*layers, strict=True), strict=True)
        return [head(torch.cat([weight * h for weight, h in zip(weights, each, strict=True)], -1)) for head, weights, each in tasks]

    def penalty(self) -> Float[Tensor, ""]:
        """Overlap of the subspaces of a task's layer, from 0 (orthogonal) to 1, times `orthogonality`."""
        if self.n_subspaces == 1:
            return self.mixtures.new_zeros(())
        weights = [layer[0].weight for tower in self.towers for layer in tower]  # type: ignore[union-attr]
        return self.orthogonality * torch.stack([_overlap(weight, self.n_subspaces) for weight in weights]).mean()

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: the mixtures, the weights of the layers, and the towers."""
        return chain([self.mixtures, self.layer_weights], self.towers.parameters())

    def inspect(self, x: Float[Tensor, "sample feature"]) -> Mapping[str, np.ndarray]:
        """The mixing weights of subspaces and of layers.

        "mixtures" [layer subspace subspace]: all subspaces of the first task before those of the
        second; row: reader, column: source. "layer_weights" [task layer].
        """
        return {name: getattr(self, name).detach().cpu().numpy() for name in ("mixtures", "layer_weights")}


def _overlap(weight: Float[Tensor, "hidden feature"], n_subspaces: int) -> Float[Tensor, ""]:
    """|A B'|² / (|A|² |B|²), averaged over pairs of subspaces; |A B'|² is the inner product of A'A and B'B."""
    parts = weight.view(n_subspaces, -1, weight.shape[1])
    squares = (parts.mT @ parts).flatten(1)
    length = parts.square().sum((1, 2))
    pairs = torch.tril_indices(n_subspaces, n_subspaces, -1)
    return ((squares @ squares.T) / torch.outer(length, length))[pairs[0], pairs[1]].mean()
