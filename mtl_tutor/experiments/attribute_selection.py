"""Attribute selection: which inputs matter."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.experiments._arms import Arm, alone, beside_copies, beside_shuffled, beside_trivial
from mtl_tutor.experiments._base import LAST, STOPPED, Sentence, Trial
from mtl_tutor.metrics import relevance_auc
from mtl_tutor.results import Curves, History
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData, averaged_labels, shared_feature
from mtl_tutor.training import SGD, Adam

SOURCE, TEXT = "Caruana 1997, §3.2", "source text 003, attribute selection"
AUC, N_RELEVANT, N_FEATURES = "AUC of the trunk's weights", 4, 30


@dataclass(frozen=True)
class AttributeSelection(Trial):
    """With many inputs and few samples, other noisy tasks show a net which inputs matter.

    Attributes
    ----------
    n_tasks : views of the feature, the main one included. Four of 30 inputs decide it.
    n_samples, noise : training samples, and the standard deviation of each view's own noise (the feature's is 1).
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial.

    Raises
    ------
    ValueError : fewer than two views or ten samples, negative noise, or too few seeds.

    Source: Caruana (1997, §3.2), who gives neither construction nor numbers. Departures: all of it is ours.
    """

    tuning_seeds: int = 32
    n_tasks: int = 16
    n_samples: int = 60
    noise: float = 0.7

    name, chapter = "attribute-selection", "why/attribute-selection"
    widths, lrs, extensions = (1, 4, 16), (0.003, 0.01, 0.03), 1
    smallest = (("n_tasks", 2), ("n_samples", 10), ("noise", 0))
    steps, eval_every, optimizer = 200, 10, SGD(momentum=0.9)
    sentences = (
        Sentence("error", "Fifteen more views lower the error on the first", SOURCE, "alone", "joint"),
        Sentence("error-not-shuffled", "... and lower it more than shuffled views do", TEXT, "shuffled", "joint"),
        Sentence("error-not-others", "... and more than tasks about other inputs", "control", "other inputs", "joint"),
        Sentence("error-not-copies", "... and more than copies of the first", "control", "same noise", "joint"),
        Sentence("auc", "The trunk ranks the relevant inputs higher than alone", TEXT, "joint", "alone", measure=AUC),
        Sentence("auc-not-shuffled", "... and higher than beside shuffled views", TEXT, "joint", "shuffled", measure=AUC),
        Sentence("auc-shuffled-falls", "Beside shuffled views it ranks them lower than alone", "ours", "alone", "shuffled", measure=AUC),
        Sentence("auc-others-falls", "... as it does beside tasks about other inputs", "ours", "alone", "other inputs", measure=AUC),
        Sentence("averaged", "Sharing a layer is as good as averaging the labels", TEXT, "joint", "averaged", margin=0.02),
        Sentence("more-data", "Sixteen views are as good as sixteen times the data", TEXT, "joint", "more data", margin=0.02),
        Sentence("adam-trap", "With Adam, shuffled views too beat the tuned single-task net", "ours", "alone, Adam", "shuffled, Adam"),
    )

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of tanh units, started small; one of them is all that the feature needs."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=nn.Tanh, init_scale=0.3)

    def views(self, seed: int, n_tasks: int = 0, n_samples: int = 0, other_inputs: bool = False) -> TaskData:
        """Draw one seed's views of the feature."""
        counts = (n_tasks or self.n_tasks, n_samples or self.n_samples)
        return shared_feature(*counts, n_features=N_FEATURES, noise=self.noise, other_inputs=other_inputs, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """Sixteen views, one view, four controls, two yardsticks; and a trap."""
        views, n = self.views, self.n_tasks
        return {
            "alone": Arm("alone", "single_task", alone(views)),
            "joint": Arm("k views, a task each", "main", views),
            "averaged": Arm("k labels averaged, one task", "other", lambda seed: averaged_labels(views(seed))),
            "more data": Arm("k times the data, one task", "third", lambda seed: views(seed, 1, n * self.n_samples), like="averaged"),
            "same noise": Arm("copies of one view", "control", beside_copies(views)),
            "shuffled": Arm("other views shuffled", "control", beside_shuffled(views)),
            "other inputs": Arm("tasks about other inputs", "control", lambda seed: views(seed, other_inputs=True)),
            "trivial": Arm("trivial other tasks", "control", beside_trivial(views)),
            "alone, Adam": Arm("alone, Adam", "single_task", alone(views), optimizer=Adam()),
            "shuffled, Adam": Arm("other views shuffled, Adam", "control", beside_shuffled(views), optimizer=Adam()),
        }

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """The main task's error, and how well the trunk's weights tell relevant inputs from others at the last step."""
        squares = (history.parameters["trunk.0.weight"] ** 2).sum(axis=1)
        return {STOPPED: history.best()[:, 0], LAST: history.last()[:, 0], AUC: relevance_auc(squares, N_RELEVANT)}


def inputs_that_matter(look_at: str = STOPPED, samples: int = 60, units: int = 1, *, n_seeds: int = 100) -> Curves:
    """Follow the error, or the ranking of inputs, over the number of views; one learning rate (0.01), untuned.

    Parameters
    ----------
    look_at : a measure of the trial.
    samples, units : training samples, and the width of the trunk.
    n_seeds : nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial, arms = AttributeSelection(seeds=n_seeds, first_seed=2000, n_samples=samples), ("alone", "joint", "shuffled", "other inputs")
    look = {"measure": look_at, "xlabel": "views, k", "xscale": "log", "ylim": (0.0, 1.1)}
    return replace(trial.sweep("n_tasks", (2, 4, 8, 16), arms, n_hidden=units, lr=0.01, **look), ylabel="test error, or AUC")
