"""A global trunk, a local one per task, and a learned weight between them."""

from collections.abc import Iterator, Sequence
from math import log
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import checked
from mtl_tutor.sharing._base import Architecture, Form

_STUCK = 1000.0  # the sigmoid of it is 1, of its negative 0, to the last bit, and neither has a slope


@checked
class GlobalAndLocal(Architecture):
    """Every task reads a learned mixture of a shared trunk and one of its own.

    A task's head reads s · global features + (1 - s) · local features; the switch s, one per task,
    is learned with the rest. Compare switches only with each other: how far all of them move
    depends on how large the features of either kind grow.

    Parameters
    ----------
    n_features, n_tasks : int
        Of each trunk, and as in `Architecture`.
    n_hidden : int | Sequence[int]
        Of each trunk, and as in `Architecture`.
    **form : Unpack[Form]
        Of each trunk, and as in `Architecture`.
    start : float
        The switches' initial value. At 0 they stay, which is `SingleTask`; at 1 too, which is
        `HardSharing`.

    Raises
    ------
    ValueError
        As in `Architecture`, or a start outside [0, 1].

    Notes
    -----
    Source: source text 001, "hybrid strategy": a module for global features, sub-modules for local
    ones, smooth changes between.

    Departures: the text leaves the switch open; here it is a sigmoid, of the task alone and not of
    the sample.

    Examples
    --------
    >>> net = GlobalAndLocal(n_features=3, n_hidden=8, n_tasks=2)
    >>> net.inspect(torch.zeros(5, 3))["switch"]
    array([0.5, 0.5], dtype=float32)
    """

    def __init__(
        self, n_features: int, n_hidden: int | Sequence[int], n_tasks: int = 2, *, start: float = 0.5, **form: Unpack[Form]
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        if not 0 <= start <= 1:
            raise ValueError(f"`start` must lie in [0, 1]; got {start}.")
        self.start = start
        self.trunk = self.new_trunk()
        self.heads = self.new_heads()
        self.local_trunks = nn.ModuleList(self.new_trunk() for _ in self.heads)
        self.switches = nn.ParameterList(nn.Parameter(torch.empty(())) for _ in self.heads)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights and set the switches to their start."""
        super().reset_parameters()
        at = log(self.start / (1 - self.start)) if 0 < self.start < 1 else (2 * self.start - 1) * _STUCK
        for switch in self.switches:
            nn.init.constant_(switch, at)

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        common, own = self.trunk(x), torch.stack([trunk(x) for trunk in self.local_trunks])
        switch = torch.stack(list(self.switches)).sigmoid()[:, None, None]
        mixed = switch * common + (1 - switch) * own
        return [head(mixed[task]) for task, head in enumerate(self.heads)]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: the global trunk."""
        return self.trunk.parameters()

    def inspect(self, x: Float[Tensor, "sample feature"]) -> dict[str, np.ndarray]:
        """The switches: "switch" [task], 1 for global features only, 0 for local ones only."""
        return {"switch": torch.stack(list(self.switches)).sigmoid().detach().cpu().numpy()}
