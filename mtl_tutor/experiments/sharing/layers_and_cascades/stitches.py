"""Do the stitches of two towers close where tasks have nothing in common?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments import Experiment, Hypothesis, above, below, within
from mtl_tutor.experiments.controls import Sampler, beside_copies, beside_shuffled
from mtl_tutor.experiments.result import Measured
from mtl_tutor.experiments.sharing.layers_and_cascades.layered_nets import own_samples
from mtl_tutor.results import History, Role
from mtl_tutor.sharing import NDDR, Architecture, CrossStitch, Sluice
from mtl_tutor.tasks import task_pairs
from mtl_tutor.training import inspect_nets, predict, train
from mtl_tutor.tuning import Setting

MISRA, START = "Misra et al. 2016", 0.1
SHARE, CUT = "share of the other tower", "log(error when cut / error)"
NETS: Mapping[str, type[CrossStitch | Sluice | NDDR]] = {"stitch": CrossStitch, "sluice": Sluice, "NDDR": NDDR}
CONDITIONS: Mapping[str, tuple[str, str, float]] = {  # condition -> data, net, weight of the own tower at the start
    "unrelated": ("unrelated", "stitch", 0.9),
    "same": ("same", "stitch", 0.9),
    "copies": ("copies", "stitch", 0.9),
    "shuffled": ("shuffled", "stitch", 0.9),
    "same, open": ("same", "stitch", 0.5),
    "same, sluice": ("same", "sluice", 0.9),
    "unrelated, sluice": ("unrelated", "sluice", 0.9),
    "same, NDDR": ("same", "NDDR", 0.9),
    "unrelated, NDDR": ("unrelated", "NDDR", 0.9),
}
ROLES: Mapping[str, Role] = {
    **{name: "other" if name.startswith("same") else "main" for name in CONDITIONS},
    "copies": "control",
    "shuffled": "control",
}


@dataclass(frozen=True)
class Stitches(Experiment):
    """Cross-stitches tell by their weights whether tasks are related.

    Two wavy tasks with samples of their own, two layers, one net per seed; read at the last step.

    Attributes
    ----------
    n_samples : int
        Training samples of each task, at least 20.
    width, lr, steps : int, float, int
        Of the nets and their training; not tuned, since nothing is compared with a single-task net.

    Notes
    -----
    Source: Misra, Shrivastava, Gupta & Hebert (2016).
    Departures: as in `CrossStitch`; the relation is planted, and so is the question: the paper shows weights that were
    learned, and draws no line between related and unrelated.
    """

    seeds: int = 48
    n_samples: int = 100
    width: int = 4
    lr: float = 0.03
    steps: int = 300

    name = "stitches"
    findings = ("order",)
    smallest = (("n_samples", 20), ("width", 1), ("lr", 1e-9), ("steps", 1))
    roles = ROLES
    hypotheses = (
        Hypothesis("unrelated", "Stitches between unrelated tasks close: from a tenth to less than a twentieth",
                   MISRA, "unrelated", rule=below(0.05)),
        Hypothesis("related", "... and those between tasks that are the same open: to more than a tenth",
                   MISRA, "same", rule=above(START)),
        Hypothesis("order", "Tasks that are the same exchange more than unrelated ones", MISRA, "same", "unrelated"),
        Hypothesis("copies", "... and so do copies on the same samples", "control", "copies", "unrelated"),
        Hypothesis("shuffled", "... and more than beside a neighbour with shuffled labels",
                   "control", "same", "shuffled"),
        Hypothesis("sluice", "... also in a sluice network", "Ruder et al. 2019", "same, sluice", "unrelated, sluice"),
        Hypothesis("nddr", "... and with NDDR by a twentieth",
                   "Gao et al. 2019", "same, NDDR", "unrelated, NDDR", above(0.05)),
        Hypothesis("start", "Stitches end at the same share wherever they start",
                   "ours", "same, open", "same", within(0.05)),
        Hypothesis("cut", "Unrelated tasks don't miss each other's features when stitches are cut",
                   MISRA, "unrelated", rule=below(0.1), measure=CUT),
        Hypothesis("cut-order", "... and miss them less than tasks that are the same",
                   "ours", "same", "unrelated", measure=CUT),
    )

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train, read and cut the nets of every condition."""
        return {name: self.read(name) for name in self._shown(list(CONDITIONS), "training", progress)}

    def read(self, condition: str) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """Train towers, and measure what they exchange; with cross-stitches also what is lost when they are cut."""
        data, kind, own = CONDITIONS[condition]
        draw = self.draws()[data]
        net = NETS[kind](draw(self.first_seed).n_features, (self.width, self.width), 2, start=own)
        how = {"steps": self.steps, "lr": self.lr, "eval_every": self.steps, "n_jobs": self.n_jobs}
        history = train(net, draw, seeds=self.seed_range, **how)
        found = {SHARE: exchanged_share(net, history)}
        if isinstance(net, CrossStitch):
            found[CUT] = np.log(main_error(net, without_exchange(net, history), draw) / main_error(net, history, draw))
        return found

    def draws(self) -> Mapping[str, Sampler]:
        """Tasks that are the same or unrelated; copies on the same samples; tasks beside shuffled labels."""
        same = self.pairs(1.0)
        copies = beside_copies(lambda seed: task_pairs(2, self.n_samples, seed=seed).data)
        return {"unrelated": self.pairs(0.0), "same": same, "copies": copies, "shuffled": beside_shuffled(same)}

    def pairs(self, correlation: float) -> Sampler:
        """Draw two tasks whose directions have that cosine, with samples of their own."""
        return own_samples(lambda seed: task_pairs(2, 2 * self.n_samples, correlation=correlation, seed=seed).data)


def exchanged_share(net: Architecture, history: History) -> Float[np.ndarray, "seed"]:
    """Measure by which share of absolute weights a task reads the other's tower: 0 to 1, mean of layers and tasks."""
    strengths = np.abs(next(iter(inspect_nets(net, history, np.zeros((1, net.n_features))).values())))
    if isinstance(net, Sluice):  # from subspaces to tasks
        n = net.n_subspaces
        strengths = strengths.reshape(*strengths.shape[:2], 2, n, 2, n).sum(axis=(3, 5))
    own = strengths[..., [0, 1], [0, 1]] / strengths.sum(axis=3)
    return 1 - own.mean(axis=(1, 2))


def without_exchange(net: CrossStitch, history: History) -> History:
    """Set the weights between towers to 0, and leave all else as it was learned."""
    stitches = history.parameters["stitches"] * np.eye(net.n_tasks, dtype=np.float32)
    return replace(history, parameters={**history.parameters, "stitches": stitches})


def main_error(net: Architecture, history: History, draw: Sampler) -> Float[np.ndarray, "seed"]:
    """Measure the main task's mean squared error on each seed's test samples, with the weights that a history holds."""
    tests = [draw(int(seed)).splits()["test"] for seed in history.seeds]
    answers = predict(net, history, np.stack([test.x for test in tests]))[0][..., 0]
    return ((answers - np.stack([test.y[:, 0] for test in tests])) ** 2).mean(axis=1)
