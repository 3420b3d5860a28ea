"""Eavesdropping: a feature that one task finds and another hears of."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import nn

from mtl_tutor.balancing import EqualWeighting, FixedWeighting
from mtl_tutor.experiments._arms import Arm, Draw, alone, beside_copies, beside_shuffled, beside_trivial
from mtl_tutor.experiments._base import STOPPED, Sentence, Trial
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import Interval, wilson
from mtl_tutor.tasks import TaskData, products
from mtl_tutor.training import SGD

SOURCE, TEXT, SOLVED = "Caruana 1997, §3.2", "source text 003, eavesdropping", "share of nets that solve T′"
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
    noise : of the noisy form (the labels' own standard deviation is 1). The rest: as in every trial.

    Raises
    ------
    ValueError : fewer than ten samples or four coins, negative noise, or too few seeds.

    Source: Caruana (1997, §3.2), who gives neither construction nor numbers. Departures: all of it is ours.
    """

    tuning_seeds: int = 64
    n_samples: int = 80
    n_coins: int = 10
    noise: float = 2.0

    name, chapter, smallest = "eavesdropping", "why/eavesdropping", (("n_samples", 10), ("n_coins", 4), ("noise", 0))
    widths, lrs, extensions, steps, eval_every, optimizer = (6, 12, 24), (0.03, 0.1), 1, 400, 20, SGD(momentum=0.9)
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

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of two ReLU layers: one product needs one, three coins need both."""
        return HardSharing(data.n_features, (n_hidden, n_hidden), n_outputs=data.n_outputs, init_scale=0.7)

    def pair(self, main: str = HARD, other: str = EASY, n_samples: int = 0) -> Draw:
        """Pose T' and T, seed by seed."""
        return lambda seed: products(main, other, n_samples or self.n_samples, n_coins=self.n_coins, noise=self.noise, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """T' alone, beside T, beside controls; fewer and more samples; the hint; weights; and all that in noise."""
        n, pair, noisy = self.n_samples, self.pair(), self.pair(main=NOISY, n_samples=2 * self.n_samples)
        few, many, light = self.pair(n_samples=n // 2), self.pair(n_samples=3 * n), FixedWeighting((0.2, 1.0))
        return {
            "alone": Arm("alone", "single_task", alone(pair)),
            "joint": Arm("beside T", "main", pair),
            "hint": Arm("beside the feature itself", "other", self.pair(other=HINT)),
            "joint, light": Arm("beside T, weight 0.2 on T′", "third", pair, method=light),
            "shuffled": Arm("beside T, shuffled", "control", beside_shuffled(pair)),
            "copies": Arm("beside a copy", "control", beside_copies(pair)),
            "trivial": Arm("beside a trivial task", "control", beside_trivial(pair)),
            "doubled": Arm("alone, twice the samples", "single_task", alone(self.pair(n_samples=2 * n)), like="alone"),
            "alone, few": Arm("alone, half the samples", "single_task", alone(few), like="alone"),
            "joint, few": Arm("beside T, half the samples", "main", few, like="joint"),
            "alone, many": Arm("alone, three times the samples", "single_task", alone(many)),
            "joint, many": Arm("beside T, three times the samples", "main", many),
            "alone, noisy": Arm("alone, in noise", "single_task", alone(noisy)),
            "joint, noisy": Arm("beside T, in noise", "main", noisy),
            "light, noisy": Arm("beside T, weight 0.2, in noise", "third", noisy, method=light),
            "shuffled, noisy": Arm("beside T, shuffled, in noise", "control", beside_shuffled(noisy)),
        }

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """Whether T' is solved, and its error."""
        return {SOLVED: history.best()[:, 0] < 0.5, **super().measure(history)}


def through_the_wall(form: str = "complex use", neighbour: str = "T", weight: float = 1.0, *, n_seeds: int = 100) -> Curves:
    """Follow the share of nets that solve T' over the number of samples; two layers of 12 units, learning rate 0.1, untuned.

    Parameters
    ----------
    form, neighbour : "complex use" or "buried in noise"; "T" or "the feature itself".
    weight : of T' in the summed loss, beside 1 for T.
    n_seeds : nets per point, from seed 2000 on; the band is the 95% interval of the share.
    """
    which = {"main": NOISY if form == "buried in noise" else HARD, "other": EASY if neighbour == "T" else HINT}
    sizes, method, trial = (30, 50, 80, 120, 180, 270), FixedWeighting((weight, 1.0)), Eavesdropping(seeds=n_seeds, first_seed=2000)
    roles: dict[str, Role] = {"alone": "single_task", "beside it": "main", "beside it, shuffled": "control"}
    lines: dict[str, list[Interval]] = {name: [] for name in roles}
    for pair in (trial.pair(**which, n_samples=size) for size in sizes):
        for (name, role), data in zip(roles.items(), (alone(pair), pair, beside_shuffled(pair)), strict=True):
            arm = Arm(name, role, data, method=EqualWeighting() if name == "alone" else method)
            lines[name].append(wilson(trial.measured(arm, 12, 0.1)[SOLVED]))
    look = {"roles": roles, "xlabel": "training samples", "ylabel": SOLVED, "ylim": (0.0, 1.0)}
    return Curves.of_intervals(np.array(sizes, dtype=float), lines, xscale="log", **look)
