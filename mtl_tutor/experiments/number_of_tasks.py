"""Fewer samples than inputs: how does the error fall with the number of tasks in one trunk?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Real
from torch import nn

from mtl_tutor.experiments._arms import Arm, Draw, beside_shuffled
from mtl_tutor.experiments._base import LAST, Sentence, Trial
from mtl_tutor.results import History
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, TaskData, only_tasks, shared_subspace
from mtl_tutor.training import SGD

MOST, NARROW = 16, 4
FIFTH: dict[str, Any] = {"most": -0.2, "relative": True}
LOWER: dict[str, Any] = {"most": 0.0, "relative": True}
TENTH: dict[str, Any] = {"most": -0.1, "relative": True}
N_TASKS = (1, 2, 4, 8, 16)


@dataclass(frozen=True)
class NumberOfTasks(Trial):
    """Where each task has fewer samples than inputs, its error in one trunk falls with the number of tasks, if they are related.

    Each task is a mixture of the same two directions of thirty, and has fifteen samples. Only the first one is judged, which is the
    same whatever stands beside it. Nets train for 250 steps, with the width and learning rate that are best for that company; fifteen
    validation samples are too few to stop a net by.

    Attributes
    ----------
    n_samples, n_features, noise : of `shared_subspace`.
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial.

    Raises
    ------
    ValueError : fewer than two samples or inputs, negative noise, or too few seeds.

    Source: methods with a shared subspace; Baxter (2000) and Maurer, Pontil & Romera-Paredes (2016) for the shape of the fall.
    Departures: nets of one hidden layer; all of the set-up is ours.
    """

    seeds: int = 128
    tuning_seeds: int = 21
    n_samples: int = 15
    n_features: int = 30
    noise: float = 0.3

    name, chapter = "number-of-tasks", "sharing/hard-and-soft"
    smallest = (("n_samples", 2), ("n_features", 2), ("noise", 0))
    widths, lrs, extensions, steps, eval_every = (4, 16, 64), (0.0003, 0.001, 0.003), 0, 250, 250
    optimizer = SGD(momentum=0.9)
    sentences = (
        Sentence("sixteen", "Fifteen related neighbours save a fifth of the error", "ours", "related, 16", "alone", **FIFTH),
        Sentence("more", "... more than seven do", "ours", "related, 16", "related, 8", **LOWER),
        Sentence("three", "... and three save a fifth, too", "ours", "related, 4", "alone", **FIFTH),
        Sentence("shuffled", "... or fifteen shuffled ones", "control", "shuffled", "alone", **FIFTH),
        Sentence(
            "same-inputs", "... or fifteen related ones that are asked about the same inputs", "ours", "same inputs", "alone", **FIFTH
        ),
        Sentence("unrelated", "Fifteen unrelated neighbours cost something", "ours", "unrelated, 16", "alone", relative=True),
        Sentence("unrelated-little", "... but less than a tenth", "ours", "unrelated, 16", "alone", most=0.1, relative=True),
        Sentence("narrow-unrelated", "... and more in four units", "ours", "unrelated, 16, narrow", "narrow", 0.1, relative=True),
        Sentence("narrow", "... where fifteen related ones save a tenth", "ours", "related, 16, narrow", "narrow", **TENTH),
        Sentence("narrow-wide", "... and more in their best width", "ours", "related, 16", "related, 16, narrow", **LOWER),
    )

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of tanh units that starts small, as tasks are linear."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=nn.Tanh, init_scale=0.3)

    def measure(self, history: History) -> Mapping[str, Real[np.ndarray, "seed"] | Bool[np.ndarray, "seed"]]:
        """The first task's error after the last step."""
        return {LAST: history.last()[:, 0]}

    def draw(self, n_tasks: int = MOST, *, shared: bool = True, separate: bool = True) -> Draw:
        """Draw sixteen tasks, with inputs of their own or the same, and keep the first ones."""
        size = {"n_features": self.n_features, "noise": self.noise}
        how = {"shared": shared, "separate": separate}
        return lambda seed: first_tasks(shared_subspace(MOST, self.n_samples, **size, **how, seed=seed).data, n_tasks)

    def arms(self) -> Mapping[str, Arm]:
        """Every company at its best width."""
        arms = {"alone": Arm("alone", "single_task", self.draw(1))}
        arms |= {f"related, {n}": Arm(f"{n} related tasks", "main", self.draw(n)) for n in N_TASKS[1:]}
        arms |= {f"unrelated, {n}": Arm(f"{n} unrelated tasks", "other", self.draw(n, shared=False)) for n in (4, MOST)}
        narrow = {"narrow": "alone", "related, 16, narrow": "related, 16", "unrelated, 16, narrow": "unrelated, 16"}
        arms |= {name: replace(arms[wide], label=f"{arms[wide].label}, 4 units", n_hidden=NARROW) for name, wide in narrow.items()}
        return arms | {
            "same inputs": Arm("16 related tasks, same inputs", "third", self.draw(separate=False)),
            "shuffled": Arm("16 tasks, 15 of them shuffled", "control", beside_shuffled(self.draw())),
        }


def first_tasks(data: TaskData, n_tasks: int) -> TaskData:
    """Keep the first so many tasks, and those samples that one of them is asked about."""
    data = only_tasks(data, range(n_tasks))
    asked = {name: np.isfinite(samples.y).any(axis=1) for name, samples in data.splits().items()}
    return replace(data, **{name: Samples(s.x[asked[name]], s.y[asked[name]]) for name, s in data.splits().items()})
