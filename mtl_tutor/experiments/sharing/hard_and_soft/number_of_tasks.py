"""Fewer samples than inputs: how does the error fall with the number of tasks in one trunk?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from torch import nn

from mtl_tutor.experiments import Arm, Hypothesis, Trial, above, below, ratio
from mtl_tutor.experiments.controls import Sampler, beside_shuffled
from mtl_tutor.experiments.trial import LAST
from mtl_tutor.results import History
from mtl_tutor.tasks import Samples, TaskData, only_tasks, shared_subspace
from mtl_tutor.training import SGD

MOST, NARROW = 16, 4


@dataclass(frozen=True)
class NumberOfTasks(Trial):
    """Where tasks have fewer samples than inputs, their error in one trunk falls with their number if they are related.

    Each task is a mixture of the same two directions of thirty, and has fifteen samples. Only the first one is judged,
    which is the same whatever stands beside it. Nets train for 250 steps, with the best width and learning rate for
    each set of tasks; fifteen validation samples are too few to stop a net by.

    Attributes
    ----------
    n_samples, n_features, noise : int, int, float
        Of `shared_subspace`; at least two samples and inputs.

    Notes
    -----
    Source: methods with a shared subspace; Baxter (2000) and Maurer, Pontil & Romera-Paredes (2016) for the shape of
    the fall.
    Departures: nets of one hidden layer; all of the set-up is ours.
    """

    seeds: int = 128
    tuning_seeds: int = 12
    n_samples: int = 15
    n_features: int = 30
    noise: float = 0.3

    name = "number-of-tasks"
    findings = ("sixteen", "unrelated")
    failing_controls = ("shuffled",)
    smallest = (("n_samples", 2), ("n_features", 2), ("noise", 0))
    widths, lrs, extensions = (4, 16, 64), (0.0003, 0.001, 0.003), 1
    steps, eval_every = 250, 250
    optimizer = SGD(momentum=0.9)
    activation, init_scale = nn.Tanh, 0.3  # a small start, as tasks are linear
    hypotheses = (
        Hypothesis("sixteen", "Fifteen related auxiliary tasks save a fifth of the error",
                   "ours", "related, 16", "alone", below(-0.2), ratio),
        Hypothesis("more", "... more than seven do", "ours", "related, 16", "related, 8", below(), ratio),
        Hypothesis("three", "... and three save a fifth, too", "ours", "related, 4", "alone", below(-0.2), ratio),
        Hypothesis("shuffled", "... or fifteen shuffled ones", "control", "shuffled", "alone", below(-0.2), ratio),
        Hypothesis("same-inputs", "... or fifteen related ones that are asked about the same inputs",
                   "ours", "same inputs", "alone", below(-0.2), ratio),
        Hypothesis("unrelated", "Fifteen unrelated auxiliary tasks raise the error",
                   "ours", "unrelated, 16", "alone", above(), ratio),
        Hypothesis("narrow-unrelated", "... and more in four units",
                   "ours", "unrelated, 16, narrow", "narrow", above(0.1), ratio),
        Hypothesis("narrow", "... where fifteen related ones save a tenth",
                   "ours", "related, 16, narrow", "narrow", below(-0.1), ratio),
        Hypothesis("narrow-wide", "... and more in their best width",
                   "ours", "related, 16", "related, 16, narrow", below(), ratio),
    )

    def measure(self, history: History) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """The first task's error after the last step."""
        return {LAST: history.last()[:, 0]}

    def draw(self, n_tasks: int = MOST, *, shared: bool = True, separate: bool = True) -> Sampler:
        """Draw sixteen tasks, with inputs of their own or the same, and keep the first ones."""
        size = {"n_features": self.n_features, "noise": self.noise}
        how = {"shared": shared, "separate": separate}
        return lambda seed: first_tasks(shared_subspace(MOST, self.n_samples, **size, **how, seed=seed).data, n_tasks)

    def arms(self) -> Mapping[str, Arm]:
        """Related and unrelated tasks in different numbers, at the best width and in four units; controls."""
        arms = {"alone": Arm("alone", "single_task", self.draw(1))}
        arms |= {f"related, {n}": Arm(f"{n} related tasks", "main", self.draw(n)) for n in (2, 4, 8, MOST)}
        arms |= {f"unrelated, {n}": Arm(f"{n} unrelated tasks", "other", self.draw(n, shared=False)) for n in (4, MOST)}
        narrow = {"narrow": "alone", "related, 16, narrow": "related, 16", "unrelated, 16, narrow": "unrelated, 16"}
        for name, wide in narrow.items():
            arms[name] = replace(arms[wide], label=f"{arms[wide].label}, 4 units", n_hidden=NARROW)
        return arms | {
            "same inputs": Arm("16 related tasks, same inputs", "third", self.draw(separate=False)),
            "shuffled": Arm("16 tasks, 15 of them shuffled", "control", beside_shuffled(self.draw())),
        }


def first_tasks(data: TaskData, n_tasks: int) -> TaskData:
    """Keep the first so many tasks, and those samples that have a label for one of them."""
    data = only_tasks(data, range(n_tasks))
    kept = {name: np.isfinite(samples.y).any(axis=1) for name, samples in data.splits().items()}
    return replace(data, **{name: Samples(s.x[kept[name]], s.y[kept[name]]) for name, s in data.splits().items()})
