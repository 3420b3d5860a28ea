"""Attention masks: one shared trunk, and a mask per task on each of its layers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import checked
from mtl_tutor.sharing._base import Architecture, Form


@checked
class MTAN(Architecture):
    """Multi-task attention network: a shared trunk, with a task-specific mask on each layer.

    A mask has values from 0 to 1, one per unit and sample. It is computed from the layer that it
    multiplies and from the task's masked features of the layer before.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`, of the trunk.
    n_hidden : int | Sequence[int]
        As in `Architecture`, of the trunk.
    **form : Unpack[Form]
        As in `Architecture`, of the trunk.

    Raises
    ------
    ValueError
        As in `Architecture`, or a trunk is given.

    Notes
    -----
    Source: Liu, Johns & Davison (2019), Multi-Task Attention Network, eq. 1-2.

    Departures: a mask is one linear map and a sigmoid, where the paper has two convolutions with
    batch normalisation, and a third on what the mask let through; each mask is computed from the
    very layer that it lies on, not from the one inside the same block; there is no decoder.

    Examples
    --------
    >>> net = MTAN(n_features=3, n_hidden=8, n_tasks=2)
    >>> [tuple(y.shape) for y in net(torch.zeros(5, 3))]
    [(5, 1), (5, 1)]
    >>> net.inspect(torch.zeros(5, 3))["masks_1"].shape
    (2, 8)
    """

    def __init__(self, n_features: int, n_hidden: int | Sequence[int], n_tasks: int = 2, **form: Unpack[Form]) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        self.layers = self.new_layers()
        sizes = list(zip((0, *self.n_hidden), self.n_hidden, strict=False))
        self.masks = nn.ModuleList(nn.ModuleList(nn.Linear(below + width, width) for below, width in sizes) for _ in self.n_outputs)
        self.heads = self.new_heads()
        self.reset_parameters()

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        *_, (_, heard) = self._walk(x)
        return [head(h) for head, h in zip(self.heads, heard, strict=True)]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: the trunk."""
        return self.layers.parameters()

    def inspect(self, x: Float[Tensor, "sample feature"]) -> Mapping[str, np.ndarray]:
        """The masks of each layer: "masks_1", … [task hidden], averaged over the samples."""
        with torch.no_grad():
            return {f"masks_{i}": torch.stack(masks).mean(1).cpu().numpy() for i, (masks, _) in enumerate(self._walk(x), 1)}

    def _walk(self, x: Float[Tensor, "sample feature"]) -> Iterator[tuple[list[Tensor], list[Tensor]]]:
        """Each layer's masks and masked features, one of each per task."""
        heard: list[Tensor] = [x[:, :0]] * self.n_tasks
        for layer, *own in zip(self.layers, *self.masks, strict=True):  # type: ignore[arg-type]
            x = layer(x)
            masks: list[Tensor] = [mask(torch.cat([x, h], -1)).sigmoid() for mask, h in zip(own, heard, strict=True)]
            heard = [mask * x for mask in masks]
            yield masks, heard
