"""Does sharing help because it leaves less capacity to each task?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.experiments._arms import Arm, Draw, alone, beside_shuffled
from mtl_tutor.experiments._base import LAST, STOPPED, Sentence, Trial
from mtl_tutor.results import Curves
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import bootstrap
from mtl_tutor.tasks import TaskData, mixtures
from mtl_tutor.training import SGD

TEXT, UNSHUFFLED = "source text 003, why it works", ("alone", "related", "unrelated")


@dataclass(frozen=True)
class Capacity(Trial):
    """Tasks in one trunk leave less of it to each, so the net overfits less.

    Attributes
    ----------
    n_tasks : tasks, the main one included; mixtures of the same two directions, or each of two of its own.
    n_samples, noise : training samples, and the standard deviation of the noise on labels (of variance 1 without it).
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial.

    Raises
    ------
    ValueError : fewer than two tasks or ten samples, negative noise, or too few seeds.

    Source: the third of the explanations that Caruana (1997, §3.1) wants ruled out. Departures: the set-up is ours.
    """

    seeds: int = 256
    tuning_seeds: int = 64
    n_tasks: int = 8
    n_samples: int = 60
    noise: float = 0.3

    name, chapter = "capacity", "why/capacity"
    smallest = (("n_tasks", 2), ("n_samples", 10), ("noise", 0))
    widths, lrs, extensions, steps, eval_every = (1, 2, 4, 16, 64), (0.01, 0.03), 1, 250, 10
    optimizer = SGD(momentum=0.9)
    sentences = (
        Sentence("best", "Each at its best width: related tasks lower the error", TEXT, "alone", "related"),
        Sentence("unrelated", "... and so do unrelated ones, which take capacity just the same", TEXT, "alone", "unrelated"),
        Sentence("shuffled", "... and shuffled ones", "control", "alone", "shuffled"),
        Sentence("best-case", "In a net of 64 units, unrelated tasks lower the error", "ours", "alone, 64", "unrelated, 64"),
        Sentence("best-case-last", "... or at least that at the last step", "ours", "alone, 64", "unrelated, 64", measure=LAST),
        Sentence("equal", "With the same number of parameters, related tasks lower it", "ours", "alone, 3", "related, 2"),
        Sentence("same-1", "In one unit related tasks lower the error", "ours", "alone, 1", "related, 1"),
        Sentence("same-2", "... in two", "ours", "alone, 2", "related, 2"),
        Sentence("same-64", "... in 64", "ours", "alone, 64", "related, 64"),
        Sentence("too-wide", "Alone, 64 units are worse than two: capacity can be too large", "ours", "alone, 64", "alone, 2"),
        Sentence("width", "For eight unrelated tasks 16 units are better than two", "Caruana 1997, §6", "unrelated, 2", "unrelated, 16"),
        Sentence("width-related", "... for eight related ones, too", "ours", "related, 2", "related, 16"),
    )

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of tanh units."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=nn.Tanh, init_scale=0.5)

    def mixtures(self, shared: bool = True, n_tasks: int = 0) -> Draw:
        """Draw tasks that look through the same directions, or through their own."""
        return lambda seed: mixtures(n_tasks or self.n_tasks, self.n_samples, noise=self.noise, shared=shared, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """Every company at its best width, and at given ones."""
        companies = {
            "alone": Arm("alone", "single_task", alone(self.mixtures())),
            "related": Arm("related tasks", "main", self.mixtures()),
            "unrelated": Arm("unrelated tasks", "other", self.mixtures(shared=False)),
            "shuffled": Arm("shuffled tasks", "control", beside_shuffled(self.mixtures())),
        }
        three = Arm("alone, 3 units", "single_task", alone(self.mixtures()), n_hidden=3)  # as many weights as eight tasks in 2 units
        sized = {}
        for h in (1, 2, 16, 64):
            sized |= {f"{name}, {h}": replace(companies[name], label=f"{name}, {h} units", n_hidden=h) for name in UNSHUFFLED}
        return companies | sized | {"alone, 3": three}


def widths(tasks: int = 8, samples: int = 60, read: str = STOPPED, *, n_seeds: int = 100) -> Curves:
    """Follow the error over the number of hidden units, for every company; one learning rate (0.01), untuned.

    Parameters
    ----------
    tasks, samples : tasks, the main one included, and training samples.
    read : a measure of the trial.
    n_seeds : nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial, x = Capacity(seeds=n_seeds, first_seed=2000, n_tasks=tasks, n_samples=samples), (1, 2, 4, 8, 16, 32, 64)
    arms = [trial.arms()[name] for name in ("alone", "related", "unrelated", "shuffled")]
    lines = {arm.label: [bootstrap(trial.measured(arm, h, 0.01)[read]) for h in x] for arm in arms}
    look = {"xlabel": "hidden units", "ylabel": "test error (variance of the labels: 1)", "ylim": (0.0, 0.8)}
    return Curves.of_intervals(np.array(x, dtype=float), lines, roles={arm.label: arm.role for arm in arms}, xscale="log", **look)
