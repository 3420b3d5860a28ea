"""Progressive layered extraction: shared experts and experts of each task, in levels."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from typing import Any, Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import check_least, checked
from mtl_tutor.sharing._base import MOST_PARTS, Architecture, Form
from mtl_tutor.sharing.mmoe import mixed


class Level(nn.Module):
    """One level of PLE: experts of each task and shared ones, mixed by gates.

    Its inputs and outputs are one stream of features per task and one shared stream. The last level
    (`is_last`) returns no shared stream, nor does a level without shared experts.
    """

    def __init__(
        self, new_expert: Callable[[], nn.Module], fan_in: int, n_tasks: int, n_private: int, n_shared: int, is_last: bool
    ) -> None:
        super().__init__()
        self.private = nn.ModuleList(nn.ModuleList(new_expert() for _ in range(n_private)) for _ in range(n_tasks))
        self.shared = nn.ModuleList(new_expert() for _ in range(n_shared))
        self.gates = nn.ModuleList(nn.Linear(fan_in, n_private + n_shared) for _ in range(n_tasks))
        if n_shared and not is_last:
            self.shared_gate = nn.Linear(fan_in, n_tasks * n_private + n_shared)

    def forward(
        self, streams: Sequence[Float[Tensor, "sample feature"]]
    ) -> tuple[list[Float[Tensor, "sample hidden"]], list[Float[Tensor, "sample expert"]]]:
        """Features of each task (and the shared ones), and the gates that mixed them."""
        shared = [expert(streams[-1]) for expert in self.shared]
        private = [[expert(x) for expert in experts] for experts, x in zip(self.private, streams, strict=False)]  # type: ignore[union-attr]
        gates = [gate(x).softmax(-1) for gate, x in zip(self.gates, streams, strict=False)]
        out = [mixed(gate, [*own, *shared]) for gate, own in zip(gates, private, strict=True)]
        if hasattr(self, "shared_gate"):
            out.append(mixed(self.shared_gate(streams[-1]).softmax(-1), [*chain(*private), *shared]))
        return out, gates


@checked
class CGC(Architecture):
    """Customised gate control: each task mixes shared experts with experts of its own.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`.
    n_hidden : int | Sequence[int]
        As in `Architecture`.
    **form : Unpack[Form]
        As in `Architecture`; every expert is a trunk with initial weights of its own.
    n_private : int
        Number of experts of each task.
    n_shared : int
        Number of shared experts; with none, the tasks share nothing.

    Raises
    ------
    ValueError
        `n_private` below 1, `n_shared` below 0, or as in `Architecture`.

    Notes
    -----
    Source: Tang et al. (2020, §4.1, "customized gate control").

    Departures: a task's own part above its mixture is one linear head, not a small net; gates have
    biases.

    Examples
    --------
    >>> import torch
    >>> net = CGC(n_features=3, n_hidden=8, n_tasks=2, n_private=1, n_shared=2)
    >>> net.inspect(torch.zeros(5, 3))["gates"].shape  # one expert of its own, two for all
    (2, 5, 3)
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: int | Sequence[int],
        n_tasks: int = 2,
        *,
        n_private: int = 1,
        n_shared: int = 2,
        **form: Unpack[Form],
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        check_least("n_private", n_private, most=MOST_PARTS)
        check_least("n_shared", n_shared, 0, MOST_PARTS)
        self.level = Level(self.new_trunk, n_features, self.n_tasks, n_private, n_shared, is_last=True)
        self.heads = self.new_heads()
        self.reset_parameters()

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        representations, _ = self.level([x] * (self.n_tasks + 1))
        return [head(representation) for head, representation in zip(self.heads, representations, strict=True)]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: the shared experts."""
        return self.level.shared.parameters()

    def inspect(self, x: Float[Tensor, "sample feature"]) -> dict[str, np.ndarray]:
        """The gates: "gates" [task sample expert], a task's own experts before the shared ones."""
        _, gates = self.level([x] * (self.n_tasks + 1))
        return {"gates": torch.stack(gates).detach().cpu().numpy()}


@checked
class PLE(Architecture):
    """Progressive layered extraction: several levels of shared and task-specific experts.

    On each level, a task's gate mixes its own experts with the shared ones; a further, shared gate
    mixes all experts of a level for the shared experts of the next.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`.
    n_hidden : int | Sequence[int]
        As in `Architecture`.
    **form : Unpack[Form]
        As in `Architecture`; an expert of the first level is a trunk, one of a later level a single
        layer as wide as the trunk's last.
    n_levels : int
        Number of levels; with one, this is `CGC`.
    n_private : int
        Number of experts of each task, per level.
    n_shared : int
        Number of shared experts, per level; with none, the tasks share nothing.

    Raises
    ------
    ValueError
        `n_levels` or `n_private` below 1, `n_shared` below 0, or as in `Architecture`.

    Notes
    -----
    Source: Tang et al. (2020, §4.2).

    Departures: a task's own part above the last level is one linear head, not a small net; experts
    of later levels have one layer; gates have biases.

    Examples
    --------
    >>> import torch
    >>> net = PLE(n_features=3, n_hidden=8, n_tasks=2)
    >>> {name: gates.shape for name, gates in net.inspect(torch.zeros(5, 3)).items()}
    {'gates_0': (2, 5, 3), 'gates_1': (2, 5, 3)}
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: int | Sequence[int],
        n_tasks: int = 2,
        *,
        n_levels: int = 2,
        n_private: int = 1,
        n_shared: int = 2,
        **form: Unpack[Form],
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        check_least("n_levels", n_levels, most=MOST_PARTS)
        check_least("n_private", n_private, most=MOST_PARTS)
        check_least("n_shared", n_shared, 0, MOST_PARTS)
        counts = (self.n_tasks, n_private, n_shared)
        later = (Level(self._new_layer, self.width, *counts, level == n_levels - 1) for level in range(1, n_levels))
        self.levels = nn.ModuleList([Level(self.new_trunk, n_features, *counts, n_levels == 1), *later])
        self.heads = self.new_heads()
        self.reset_parameters()

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        streams = self._extract(x)[0]
        return [head(stream) for head, stream in zip(self.heads, streams, strict=True)]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: shared experts and gates, and all that a later shared gate reads."""
        levels: list[Any] = [*self.levels, None]
        for level, above in pairwise(levels):
            yield from level.shared.parameters()
            if hasattr(level, "shared_gate"):
                yield from level.shared_gate.parameters()
                yield from level.private.parameters()
            if hasattr(above, "shared_gate"):
                yield from level.gates.parameters()

    def inspect(self, x: Float[Tensor, "sample feature"]) -> dict[str, np.ndarray]:
        """The gates of each level: "gates_<level>" [task sample expert], own experts first."""
        gates = self._extract(x)[1]
        return {f"gates_{level}": torch.stack(of_level).detach().cpu().numpy() for level, of_level in enumerate(gates)}

    def _extract(
        self, x: Float[Tensor, "sample feature"]
    ) -> tuple[list[Float[Tensor, "sample hidden"]], list[list[Float[Tensor, "sample expert"]]]]:
        streams, gates = [x] * (self.n_tasks + 1), []
        for level in self.levels:
            streams, of_level = level(streams)
            gates.append(of_level)
        return streams, gates

    def _new_layer(self) -> nn.Module:
        return nn.Sequential(nn.Linear(self.width, self.width), self.activation())
