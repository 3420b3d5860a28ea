"""Do the stitches of two towers close where tasks have nothing in common?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from mtl_tutor.experiments import Experiment, Hypothesis, above, below, ratio, within
from mtl_tutor.experiments.controls import Sampler, beside_copies, beside_shuffled
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.experiments.sharing.layers_and_cascades.layered_nets import own_samples
from mtl_tutor.results import History, Role
from mtl_tutor.sharing import NDDR, Architecture, CrossStitch, Sluice
from mtl_tutor.sharing._base import Form
from mtl_tutor.sharing.cross_stitch import mixture, near_identity
from mtl_tutor.statistics import Interval
from mtl_tutor.tasks import task_pairs
from mtl_tutor.training import inspect_nets, predict, train
from mtl_tutor.tuning import Setting, search

MISRA, READING, START = "Misra et al. 2016", "a common reading of Misra et al. 2016", 0.1
SHARE, CUT, MEANS = "share of the other tower", "log(error when cut / error)", "log(error with means / error)"
ERROR = "squared error of the first task"
LRS = (0.0003, 0.001, 0.003, 0.01)  # of the layers of joined towers
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
JOINED: Mapping[str, tuple[str, float | None]] = {  # condition -> data, rate of the stitches; None: never joined
    "same, pre-trained": ("same", 1.0),
    "unrelated, pre-trained": ("unrelated", 1.0),
    "same, paper's rate": ("same", 100.0),
    "unrelated, paper's rate": ("unrelated", 100.0),
    "same, apart": ("same", None),
}
ROLES: Mapping[str, Role] = {
    **{name: "other" if name.startswith("same") else "main" for name in (*CONDITIONS, *JOINED)},
    "copies": "control",
    "shuffled": "control",
    "same, apart": "single_task",
}


class FastStitches(CrossStitch):
    """A cross-stitch net whose stitches learn at a rate of their own under Adam.

    They are stored divided by the rate. The size of the gradient means nothing to Adam's steps, so that the stored numbers move
    as fast as all other weights, and the stitches so many times as fast.

    Parameters
    ----------
    n_features, n_hidden, n_tasks, start, **form
        As in `CrossStitch`.
    rate : float
        How many times the layers' learning rate the stitches have.
    only_means : bool
        Whether a task hears, in place of another tower's features, their means over the given samples.
    """

    rate = 1.0  # while the base class draws its first weights

    def __init__(
        self,
        n_features: int,
        n_hidden: int | Sequence[int],
        n_tasks: int = 2,
        *,
        start: float = 0.9,
        rate: float = 1.0,
        only_means: bool = False,
        **form: Unpack[Form],
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, start=start, **form)
        self.rate, self.only_means = rate, only_means
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the towers, and set the stored stitches so that the mixing weights have their start."""
        super().reset_parameters()
        with torch.no_grad():
            self.stitches.div_(self.rate)

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs of every task."""
        read = [x] * self.n_tasks
        for layer, stitch in enumerate(self.stitches * self.rate):
            own = [tower[layer](h) for tower, h in zip(self.towers, read, strict=True)]  # type: ignore[index]
            others = [h.mean(dim=0, keepdim=True).expand_as(h) for h in own] if self.only_means else own
            heard = [[*others[:task], own[task], *others[task + 1 :]] for task in range(self.n_tasks)]
            read = [mixture(weights, features) for weights, features in zip(stitch, heard, strict=True)]
        return [tower[-1](h) for tower, h in zip(self.towers, read, strict=True)]  # type: ignore[index]

    def inspect(self, x: Float[Tensor, "sample feature"]) -> Mapping[str, np.ndarray]:
        """The mixing weights, not the stored ones."""
        return {"stitches": (self.stitches * self.rate).detach().cpu().numpy()}


def means_against_cut(result: Result, hypothesis: Hypothesis) -> Interval:
    """Compare what is lost with means in place of the other tower's features with what is lost without these."""
    return result.difference(result.values(hypothesis.treatment, MEANS), result.values(hypothesis.treatment, CUT))


@dataclass(frozen=True)
class Stitches(Experiment):
    """Cross-stitches tell by their weights whether tasks are related.

    Two wavy tasks with samples of their own, two layers, one net per seed; read at the last step. Nets learn from random
    weights and all at one rate; or, as in the paper, towers are trained alone first, and then joined by stitches whose rate is
    100 times that of the layers (the paper: 100 to 1000 times).

    Attributes
    ----------
    n_samples : int
        Training samples of each task, at least 20.
    width, lr, steps : int, float, int
        Of the nets and their training; not tuned, but for the learning rate of towers that are joined.
    tuning_seeds : int
        How many more seeds choose that learning rate, for each block of reported seeds; at least 4.

    Notes
    -----
    Source: Misra, Shrivastava, Gupta & Hebert (2016).
    Departures: the relation is planted, and so is the question: the paper shows weights that were learned, and draws no line
    between related and unrelated. One stitch per layer and pair, where the paper has one per channel; towers of two small
    layers in place of two AlexNets; Adam in place of gradient descent. Not run at the paper's scale.
    """

    seeds: int = 48
    n_samples: int = 100
    width: int = 4
    lr: float = 0.03
    steps: int = 300
    tuning_seeds: int = 8

    name = "stitches"
    findings = ("order",)
    smallest = (("n_samples", 20), ("width", 1), ("lr", 1e-9), ("steps", 1), ("tuning_seeds", 4))
    roles = ROLES
    hypotheses = (
        Hypothesis("unrelated", "Stitches between unrelated tasks close: from a tenth to less than a twentieth",
                   READING, "unrelated", rule=below(0.05)),
        Hypothesis("related", "... and those between tasks that are the same open: to more than a tenth",
                   READING, "same", rule=above(START)),
        Hypothesis("order", "Tasks that are the same exchange more than unrelated ones", READING, "same", "unrelated"),
        Hypothesis("copies", "... and so do copies on the same samples", "control", "copies", "unrelated"),
        Hypothesis("shuffled", "... and more than beside a task with shuffled labels",
                   "control", "same", "shuffled"),
        Hypothesis("sluice", "... also in a sluice network", "after Ruder et al. 2019", "same, sluice", "unrelated, sluice"),
        Hypothesis("nddr", "... and with NDDR by a twentieth",
                   "after Gao et al. 2019", "same, NDDR", "unrelated, NDDR", above(0.05)),
        Hypothesis("start", "Stitches end at the same share wherever they start",
                   "ours", "same, open", "same", within(0.05)),
        Hypothesis("paper-gain", "Towers trained alone, then joined by fast stitches, err less than those trained on apart",
                   MISRA, "same, paper's rate", "same, apart", below(), ratio, ERROR),
        Hypothesis("paper-unrelated", "... and their stitches close where tasks are unrelated: to less than a twentieth",
                   READING, "unrelated, paper's rate", rule=below(0.05)),
        Hypothesis("paper-order", "... and tasks that are the same exchange more",
                   READING, "same, paper's rate", "unrelated, paper's rate"),
        Hypothesis("paper-order-slow", "... also with stitches that are only as fast as the layers",
                   "ours", "same, pre-trained", "unrelated, pre-trained"),
        Hypothesis("cut", "Unrelated tasks don't miss each other's features when stitches are cut",
                   READING, "unrelated", rule=below(0.1), measure=CUT),
        Hypothesis("cut-order", "... and miss them less than tasks that are the same",
                   "ours", "same", "unrelated", measure=CUT),
        Hypothesis("means", "Unrelated tasks don't miss each other's features when means replace these",
                   READING, "unrelated", rule=below(0.1), measure=MEANS),
        Hypothesis("means-paper", "... also after the paper's training",
                   READING, "unrelated, paper's rate", rule=below(0.1), measure=MEANS),
        Hypothesis("means-cut", "Means in the place of the other's features cost less than zeros",
                   "ours", "unrelated", rule=below(), effect=means_against_cut, measure=MEANS),
    )

    def tuned(self) -> Sequence[str]:
        """The towers that are joined after training alone."""
        return list(JOINED)

    def tune(self, name: str) -> Setting:
        """Choose the learning rate of joined towers by the mean validation error of both tasks at the last step."""
        seeds = self.tuning_range(self.tuning_seeds)
        first = self.pre_trained(name, seeds)

        def evaluate(width: int, rows: Int[np.ndarray, "row"], lr: Float[np.ndarray, "row"]) -> Float[np.ndarray, "row"]:
            return self.joined(name, first, rows, lr)[1].last("validation").mean(axis=1)

        return search(evaluate, (self.width,), LRS, seeds, extensions=3)

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train, read and cut the nets of every condition."""
        measured = {name: self.read(name) for name in self._shown(list(CONDITIONS), "training", progress)}
        return measured | {name: self.read_joined(name, settings[name].lr or 0.0) for name in JOINED}

    def read(self, condition: str) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """Train towers, and measure what they exchange; with cross-stitches also what is lost when they are cut."""
        data, kind, own = CONDITIONS[condition]
        draw = self.draws()[data]
        net = NETS[kind](draw(self.first_seed).n_features, (self.width, self.width), 2, start=own)
        how = {"steps": self.steps, "lr": self.lr, "eval_every": self.steps, "n_jobs": self.n_jobs}
        history = train(net, draw, seeds=self.seed_range, **how)
        return {SHARE: exchanged_share(net, history)} | (_lost(net, history, draw) if isinstance(net, CrossStitch) else {})

    def read_joined(self, condition: str, lr: float) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """Train towers alone, join them, and measure what they exchange, what is lost when they are cut, and their error."""
        seeds = self.seed_range
        net, history = self.joined(condition, self.pre_trained(condition, seeds), seeds, lr)
        errors = {ERROR: history.last()[:, 0]}
        return {SHARE: exchanged_share(net, history)} | _lost(net, history, self.draws()[JOINED[condition][0]]) | errors

    def pre_trained(self, condition: str, seeds: Int[np.ndarray, "seed"]) -> History:
        """Train the towers of a condition, each alone."""
        draw = self.draws()[JOINED[condition][0]]
        net = CrossStitch(draw(self.first_seed).n_features, (self.width, self.width), 2, start=1.0)
        how = {"steps": self.steps, "lr": self.lr, "eval_every": self.steps, "n_jobs": self.n_jobs}
        return train(net, draw, seeds=seeds, freeze="stitches", **how)

    def joined(
        self, condition: str, first: History, seeds: Int[np.ndarray, "row"], lr: float | Float[np.ndarray, "row"]
    ) -> tuple[FastStitches, History]:
        """Join towers, at first nine parts to one, and train them for as many steps more."""
        data, rate = JOINED[condition]
        draw, own = self.draws()[data], 1.0 if rate is None else 1 - START
        net = FastStitches(draw(self.first_seed).n_features, (self.width, self.width), 2, start=own, rate=rate or 1.0)
        stitches = np.broadcast_to(near_identity(2, own).numpy() / net.rate, first.parameters["stitches"].shape)
        start = replace(first, parameters={**first.parameters, "stitches": stitches.astype(np.float32)})
        how = {"steps": self.steps, "eval_every": self.steps, "n_jobs": self.n_jobs, "freeze": "stitches" if rate is None else ()}
        return net, train(net, draw, seeds=seeds, lr=lr, start=start, **how)

    def draws(self) -> Mapping[str, Sampler]:
        """Tasks that are the same or unrelated; copies on the same samples; tasks beside shuffled labels."""
        same = self.pairs(1.0)
        copies = beside_copies(lambda seed: task_pairs(2, self.n_samples, seed=seed).data)
        return {"unrelated": self.pairs(0.0), "same": same, "copies": copies, "shuffled": beside_shuffled(same)}

    def pairs(self, correlation: float) -> Sampler:
        """Draw two tasks whose directions have that cosine, with samples of their own."""
        return own_samples(lambda seed: task_pairs(2, 2 * self.n_samples, correlation=correlation, seed=seed).data)


def _lost(net: CrossStitch, history: History, draw: Sampler) -> dict[str, Float[np.ndarray, "seed"]]:
    """Measure what is lost when stitches are cut, and when the other tower's features are replaced by their means."""
    error = main_error(net, history, draw)
    changed = {CUT: main_error(net, without_exchange(net, history), draw), MEANS: main_error(with_means(net), history, draw)}
    return {name: np.log(other / error) for name, other in changed.items()}


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


def with_means(net: CrossStitch) -> FastStitches:
    """Build the net that hears the means of another tower's features in their place; its parameters are those of `net`."""
    rate = net.rate if isinstance(net, FastStitches) else 1.0
    return FastStitches(net.n_features, net.n_hidden, net.n_tasks, rate=rate, only_means=True, activation=net.activation)


def main_error(net: Architecture, history: History, draw: Sampler) -> Float[np.ndarray, "seed"]:
    """Measure the main task's mean squared error on each seed's test samples, with the weights that a history holds."""
    tests = [draw(int(seed)).splits()["test"] for seed in history.seeds]
    answers = predict(net, history, np.stack([test.x for test in tests]))[0][..., 0]
    return ((answers - np.stack([test.y[:, 0] for test in tests])) ** 2).mean(axis=1)
