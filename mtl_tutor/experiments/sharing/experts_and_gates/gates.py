"""What trained gates and switches say about their tasks and their samples."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from mtl_tutor.experiments import Experiment, Hypothesis, above, below
from mtl_tutor.experiments.controls import Sampler
from mtl_tutor.experiments.result import Measured
from mtl_tutor.experiments.sharing.experts_and_gates.models import PROBES, STEPS, in_float32, two_kinds, wavy_net, wavy_pair
from mtl_tutor.results import Curves
from mtl_tutor.training import inspect_nets, train
from mtl_tutor.tuning import Setting

Gates = Float[np.ndarray, "seed task sample expert"]

TASKS, KINDS, SWITCH = "distance of two tasks' gates", "distance between kinds of samples", "mean switch"
MA, JACOBS, TEXT = "Ma et al. 2018", "Jacobs et al. 1991", "source text 001"
NETS: Mapping[str, tuple[str, Sampler, int]] = {  # condition -> net, data, steps
    "unrelated": ("mmoe", wavy_pair(0.0), STEPS),
    "same": ("mmoe", wavy_pair(1.0), STEPS),
    "two kinds": ("mmoe", two_kinds(), STEPS),
    "start": ("mmoe", wavy_pair(0.0), 1),
    "switch, same": ("hybrid", wavy_pair(1.0), STEPS),
    "switch, unrelated": ("hybrid", wavy_pair(0.0), STEPS),
}


@dataclass(frozen=True)
class GatesRead(Experiment):
    """Gates tell kinds of samples apart; that two tasks' gates differ says little, for they differ before any training.

    Distances are shares of the weight: 0 where gates are equal, 1 where they have no expert in common.

    Notes
    -----
    Source: the gates of Ma et al. (2018, §3.3 and Fig. 6), read on planted tasks.
    Departures: sizes; two experts.
    """

    seeds: int = 48

    name = "gates-read"
    findings = ("kinds",)
    hypotheses = in_float32(
        Hypothesis("start", "Two tasks' gates are apart before any training", "ours", "start", rule=above(0.2)),
        Hypothesis("same", "Tasks that are one and the same draw their gates together",
                   "ours", "same", "start", below(-0.02)),
        Hypothesis("unrelated", "Unrelated tasks drive their gates apart", MA, "unrelated", "start", above(0.02)),
        Hypothesis("tasks", "... farther than tasks that are the same", MA, "unrelated", "same", above(0.02)),
        Hypothesis("kinds", "Gates tell two kinds of samples apart",
                   JACOBS, "two kinds", rule=above(0.25), measure=KINDS),
        Hypothesis("kinds-more", "... more than where samples are of one kind",
                   "control", "two kinds", "unrelated", above(0.15), measure=KINDS),
        Hypothesis("switch", "A learned switch lets tasks share more that are the same",
                   TEXT, "switch, same", "switch, unrelated", above(0.02), measure=SWITCH),
    )

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train every net, and read its gates or switches on the same samples."""
        return {name: self.read(name) for name in self._shown(list(NETS), "training", progress)}

    def read(self, condition: str) -> dict[str, Float[np.ndarray, "seed"]]:
        """Train the nets of one condition; read their gates, or their switches."""
        found = inspected(condition, self.seed_range, n_jobs=self.n_jobs)
        if "switch" in found:
            return {SWITCH: found["switch"].mean(axis=1)}
        return {TASKS: between_tasks(found["gates"]), KINDS: between_kinds(found["gates"], PROBES)}


def inspected(condition: str, seeds: Int[np.ndarray, "seed"], *, n_jobs: int | None = None) -> Mapping[str, np.ndarray]:
    """Train three units a layer, and inspect them; a single step is so small that nets stay as they started."""
    name, draw, steps = NETS[condition]
    net, lr = wavy_net(name, 3), 0.03 if steps > 1 else 1e-9
    history = train(net, draw, seeds=seeds, steps=steps, lr=lr, eval_every=steps, n_jobs=n_jobs)
    return inspect_nets(net, history, PROBES)


def gates_read_curves(seed: int, *, groups: int = 10) -> Curves:
    """Train one net on samples of two kinds, and draw how much of the first expert each task reads.

    Parameters
    ----------
    seed : int
        Which data and net.
    groups : int
        How many points a line has, each the mean of samples that are grouped by their first input.
    """
    gates = inspected("two kinds", np.array([seed]))["gates"][0]
    order = np.argsort(PROBES[:, 0]).reshape(groups, -1)
    lines = {f"task {task + 1}": gates[task, order, 0].mean(axis=1) for task in range(2)}
    xlabel, ylabel = "first input, which decides the kind", "weight of the first expert"
    return Curves(PROBES[order, 0].mean(axis=1), lines, xlabel=xlabel, ylabel=ylabel, ylim=(0.0, 1.0))


def experts_read(gates: Float[np.ndarray, "*row expert"]) -> Float[np.ndarray, "*row"]:
    """Count the experts that a gate reads: the exponential of its entropy.

    It is 1 where one expert has all the weight, and their number where all have the same.
    """
    return np.exp(-(gates * np.log(np.maximum(gates, 1e-30))).sum(axis=-1))


def experts_used(gates: Float[np.ndarray, "*row sample expert"]) -> Float[np.ndarray, "*row"]:
    """Count the experts that all samples together use: the exponential of the mean gate's entropy.

    It is 1 where all samples go to the same expert, and more where each goes to one expert, but not all to the same.
    """
    return experts_read(gates.mean(axis=-2))


def between_tasks(gates: Gates) -> Float[np.ndarray, "seed"]:
    """Measure the total variation distance between two tasks' gates, averaged over samples: 0 to 1."""
    return np.abs(gates[:, 0] - gates[:, 1]).sum(axis=-1).mean(axis=-1) / 2


def between_kinds(gates: Gates, x: Float[np.ndarray, "sample feature"]) -> Float[np.ndarray, "seed"]:
    """Measure the total variation distance between mean gates on either kind of samples, averaged over tasks."""
    positive = x[:, 0] > 0
    apart = gates[:, :, positive].mean(axis=2) - gates[:, :, ~positive].mean(axis=2)
    return np.abs(apart).sum(axis=-1).mean(axis=-1) / 2
