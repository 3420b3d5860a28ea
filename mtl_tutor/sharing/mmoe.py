"""Mixtures of experts: several shared trunks, mixed by gates."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Unpack

import numpy as np
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import check_least, checked
from mtl_tutor.sharing._base import MOST_PARTS, Architecture, Form


def mixed(gate: Float[Tensor, "sample expert"], experts: Sequence[Float[Tensor, "sample hidden"]]) -> Float[Tensor, "sample hidden"]:
    """Sum of the experts' features, weighted by the gate of each sample."""
    parts = [amount * expert for amount, expert in zip(gate.split(1, -1), experts, strict=True)]
    return sum(parts[1:], parts[0])


@checked
class MMoE(Architecture):
    """Multi-gate mixture of experts: every task mixes the same experts by a gate of its own.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`.
    n_hidden : int | Sequence[int]
        As in `Architecture`.
    **form : Unpack[Form]
        As in `Architecture`; every expert is a trunk with initial weights of its own.
    n_experts : int
        Number of experts; with one, this is `HardSharing`.

    Raises
    ------
    ValueError
        `n_experts` below 1, or as in `Architecture`.

    Notes
    -----
    Source: Ma et al. (2018).

    Departures: a task's own part above its mixture is one linear head, not a small net; gates have
    biases.

    Examples
    --------
    >>> import torch
    >>> net = MMoE(n_features=3, n_hidden=8, n_tasks=2, n_experts=4)
    >>> gates = net.inspect(torch.zeros(5, 3))["gates"]  # no features: a softmax of zeros
    >>> gates.shape, float(gates[0, 0, 0])
    ((2, 5, 4), 0.25)
    """

    def __init__(
        self, n_features: int, n_hidden: int | Sequence[int], n_tasks: int = 2, *, n_experts: int = 4, **form: Unpack[Form]
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        check_least("n_experts", n_experts, most=MOST_PARTS)
        self.experts = nn.ModuleList(self.new_trunk() for _ in range(n_experts))
        self.heads = self.new_heads()
        self.gates = nn.ModuleList(nn.Linear(n_features, n_experts) for _ in self.n_outputs)
        self.reset_parameters()

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        experts = [expert(x) for expert in self.experts]
        return [head(mixed(gate, experts)) for head, gate in zip(self.heads, self._weigh(x), strict=True)]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: the experts; a gate receives gradients from its own task only."""
        return self.experts.parameters()

    def inspect(self, x: Float[Tensor, "sample feature"]) -> dict[str, np.ndarray]:
        """The gates: "gates" [task sample expert], and "mean_gates" [task expert] over the samples.

        A task's gate is a softmax over experts.
        """
        gates = np.stack([gate.detach().cpu().numpy() for gate in self._weigh(x)])
        return {"gates": gates, "mean_gates": gates.mean(1)}

    def _weigh(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample expert"]]:
        return [gate(x).softmax(-1) for gate in self.gates]


@checked
class OMoE(Architecture):
    """One-gate mixture of experts: one gate mixes the experts for all tasks.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`.
    n_hidden : int | Sequence[int]
        As in `Architecture`.
    **form : Unpack[Form]
        As in `Architecture`; every expert is a trunk with initial weights of its own.
    n_experts : int
        Number of experts; with one, this is `HardSharing`.

    Raises
    ------
    ValueError
        `n_experts` below 1, or as in `Architecture`.

    Notes
    -----
    Source: Jacobs et al. (1991); the name and the use below several tasks from Ma et al. (2018).

    Departures: experts are mixed by summing their features, as Ma et al. do, where Jacobs et al.
    let them compete for each sample; one linear head per task.

    Examples
    --------
    >>> import torch
    >>> net = OMoE(n_features=3, n_hidden=8, n_tasks=2, n_experts=4)
    >>> net.inspect(torch.zeros(5, 3))["gates"].shape  # the same for both tasks
    (2, 5, 4)
    """

    def __init__(
        self, n_features: int, n_hidden: int | Sequence[int], n_tasks: int = 2, *, n_experts: int = 4, **form: Unpack[Form]
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        check_least("n_experts", n_experts, most=MOST_PARTS)
        self.experts = nn.ModuleList(self.new_trunk() for _ in range(n_experts))
        self.heads = self.new_heads()
        self.gate = nn.Linear(n_features, n_experts)
        self.reset_parameters()

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        representation = mixed(self.gate(x).softmax(-1), [expert(x) for expert in self.experts])
        return [head(representation) for head in self.heads]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: the experts and the gate."""
        return chain(self.experts.parameters(), self.gate.parameters())

    def inspect(self, x: Float[Tensor, "sample feature"]) -> dict[str, np.ndarray]:
        """The gates: "gates" [task sample expert], and "mean_gates" [task expert] over the samples.

        They are the same for all tasks.
        """
        gate = self.gate(x).softmax(-1).detach().cpu().numpy()
        gates = np.stack([gate] * self.n_tasks)
        return {"gates": gates, "mean_gates": gates.mean(1)}
