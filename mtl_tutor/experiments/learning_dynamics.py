"""Does an extra task only make the shared layer learn faster?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.experiments._arms import Arm, alone, beside_copies, beside_shuffled, beside_trivial, best_of
from mtl_tutor.experiments._base import STOPPED, Sentence, Trial
from mtl_tutor.results import Curves, History
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import bootstrap
from mtl_tutor.tasks import TaskData, shared_feature
from mtl_tutor.training import SGD, Adam

TEXT, WHEN = "source text 003, why it works", "step of the lowest validation error"


@dataclass(frozen=True)
class LearningDynamics(Trial):
    """Extra tasks help because they raise the effective learning rate of the shared layer.

    If so, copies of the main task should help as much (each adds the same gradient to the trunk), and so should a
    trunk with a larger learning rate of its own.

    Attributes
    ----------
    n_tasks : views of the feature, the main task included; copies are as many.
    n_samples, noise : training samples, and the standard deviation of the noise on the labels (the feature's is 1).
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial.

    Raises
    ------
    ValueError : fewer than two tasks or ten samples, negative noise, or too few seeds.

    Source: the second of the explanations that Caruana (1997, §3.1) wants ruled out. Departures: the set-up is ours.
    """

    seeds: int = 256
    tuning_seeds: int = 51
    n_tasks: int = 8
    n_samples: int = 40
    noise: float = 0.7

    name, chapter = "learning-dynamics", "why/learning-dynamics"
    smallest = (("n_tasks", 2), ("n_samples", 10), ("noise", 0))
    widths, lrs, extensions, steps, eval_every, optimizer = (2,), (0.001, 0.003, 0.01, 0.03, 0.1), 2, 300, 5, SGD(momentum=0.9)
    sentences = (
        Sentence("copies", "Copies of the main task lower the error by 0.05", TEXT, "alone", "copies", 0.05),
        Sentence("trunk", "A trunk that learns 2, 4 or 8 times as fast does", TEXT, "alone", "fast trunk", 0.05),
        Sentence("tasks", "Real tasks do", TEXT, "alone", "joint", 0.05),
        Sentence("not-copies", "... more than copies", "control", "copies", "joint"),
        Sentence("not-trunk", "... more than a faster trunk", "control", "fast trunk", "joint"),
        Sentence("mean", "... also with the losses averaged: the trunk is no faster", "ours", "alone", "mean", 0.05),
        Sentence("shuffled", "... and so do shuffled tasks", "control", "alone", "shuffled", 0.05),
        Sentence("sooner", "At one learning rate, copies reach their best step sooner", "ours", "alone", "copies, same rate", measure=WHEN),
        Sentence("adam", "With Adam, copies change the error by less than 0.05", "ours", "alone, Adam", "copies, Adam", margin=0.05),
        Sentence("adam-when", "... and the best step by less than 20", "ours", "alone, Adam", "copies, Adam", margin=20, measure=WHEN),
        Sentence("adam-tasks", "... while real tasks lower the error there as well", "ours", "alone, Adam", "joint, Adam"),
    )

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of two tanh units."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=nn.Tanh, init_scale=0.3)

    def views(self, seed: int) -> TaskData:
        """Draw views of one feature; the first is the main task."""
        return shared_feature(self.n_tasks, self.n_samples, n_features=15, noise=self.noise, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """Alone, faster, beside copies, beside tasks; and with Adam, which doesn't notice the size of a gradient."""
        views, one, copies, adam = self.views, alone(self.views), beside_copies(self.views), Adam()
        faster = [Arm(f"trunk x {factor}", "third", one, trunk_lr=factor) for factor in (2, 4, 8)]
        mean = FixedWeighting((1 / self.n_tasks,) * self.n_tasks)
        return {
            "alone": Arm("alone", "single_task", one),
            "fast trunk": best_of("alone, faster trunk", "third", faster),
            "copies": Arm("beside copies", "control", copies),
            "copies, same rate": Arm("beside copies, rate as alone", "control", copies, like="alone"),
            "joint": Arm("beside real tasks", "main", views),
            "mean": Arm("... losses averaged", "other", views, method=mean),
            "shuffled": Arm("beside shuffled tasks", "control", beside_shuffled(views)),
            "trivial": Arm("beside trivial tasks", "control", beside_trivial(views)),
            "alone, Adam": Arm("alone, Adam", "single_task", one, optimizer=adam),
            "copies, Adam": Arm("beside copies, Adam", "control", copies, optimizer=adam, like="alone, Adam"),
            "joint, Adam": Arm("beside real tasks, Adam", "main", views, optimizer=adam),
        }

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """The main task's error, early-stopped and at the last step, and when it was stopped."""
        when = history.steps[history.best_step()[:, 0]]
        return {**super().measure(history), WHEN: when.astype(float)}


def learning_rates(units: int = 2, trunk: int = 4, optimizer: str = "SGD", read: str = STOPPED, *, n_seeds: int = 100) -> Curves:
    """Follow the error over the learning rate: alone, with a faster trunk, beside copies, beside real tasks.

    Parameters
    ----------
    units, trunk : hidden units, and the factor on the trunk's learning rate.
    optimizer, read : "SGD" (momentum 0.9) or "Adam"; one of the two errors.
    n_seeds : nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial, x = LearningDynamics(seeds=n_seeds, first_seed=2000), np.array([0.001, 0.003, 0.01, 0.03, 0.1, 0.3])
    arms = {name: trial.arms()[name] for name in ("alone", "copies", "joint", "mean")}
    arms["faster"] = replace(arms["alone"], label="alone, faster trunk", role="fourth", trunk_lr=float(trunk))
    how = {"SGD": SGD(momentum=0.9), "Adam": Adam()}[optimizer]
    errors = {}
    for arm in arms.values():
        errors[arm.label] = [bootstrap(trial.measured(replace(arm, optimizer=how), units, lr)[read]) for lr in x]
    look = {"xlabel": "learning rate", "ylabel": "test error (variance of the feature: 1)", "ylim": (0.0, 1.2)}
    return Curves.of_intervals(x, errors, roles={arm.label: arm.role for arm in arms.values()}, xscale="log", **look)
