"""Eavesdropping: a feature that one task finds and another hears of."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import nn

from mtl_tutor.balancing import EqualWeighting, FixedWeighting
from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.controls import Sampler, alone, beside_copies, beside_shuffled, beside_trivial
from mtl_tutor.experiments.curves import curves_of
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, above, within
from mtl_tutor.experiments.trial import STOPPED, Trial
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.sharing import HardSharing
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
    n_samples, n_coins : int
        Training samples, the same for both tasks (the noisy form has twice as many), and inputs.
    noise : float
        Standard deviation of the noise of the noisy form (that of the labels is 1).

    Raises
    ------
    ValueError
        Fewer than ten samples or four coins, negative noise, or too few seeds.

    Notes
    -----
    Source: Caruana (1997, §3.2), who gives neither construction nor numbers. Departures: all of it is ours.
    """

    tuning_seeds: int = 24
    n_samples: int = 80
    n_coins: int = 10
    noise: float = 2.0

    name = "eavesdropping"
    findings = ("listens", "few", "hint", "light", "noisy")
    smallest = (("n_samples", 10), ("n_coins", 4), ("noise", 0))
    widths = (6, 12, 24)
    lrs = (0.03, 0.1)
    extensions = 1
    steps = 400
    eval_every = 20
    optimizer = SGD(momentum=0.9)
    hypotheses = (
        Hypothesis("listens", "Beside the easier task T, more nets solve the hard task T′ than alone",
                   TEXT, "joint", "alone", unless=WINDOW),
        Hypothesis("not-shuffled", "... and more than beside a T with shuffled labels", "control", "joint", "shuffled"),
        Hypothesis("not-copies", "... and more than beside a copy of T′", "control", "joint", "copies"),
        Hypothesis("not-trivial", "... and more than beside a trivial task", "control", "joint", "trivial"),
        Hypothesis("error", "The error on T′ falls, too", SOURCE, "alone", "joint", measure=STOPPED),
        Hypothesis("few", "With half the samples, more nets still solve T′ beside T", "ours", "joint, few", "alone, few", above(0.05)),
        Hypothesis("many", "With three times the samples, too", "ours", "joint, many", "alone, many", above(0.05)),
        Hypothesis("hint", "The feature itself as T does even more", "Suddarth and Kergosien 1990; source text 003", "hint", "joint"),
        Hypothesis("shuffled-hurts", "A T with shuffled labels does harm", "ours", "alone", "shuffled", scale="harm"),
        Hypothesis("light", "With a fifth of the loss weight on T′, more nets solve it than with equal weights",
                   "ours", "joint, light", "joint"),
        Hypothesis("doubled", "T is worth as much as twice the samples", "ours", "joint", "doubled", within(0.1)),
        Hypothesis("noisy", "With F buried in noise, too, more nets solve T′ beside T", TEXT, "joint, noisy", "alone, noisy"),
        Hypothesis("noisy-not-shuffled", "... and more than beside a shuffled T", "control", "joint, noisy", "shuffled, noisy"),
        Hypothesis("noisy-light", "... and more still with a fifth of the weight on T′", "ours", "light, noisy", "joint, noisy"),
    )

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of two ReLU layers: one product needs one, three coins need both."""
        return HardSharing(data.n_features, (n_hidden, n_hidden), n_outputs=data.n_outputs, init_scale=0.7)

    def pair(self, main: str = HARD, other: str = EASY, n_samples: int = 0) -> Sampler:
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


@recorded(
    "eavesdropping",
    title="When does T′ hear its neighbour?",
    alt="Beside T more nets solve T′, in a window of sample sizes; beside a shuffled T no more than alone.",
    form=["complex use", "buried in noise"],
    neighbour=["T", "the feature itself"],
    weight=[1.0, 0.2],
)
def eavesdropping_curves(form: str = "complex use", neighbour: str = "T", weight: float = 1.0, *, n_seeds: int = 100) -> Curves:
    """Follow the share of nets that solve T' over the number of samples; two layers of 12 units, learning rate 0.1, untuned.

    Parameters
    ----------
    form : str
        "complex use" or "buried in noise".
    neighbour : str
        "T" or "the feature itself".
    weight : float
        Weight of T' in the summed loss, beside 1 for T.
    n_seeds : int
        Nets per point, from seed 2000 on; the band is the 95% interval of the share.
    """
    main, other = NOISY if form == "buried in noise" else HARD, EASY if neighbour == "T" else HINT
    trial, method = Eavesdropping(seeds=n_seeds, first_seed=2000), FixedWeighting((weight, 1.0))
    roles: dict[str, Role] = {"alone": "single_task", "beside it": "main", "beside it, shuffled": "control"}

    def solved(n_samples: float) -> dict[str, np.ndarray]:
        pair = trial.pair(main, other, int(n_samples))
        arms = {
            "alone": Arm("alone", "single_task", alone(pair), method=EqualWeighting()),
            "beside it": Arm("beside it", "main", pair, method=method),
            "beside it, shuffled": Arm("beside it, shuffled", "control", beside_shuffled(pair), method=method),
        }
        return {name: trial.measured(arm, 12, 0.1)[SOLVED] for name, arm in arms.items()}

    look = {"xlabel": "training samples", "ylabel": SOLVED, "xscale": "log", "ylim": (0.0, 1.0)}
    return curves_of(solved, (30, 50, 80, 120, 180, 270), roles, **look)
