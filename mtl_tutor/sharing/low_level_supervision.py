"""Supervision at several depths: heads of simple tasks on low layers."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Unpack

import numpy as np
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import checked
from mtl_tutor.sharing._base import Architecture, Form


@checked
class LowLevelSupervision(Architecture):
    """One stack of layers, with each task's head on a layer of its own choice.

    The layers above a task's head receive no gradient from it. Features of a low task can so be
    used by the tasks above it.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`.
    n_hidden : int | Sequence[int]
        As in `Architecture`.
    **form : Unpack[Form]
        As in `Architecture`.
    depths : Sequence[int] | None
        The hidden layer that each task's head reads, counted from 1; when not given they are spread
        from the first layer for the first task to the last layer for the last task. With all at the
        last layer this is `HardSharing`.

    Raises
    ------
    ValueError
        As in `Architecture`, or the depths are not one layer per task, or no head is on the last
        layer, or a trunk is given.

    Notes
    -----
    Source: Søgaard & Goldberg (2016).

    Departures: perceptrons stand for their bidirectional LSTMs; a step descends all tasks' losses
    at once, where theirs picks one task at random.

    Examples
    --------
    >>> import torch
    >>> net = LowLevelSupervision(n_features=3, n_hidden=(8, 4), n_tasks=2)
    >>> [tuple(y.shape) for y in net(torch.zeros(5, 3))]
    [(5, 1), (5, 1)]
    >>> net.inspect(torch.zeros(5, 3))["depths"].tolist()
    [1, 2]
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: int | Sequence[int],
        n_tasks: int = 2,
        *,
        depths: Sequence[int] | None = None,
        **form: Unpack[Form],
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        last = len(self.n_hidden)
        self.depths = _spread(self.n_tasks, last) if depths is None else tuple(depths)
        if len(self.depths) != self.n_tasks or min(self.depths) < 1 or max(self.depths) != last:
            raise ValueError(
                f"`depths` must be {self.n_tasks} layers from 1 to {last}, one per task, the last layer among them; got {self.depths}."
            )
        self.layers = self.new_layers()
        self.heads = nn.ModuleList(nn.Linear(self.n_hidden[depth - 1], n) for depth, n in zip(self.depths, self.n_outputs, strict=True))
        self.reset_parameters()

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        hidden = [x]
        for layer in self.layers:
            hidden.append(layer(hidden[-1]))
        return [head(hidden[depth]) for head, depth in zip(self.heads, self.depths, strict=True)]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: the layers up to the second-highest head."""
        *_, second, _ = sorted((0, *self.depths))
        return chain(*(layer.parameters() for layer in self.layers[:second]))  # type: ignore[index]

    def inspect(self, x: Float[Tensor, "sample feature"]) -> Mapping[str, np.ndarray]:
        """The layer of each task's head: "depths" [task], counted from 1."""
        return {"depths": np.array(self.depths)}


def _spread(n_tasks: int, last: int) -> tuple[int, ...]:
    return tuple(last - (last - 1) * above // max(n_tasks - 1, 1) for above in reversed(range(n_tasks)))
