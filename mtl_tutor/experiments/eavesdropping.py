"""Eavesdropping: a feature that one task finds and another hears of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from torch import nn

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.experiments._base import STOPPED, Arm, Sentence, Trial
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import wilson
from mtl_tutor.tasks import TaskData, copies_of_task, only_tasks, products, shuffled_labels, trivial_task
from mtl_tutor.training import SGD

SOURCE, TEXT = "Caruana 1997, §3.2", "source text 003, eavesdropping"
SOLVED = "share of nets that solve T′"
HARD, NOISY, EASY, HINT = "product of three", "product of two, noisy", "product of two, plus one", "product of two"
WINDOW = {"with half the samples": "few", "with three times as many": "many"}


@dataclass(frozen=True)
class Eavesdropping(Trial):
    """T' needs a feature that it can't find; T finds it easily, and through the shared layers T' hears of it.

    F is the product of two coins. T' asks for the product of three (a complex use of F), or for F buried in noise; T for
    F plus another coin. T' is solved when its squared error at the best validation step is below half its labels' variance.

    Attributes
    ----------
    n_samples, n_coins : training samples, the same for both tasks (the noisy form has twice as many), and inputs.
    noise : of the noisy form (the labels' own standard deviation is 1).
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial.

    Raises
    ------
    ValueError : fewer than ten samples or four coins, negative noise, or too few seeds.

    Source: Caruana (1997, §3.2), who gives neither construction nor numbers. Departures: all of it is ours.
    """

    tuning_seeds: int = 64
    n_samples: int = 80
    n_coins: int = 10
    noise: float = 2.0

    name, chapter = "eavesdropping", "why/eavesdropping"
    widths, lrs, extensions = (6, 12, 24), (0.03, 0.1), 1
    steps, eval_every, optimizer = 400, 20, SGD(momentum=0.9)
    sentences = (
        Sentence("listens", "Beside T, more nets solve T′ than alone", TEXT, "joint", "alone", unless=WINDOW),
        Sentence("not-shuffled", "... and more than beside a T with shuffled labels", "control", "joint", "shuffled"),
        Sentence("not-copies", "... and more than beside a copy of T′", "control", "joint", "copies"),
        Sentence("not-trivial", "... and more than beside a trivial task", "control", "joint", "trivial"),
        Sentence("error", "The error on T′ falls, too", SOURCE, "alone", "joint", measure=STOPPED),
        Sentence("few", "With half the samples, more nets still solve T′ beside T", "ours", "joint, few", "alone, few", 0.05),
        Sentence("many", "With three times the samples, too", "ours", "joint, many", "alone, many", 0.05),
        Sentence("hint", "The feature itself as T does even more", "Abu-Mostafa 1990; source text 003", "hint", "joint"),
        Sentence("shuffled-hurts", "A T with shuffled labels does harm", "ours", "alone", "shuffled"),
        Sentence("light", "With a fifth of the weight on T′ it listens better", "ours", "joint, light", "joint"),
        Sentence("doubled", "T is worth as much as twice the samples", "ours", "joint", "doubled", margin=0.1),
        Sentence("noisy", "With F buried in noise, too, more nets solve T′ beside T", TEXT, "joint, noisy", "alone, noisy"),
        Sentence("noisy-not-shuffled", "... and more than beside a shuffled T", "control", "joint, noisy", "shuffled, noisy"),
        Sentence("noisy-light", "... and more still with a fifth of the weight on T′", "ours", "light, noisy", "joint, noisy"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_samples < 10 or self.n_coins < 4 or not self.noise >= 0:
            found = f"{self.n_samples}, {self.n_coins} and {self.noise}"
            raise ValueError(f"`n_samples` must be at least 10, `n_coins` at least 4, `noise` zero or more; got {found}.")

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of two ReLU layers: one product needs one, three coins need both."""
        return HardSharing(data.n_features, (n_hidden, n_hidden), n_outputs=data.n_outputs, init_scale=0.7)

    def pair(self, main: str = HARD, other: str = EASY, n_samples: int = 0) -> Callable[[int], TaskData]:
        """Pose T' and T, seed by seed."""
        n_samples = n_samples or self.n_samples
        return lambda seed: products(main, other, n_samples, n_coins=self.n_coins, noise=self.noise, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """T' alone, beside T, beside controls; fewer and more samples; the hint; weights; and all that in noise."""
        n, pair, noisy = self.n_samples, self.pair(), self.pair(main=NOISY, n_samples=2 * self.n_samples)
        few, many, light = self.pair(n_samples=n // 2), self.pair(n_samples=3 * n), FixedWeighting((0.2, 1.0))
        return {
            "alone": Arm("alone", "single_task", _first(pair)),
            "joint": Arm("beside T", "main", pair),
            "hint": Arm("beside the feature itself", "other", self.pair(other=HINT)),
            "joint, light": Arm("beside T, weight 0.2 on T′", "third", pair, method=light),
            "shuffled": Arm("beside T, shuffled", "control", _shuffled(pair)),
            "copies": Arm("beside a copy", "control", lambda seed: copies_of_task(pair(seed), n_copies=1)),
            "trivial": Arm("beside a trivial task", "control", lambda seed: trivial_task(pair(seed))),
            "doubled": Arm("alone, twice the samples", "single_task", _first(self.pair(n_samples=2 * n)), like="alone"),
            "alone, few": Arm("alone, half the samples", "single_task", _first(few), like="alone"),
            "joint, few": Arm("beside T, half the samples", "main", few, like="joint"),
            "alone, many": Arm("alone, three times the samples", "single_task", _first(many)),
            "joint, many": Arm("beside T, three times the samples", "main", many),
            "alone, noisy": Arm("alone, in noise", "single_task", _first(noisy)),
            "joint, noisy": Arm("beside T, in noise", "main", noisy),
            "light, noisy": Arm("beside T, weight 0.2, in noise", "third", noisy, method=light),
            "shuffled, noisy": Arm("beside T, shuffled, in noise", "control", _shuffled(noisy)),
        }

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """Whether T' is solved, and its error."""
        return {SOLVED: history.best()[:, 0] < 0.5, **super().measure(history)}


def _first(pair: Callable[[int], TaskData]) -> Callable[[int], TaskData]:
    return lambda seed: only_tasks(pair(seed), [0])


def _shuffled(pair: Callable[[int], TaskData]) -> Callable[[int], TaskData]:
    return lambda seed: shuffled_labels(pair(seed), [1], seed=seed)


def through_the_wall(form: str = "complex use", neighbour: str = "T", weight: float = 1.0, *, n_seeds: int = 100) -> Curves:
    """Follow the share of nets that solve T' over the number of samples; two layers of 12 units, learning rate 0.1, untuned.

    Parameters
    ----------
    form, neighbour : "complex use" or "buried in noise"; "T" or "the feature itself".
    weight : of T' in the summed loss, beside 1 for T.
    n_seeds : nets per point, from seed 2000 on; the band is the 95% interval of the share.
    """
    which = {"main": NOISY if form == "buried in noise" else HARD, "other": EASY if neighbour == "T" else HINT}
    sizes, names, method = (30, 50, 80, 120, 180, 270), ("alone", "beside it", "beside it, shuffled"), FixedWeighting((weight, 1.0))
    solved, trial = [], Eavesdropping(seeds=n_seeds, first_seed=2000)
    for size in sizes:
        pair = trial.pair(**which, n_samples=size)
        arms = Arm("", "main", _first(pair)), Arm("", "main", pair, method=method), Arm("", "main", _shuffled(pair), method=method)
        solved.append([wilson(trial.measured(arm, 12, 0.1)[SOLVED]) for arm in arms])
    roles: dict[str, Role] = {"alone": "single_task", "beside it": "main", "beside it, shuffled": "control"}
    look = {"roles": roles, "xlabel": "training samples", "ylabel": SOLVED, "ylim": (0.0, 1.0)}
    lines = dict(zip(names, zip(*solved, strict=True), strict=True))
    return Curves.of_intervals(np.array(sizes, dtype=float), lines, xscale="log", **look)
