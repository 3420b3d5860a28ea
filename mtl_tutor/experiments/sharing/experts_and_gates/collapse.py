"""How experts collapse: they start equal, or behind gates that read one expert only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.experiments import Experiment, Hypothesis, above, below, ratio, within
from mtl_tutor.experiments.result import Measured
from mtl_tutor.experiments.sharing.experts_and_gates.gates import experts_read
from mtl_tutor.experiments.sharing.experts_and_gates.models import N_FEATURES, PROBES, STEPS, float32_difference, two_kinds
from mtl_tutor.results import Role
from mtl_tutor.sharing import MMoE
from mtl_tutor.training import inspect_nets, train
from mtl_tutor.tuning import Setting

ERROR, READ = "squared error (no unit)", "experts read per sample"


class StartedMMoE(MMoE):
    """An `MMoE` with another start: equal experts, or steeper gates; and a penalty on steep gates.

    Parameters
    ----------
    n_features, n_hidden, n_experts
        As in `MMoE`, with two tasks and tanh units.
    same : bool
        Whether all experts start with the weights of the first one.
    steepness : float
        Factor on the gates' first weights; at 0 each gate starts even.
    strength : float
        Factor on the sum of the gates' squared weights, which is added to the losses.

    Notes
    -----
    Source: constant starts are PaddleRec's issue 721.
    Departures: there, all of a net starts constant; here, its experts only.
    """

    def __init__(
        self, n_features: int, n_hidden: tuple[int, ...], n_experts: int = 3, *,
        same: bool = False, steepness: float = 1.0, strength: float = 0.0,
    ) -> None:
        self.same, self.steepness, self.strength = same, steepness, strength
        super().__init__(n_features, n_hidden, n_experts=n_experts, activation=nn.Tanh)

    def reset_parameters(self) -> None:
        """Draw weights, then copy experts and scale gates as asked."""
        super().reset_parameters()
        with torch.no_grad():
            for gate in self.gates:
                gate.weight.mul_(self.steepness)  # type: ignore[operator]
            for expert in self.experts if self.same else ():
                expert.load_state_dict(self.experts[0].state_dict())

    def penalty(self) -> Float[Tensor, ""]:
        """Penalise steep gates: the strength times the sum of their squared weights."""
        squares = [gate.weight.square().sum() for gate in self.gates]  # type: ignore[operator]
        return self.strength * torch.stack(squares).sum()


STARTS: Mapping[str, Mapping[str, Any]] = {
    "drawn": {},
    "one": {"n_experts": 1},
    "same": {"same": True, "steepness": 0.0},
    "same, gates drawn": {"same": True},
    "closed": {"steepness": 10.0},
    "closed, cured": {"steepness": 10.0, "strength": 0.01},
    "fast": {},
}
LABELS = {
    "drawn": "experts and gates drawn",
    "one": "one expert",
    "same": "equal experts, even gates",
    "same, gates drawn": "equal experts, gates drawn",
    "closed": "gates closed at the start",
    "closed, cured": "... with a penalty on closing",
    "fast": "ten times the learning rate",
}
ROLES: Mapping[str, Role] = {start: "single_task" if start == "one" else "main" for start in STARTS}


@dataclass(frozen=True)
class ExpertCollapse(Experiment):
    """Experts that start equal behind even gates remain one expert; gates that start closed waste theirs for good.

    Notes
    -----
    Source: collapse of experts is in Jacobs et al. (1991) and Shazeer et al. (2017); constant starts are a
    reported bug. Departures: all.
    """

    seeds: int = 48

    name = "expert-collapse"
    findings = ("closed",)
    labels, roles = LABELS, ROLES
    hypotheses = (
        Hypothesis("stay-error", "Experts that start equal behind even gates are as bad as one expert",
                   "ours", "same", "one", within(0.1), ratio),
        Hypothesis("gates", "... but not if the gates start uneven",
                   "ours", "same, gates drawn", "same", below(-0.1), ratio),
        Hypothesis("three", "Three experts are better than one here", "ours", "drawn", "one", below(-0.1), ratio),
        Hypothesis("closed", "Gates that start closed cost most of that", "ours", "closed", "drawn", above(0.3), ratio),
        Hypothesis("fast", "... and so does a learning rate ten times as high",
                   "ours", "fast", "drawn", above(0.3), ratio),
        Hypothesis("reopened", "A price on steep gates opens them",
                   "ours", "closed, cured", "closed", above(0.2), float32_difference, READ),
        Hypothesis("cured", "... and restores the error", "ours", "closed, cured", "drawn", below(0.1), ratio),
    )

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train nets from every start on samples of two kinds."""
        return {start: self.measured(start) for start in self._shown(list(STARTS), "training", progress)}

    def measured(self, start: str) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """Train nets from one start; judge both tasks, and count the experts that gates read."""
        net, lr = StartedMMoE(N_FEATURES, (4, 4), **STARTS[start]), 0.3 if start == "fast" else 0.03
        history = train(net, two_kinds(), seeds=self.seed_range, steps=STEPS, lr=lr, eval_every=6, n_jobs=self.n_jobs)
        gates = inspect_nets(net, history, PROBES)["gates"]
        return {ERROR: history.best().mean(axis=1), READ: experts_read(gates).mean(axis=(1, 2))}
