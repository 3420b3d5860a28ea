"""How experts collapse: they start equal, or gates send all samples to the same few; and what opens gates again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.experiments import Experiment, Hypothesis, above, below, ratio
from mtl_tutor.experiments.result import Measured
from mtl_tutor.experiments.sharing.experts_and_gates.gates import experts_read, experts_used
from mtl_tutor.experiments.sharing.experts_and_gates.models import N_FEATURES, PROBES, STEPS, float32_difference, two_kinds
from mtl_tutor.results import Role
from mtl_tutor.sharing import MMoE
from mtl_tutor.training import inspect_nets, train
from mtl_tutor.tuning import Setting

SHAZEER = "Shazeer et al. 2017"
ERROR = "squared error (no unit)"
READ, USED = "experts read per sample", "experts used over all samples"
INPUTS = torch.from_numpy(np.random.default_rng(1).normal(size=(200, N_FEATURES))).float()  # drawn as samples are


class StartedMMoE(MMoE):
    """An `MMoE` with another start (equal experts, steeper gates, a favoured expert), and penalties on its gates.

    Parameters
    ----------
    n_features, n_hidden, n_experts
        As in `MMoE`, with two tasks and tanh units.
    same : bool
        Whether all experts start with the weights of the first one.
    steepness : float
        Factor on the gates' first weights; at 0 each gate starts even.
    favour : float
        What the biases of the gates' first expert start with; at 10, it gets 99.99% of a gate that is even otherwise.
    strength : float
        Factor on the sum of the gates' squared weights, which is added to the losses.
    balance : float
        Factor on the sum of the gates' importance losses, which is added to the losses.

    Notes
    -----
    Source: constant starts are PaddleRec's issue 721; the importance loss is Shazeer et al.'s (2017, eq. 6 and 7).
    Departures: there, all of a net starts constant; here, its experts only. Importance is summed over 200 inputs that
    are drawn as the samples are, and stay the same, in place of each batch. Gates are dense: an expert's load, which
    Shazeer et al. balance by a loss of its own, is its importance.
    """

    def __init__(
        self, n_features: int, n_hidden: tuple[int, ...], n_experts: int = 3, *,
        same: bool = False, steepness: float = 1.0, favour: float = 0.0, strength: float = 0.0, balance: float = 0.0,
    ) -> None:
        self.same, self.steepness, self.favour = same, steepness, favour
        self.strength, self.balance = strength, balance
        super().__init__(n_features, n_hidden, n_experts=n_experts, activation=nn.Tanh)
        self.register_buffer("inputs", INPUTS[:, :n_features].clone())

    def reset_parameters(self) -> None:
        """Draw weights, then copy experts, scale gates and favour an expert as asked."""
        super().reset_parameters()
        with torch.no_grad():
            for gate in self.gates:
                gate.weight.mul_(self.steepness)  # type: ignore[operator]
                gate.bias[0] += self.favour  # type: ignore[index]
            for expert in self.experts if self.same else ():
                expert.load_state_dict(self.experts[0].state_dict())

    def penalty(self) -> Float[Tensor, ""]:
        """Penalise steep gates by the sum of their squared weights, and uneven ones by their importance losses."""
        steep = torch.stack([gate.weight.square().sum() for gate in self.gates])  # type: ignore[operator]
        if not self.balance:
            return self.strength * steep.sum()
        uneven = torch.stack([importance_loss(gate(self.inputs).softmax(-1)) for gate in self.gates])
        return self.strength * steep.sum() + self.balance * uneven.sum()


def importance_loss(gate: Float[Tensor, "sample expert"]) -> Float[Tensor, ""]:
    """Square the coefficient of variation of the gate's sums over samples: 0 where all experts get the same in all.

    With n experts it is n - 1 where one expert gets everything.
    """
    importance = gate.sum(dim=0)
    return importance.var(correction=0) / importance.mean() ** 2


STARTS: Mapping[str, Mapping[str, Any]] = {
    "drawn": {},
    "one": {"n_experts": 1},
    "same": {"same": True, "steepness": 0.0},
    "same, gates drawn": {"same": True},
    "closed": {"steepness": 10.0},
    "closed, cured": {"steepness": 10.0, "strength": 0.01},
    "closed, cured more": {"steepness": 10.0, "strength": 0.1},
    "closed, balanced": {"steepness": 10.0, "balance": 1.0},
    "favoured": {"favour": 10.0},
    "favoured, balanced": {"favour": 10.0, "balance": 0.1},
    "favoured, balanced more": {"favour": 10.0, "balance": 1.0},
    "fast": {},
}
LABELS = {
    "drawn": "experts and gates drawn",
    "one": "one expert",
    "same": "equal experts, even gates",
    "same, gates drawn": "equal experts, gates drawn",
    "closed": "gates closed at the start",
    "closed, cured": "... with a penalty on closing",
    "closed, cured more": "... ten times as strong",
    "closed, balanced": "closed, with an importance loss",
    "favoured": "one expert favoured at the start",
    "favoured, balanced": "... with an importance loss",
    "favoured, balanced more": "... ten times as strong, too",
    "fast": "ten times the learning rate",
}
ROLES: Mapping[str, Role] = {start: "single_task" if start == "one" else "main" for start in STARTS}


@dataclass(frozen=True)
class ExpertCollapse(Experiment):
    """Gates that start closed read one expert per sample; gates that favour one at the start come to use others, and err more.

    Notes
    -----
    Source: Shazeer et al. (2017, §4) see a gate send all samples to the same few experts, which then learn most, and
    charge for uneven importance; constant starts are a reported bug.
    Departures: three small dense experts with a gate per task, 200 samples and 150 steps, where Shazeer et al. have up
    to thousands of experts, of which a sample reads few, and text. Their scale is not run. The number of experts used
    over all samples is the exponential of the entropy of a task's mean gate; the number read, that of each sample's
    gate. Penalties have one or two strengths, which are not tuned.
    """

    seeds: int = 48

    name = "expert-collapse"
    findings = ("favoured",)
    labels, roles = LABELS, ROLES
    hypotheses = (
        Hypothesis("gates", "Experts that start equal err a tenth less if gates start uneven than if they start even",
                   "ours", "same, gates drawn", "same", below(-0.1), ratio),
        Hypothesis("three", "Three experts are better than one here", "ours", "drawn", "one", below(-0.1), ratio),
        Hypothesis("closed", "Gates that start closed cost most of that", "ours", "closed", "drawn", above(0.3), ratio),
        Hypothesis("fast", "... and so does a learning rate ten times as high",
                   "ours", "fast", "drawn", above(0.3), ratio),
        Hypothesis("reopened", "A penalty on steep gates opens them",
                   "ours", "closed, cured", "closed", above(0.2), float32_difference, READ),
        Hypothesis("cured", "... and restores the error", "ours", "closed, cured", "drawn", below(0.1), ratio),
        Hypothesis("cured-more", "... or does so at ten times the strength",
                   "ours", "closed, cured more", "drawn", below(0.1), ratio),
        Hypothesis("by-itself", "Gates that are drawn come to send samples to fewer than two of three experts",
                   SHAZEER, "drawn", None, below(2.0), float32_difference, USED),
        Hypothesis("closed-collapse",
                   "Gates that start closed use fewer experts over all samples, by a third of an expert",
                   "ours", "closed", "drawn", below(-0.33), float32_difference, USED),
        Hypothesis("favoured",
                   "Gates that favour an expert at the start use fewer than one and a half over all samples at the end",
                   SHAZEER, "favoured", None, below(1.5), float32_difference, USED),
        Hypothesis("favoured-cost", "... and err a tenth more than gates that are drawn",
                   "ours", "favoured", "drawn", above(0.1), ratio),
        Hypothesis("balanced", "An importance loss of strength 0.1 makes such gates use half an expert more",
                   SHAZEER, "favoured, balanced", "favoured", above(0.5), float32_difference, USED),
        Hypothesis("balanced-gain", "... and lowers the error by a tenth",
                   SHAZEER, "favoured, balanced", "favoured", below(-0.1), ratio),
        Hypothesis("balanced-cured", "... and restores the error",
                   "ours", "favoured, balanced", "drawn", below(0.1), ratio),
        Hypothesis("balanced-more", "An importance loss of strength 1 makes such gates use half an expert more",
                   SHAZEER, "favoured, balanced more", "favoured", above(0.5), float32_difference, USED),
        Hypothesis("balanced-more-cured", "... and restores the error",
                   "ours", "favoured, balanced more", "drawn", below(0.1), ratio),
        Hypothesis("closed-balanced", "Gates that start closed err a tenth less with an importance loss of strength 1",
                   "ours", "closed, balanced", "closed", below(-0.1), ratio),
    )

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train nets from every start on samples of two kinds."""
        return {start: self.measured(start) for start in self._shown(list(STARTS), "training", progress)}

    def measured(self, start: str) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """Train nets from one start; judge both tasks, and count the experts that gates read and use."""
        net, lr = StartedMMoE(N_FEATURES, (4, 4), **STARTS[start]), 0.3 if start == "fast" else 0.03
        history = train(net, two_kinds(), seeds=self.seed_range, steps=STEPS, lr=lr, eval_every=6, n_jobs=self.n_jobs)
        gates = inspect_nets(net, history, PROBES)["gates"]
        counts = {READ: experts_read(gates).mean(axis=(1, 2)), USED: experts_used(gates).mean(axis=1)}
        return {ERROR: history.best().mean(axis=1), **counts}
