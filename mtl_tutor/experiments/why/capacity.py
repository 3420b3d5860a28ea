"""Does sharing help because it leaves less capacity to each task?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.controls import Sampler, alone, beside_shuffled
from mtl_tutor.experiments.curves import curves_of
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis
from mtl_tutor.experiments.trial import LAST, STOPPED, Trial
from mtl_tutor.results import Curves
from mtl_tutor.tasks import mixtures
from mtl_tutor.training import SGD

TEXT = "source text 003, why it works"


@dataclass(frozen=True)
class Capacity(Trial):
    """Tasks in one trunk leave less of it to each, so the net overfits less.

    Attributes
    ----------
    n_tasks, n_samples : int
        Tasks, the main one included (mixtures of the same two directions, or each of two of its own); training samples.
    noise : float
        Standard deviation of the noise on labels (whose variance is 1 without it).

    Notes
    -----
    Source: the third of the explanations that Caruana (1997, §3.1) wants ruled out. Departures: the set-up is ours.
    """

    seeds: int = 256
    tuning_seeds: int = 24
    n_tasks: int = 8
    n_samples: int = 60
    noise: float = 0.3

    name = "capacity"
    findings = ("best", "unrelated", "equal", "same-1", "too-wide", "width")
    failing_controls = ("shuffled",)
    smallest = (("n_tasks", 2), ("n_samples", 10), ("noise", 0))
    widths = (1, 2, 4, 16, 64)
    lrs = (0.01, 0.03)
    extensions = 1
    steps = 250
    eval_every = 10
    optimizer = SGD(momentum=0.9)
    activation = nn.Tanh
    init_scale = 0.5
    hypotheses = (
        Hypothesis("best", "Each at its best width: related tasks lower the error", TEXT, "alone", "related"),
        Hypothesis("unrelated", "Each at its best width: unrelated tasks lower the error, too", TEXT, "alone", "unrelated"),
        Hypothesis("shuffled", "... and shuffled ones", "control", "alone", "shuffled"),
        Hypothesis("best-case", "In a net of 64 units, unrelated tasks lower the error", "ours", "alone, 64", "unrelated, 64"),
        Hypothesis("best-case-last", "... or at least that at the last step", "ours", "alone, 64", "unrelated, 64", measure=LAST),
        Hypothesis("equal", "With the same number of parameters, related tasks lower the error", "ours", "alone, 3", "related, 2"),
        Hypothesis("same-1", "With one hidden unit, related tasks lower the error", "ours", "alone, 1", "related, 1"),
        Hypothesis("same-64", "... with 64", "ours", "alone, 64", "related, 64"),
        Hypothesis("too-wide", "Alone, 64 units are worse than two: capacity can be too large",
                   "ours", "alone, 64", "alone, 2", scale="harm"),
        Hypothesis("width", "For eight unrelated tasks 16 units are better than two", "Caruana 1997, §6", "unrelated, 2", "unrelated, 16"),
        Hypothesis("width-related", "... for eight related ones, too", "ours", "related, 2", "related, 16"),
    )

    def mixtures(self, shared: bool = True, n_tasks: int = 0) -> Sampler:
        """Draw tasks that look through the same directions, or through their own."""
        return lambda seed: mixtures(n_tasks or self.n_tasks, self.n_samples, noise=self.noise, shared=shared, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """The main task alone and beside three kinds of tasks, at the best width and at given ones."""
        best = {
            "alone": Arm("alone", "single_task", alone(self.mixtures())),
            "related": Arm("related tasks", "main", self.mixtures()),
            "unrelated": Arm("unrelated tasks", "other", self.mixtures(shared=False)),
            "shuffled": Arm("shuffled tasks", "control", beside_shuffled(self.mixtures())),
        }
        sized = {
            f"{name}, {h}": replace(best[name], label=f"{name}, {h} units", n_hidden=h)
            for h in (1, 2, 16, 64)
            for name in ("alone", "related", "unrelated")
        }
        three = replace(best["alone"], label="alone, 3 units", n_hidden=3)  # as many weights as eight tasks in 2 units
        return best | sized | {"alone, 3": three}


@recorded(
    "capacity",
    title="How large should the trunk be, and for whom?",
    alt="Each company has a best width. Related tasks are best of all in two units and worst in one; unrelated ones need many.",
    tasks=[2, 8],
    samples=[30, 60, 120],
    read=["error at the best validation step", "error at the last step"],
)
def capacity_curves(tasks: int = 8, samples: int = 60, read: str = STOPPED, *, n_seeds: int = 100) -> Curves:
    """Follow the error over the number of hidden units; one learning rate (0.01), untuned.

    Parameters
    ----------
    tasks, samples : int
        Tasks, the main one included, and training samples.
    read : str
        A measure of the trial.
    n_seeds : int
        Nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial = Capacity(seeds=n_seeds, first_seed=2000, n_tasks=tasks, n_samples=samples)
    arms = [trial.arms()[name] for name in ("alone", "related", "unrelated", "shuffled")]

    def errors(units: float) -> dict[str, np.ndarray]:
        return {arm.label: trial.measured(arm, int(units), 0.01)[read] for arm in arms}

    look = {"xlabel": "hidden units", "ylabel": "test error (variance of the labels: 1)", "xscale": "log", "ylim": (0.0, 0.8)}
    return curves_of(errors, (1, 2, 4, 8, 16, 32, 64), {arm.label: arm.role for arm in arms}, **look)
