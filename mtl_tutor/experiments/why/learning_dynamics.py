"""Does an extra task only make the shared layer learn faster?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.experiments.arms import Arm, best_of
from mtl_tutor.experiments.controls import alone, beside_copies, beside_shuffled, beside_trivial
from mtl_tutor.experiments.curves import curves_of
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, above, within
from mtl_tutor.experiments.trial import STOPPED, Trial
from mtl_tutor.results import Curves, History
from mtl_tutor.tasks import TaskData, shared_feature
from mtl_tutor.training import SGD, Adam

TEXT, WHEN = "source text 003, why it works", "step of the lowest validation error"
OPTIMIZERS = {"SGD": SGD(momentum=0.9), "Adam": Adam()}


@dataclass(frozen=True)
class LearningDynamics(Trial):
    """Extra tasks help because they raise the effective learning rate of the shared layer.

    If so, copies of the main task should help as much (each adds the same gradient to the trunk), and so should a
    trunk with a larger learning rate of its own.

    Attributes
    ----------
    n_tasks, n_samples : int
        Views of the feature, the main task included (copies are as many), and training samples.
    noise : float
        Standard deviation of the noise on the labels (that of the feature is 1).

    Notes
    -----
    Source: the second of the explanations that Caruana (1997, §3.1) wants ruled out. Departures: the set-up is ours.
    """

    seeds: int = 256
    tuning_seeds: int = 24
    n_tasks: int = 8
    n_samples: int = 40
    noise: float = 0.7

    name = "learning-dynamics"
    findings = ("copies", "trunk", "tasks", "sooner", "adam")
    failing_controls = ("shuffled",)
    smallest = (("n_tasks", 2), ("n_samples", 10), ("noise", 0))
    widths = (2,)
    lrs = (0.001, 0.003, 0.01, 0.03, 0.1)
    steps = 300
    eval_every = 5
    optimizer = SGD(momentum=0.9)
    activation = nn.Tanh
    init_scale = 0.3
    hypotheses = (
        Hypothesis("copies", "Copies of the main task as further outputs lower its error by 0.05", TEXT, "alone", "copies", above(0.05)),
        Hypothesis("trunk", "A trunk that learns 2, 4 or 8 times as fast lowers the error by 0.05",
                   TEXT, "alone", "fast trunk", above(0.05)),
        Hypothesis("tasks", "Real auxiliary tasks lower the error by 0.05", TEXT, "alone", "joint", above(0.05)),
        Hypothesis("not-copies", "... more than copies", "control", "copies", "joint"),
        Hypothesis("not-trunk", "... more than a faster trunk", "control", "fast trunk", "joint"),
        Hypothesis("mean", "... also with the losses averaged: the trunk is no faster", "ours", "alone", "mean", above(0.05)),
        Hypothesis("shuffled", "... and so do shuffled tasks", "control", "alone", "shuffled", above(0.05)),
        Hypothesis(
            "sooner", "At one learning rate, copies reach their best step sooner", "ours", "alone", "copies, same rate", measure=WHEN
        ),
        Hypothesis("adam", "With Adam, copies change the error by less than 0.05", "ours", "alone, Adam", "copies, Adam", within(0.05)),
        Hypothesis("adam-when", "... and the best step by less than 20", "ours", "alone, Adam", "copies, Adam", within(20), measure=WHEN),
        Hypothesis("adam-tasks", "... while real tasks lower the error there as well", "ours", "alone, Adam", "joint, Adam"),
    )

    def views(self, seed: int) -> TaskData:
        """Draw views of one feature; the first is the main task."""
        return shared_feature(self.n_tasks, self.n_samples, n_features=15, noise=self.noise, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """Alone, with a faster trunk, beside copies, beside tasks; and with Adam, which rescales every gradient."""
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


@recorded(
    "learning-dynamics",
    title="Is it only a larger learning rate?",
    alt="Copies and a faster trunk move the valley of the error to smaller learning rates, but not down; real tasks move it down.",
    units=[2, 16],
    trunk=[2, 8],
    optimizer=["SGD", "Adam"],
    read=["error at the best validation step", "error at the last step"],
)
def learning_dynamics_curves(
    units: int = 2, trunk: int = 4, optimizer: str = "SGD", read: str = STOPPED, *, n_seeds: int = 100
) -> Curves:
    """Follow the error over the learning rate: alone, with a faster trunk, beside copies, beside real tasks.

    Parameters
    ----------
    units, trunk : int
        Hidden units, and the factor on the trunk's learning rate.
    optimizer, read : str
        "SGD" (momentum 0.9) or "Adam"; one of the two errors.
    n_seeds : int
        Nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial = LearningDynamics(seeds=n_seeds, first_seed=2000)
    arms = [trial.arms()[name] for name in ("alone", "copies", "joint", "mean")]
    arms.append(replace(arms[0], label="alone, faster trunk", role="fourth", trunk_lr=float(trunk)))
    arms = [replace(arm, optimizer=OPTIMIZERS[optimizer]) for arm in arms]

    def errors(lr: float) -> dict[str, np.ndarray]:
        return {arm.label: trial.measured(arm, units, lr)[read] for arm in arms}

    look = {"xlabel": "learning rate", "ylabel": "test error (variance of the feature: 1)", "xscale": "log", "ylim": (0.0, 1.2)}
    return curves_of(errors, (0.001, 0.003, 0.01, 0.03, 0.1, 0.3), {arm.label: arm.role for arm in arms}, **look)
