"""Attribute selection: which inputs matter."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.controls import alone, beside_copies, beside_shuffled, beside_trivial
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, within
from mtl_tutor.experiments.trial import STOPPED, Trial
from mtl_tutor.metrics import relevance_auc
from mtl_tutor.results import Curves, History
from mtl_tutor.tasks import TaskData, averaged_labels, shared_feature
from mtl_tutor.training import SGD, Adam

SOURCE, TEXT = "Caruana 1997, §3.2", "source text 003, attribute selection"
AUC, N_RELEVANT, N_FEATURES = "AUC of the trunk's weights", 4, 30


@dataclass(frozen=True)
class AttributeSelection(Trial):
    """With many inputs and few samples, other noisy tasks show a net which inputs matter.

    Attributes
    ----------
    n_tasks, n_samples : int
        Views of the feature, the main one included, of whose 30 inputs four decide; and training samples.
    noise : float
        Standard deviation of each view's own noise (that of the feature is 1).

    Notes
    -----
    Source: Caruana (1997, §3.2), who gives neither construction nor numbers. Departures: all of it is ours.
    """

    tuning_seeds: int = 12
    n_tasks: int = 16
    n_samples: int = 60
    noise: float = 0.7

    name = "attribute-selection"
    findings = ("error", "auc", "averaged", "more-data", "adam-trap")
    smallest = (("n_tasks", 2), ("n_samples", 10), ("noise", 0))
    widths = (1, 4, 16)
    lrs = (0.003, 0.01, 0.03)
    extensions = 1
    steps = 200
    eval_every = 10
    optimizer = SGD(momentum=0.9)
    activation = nn.Tanh  # one unit is all that the feature needs
    init_scale = 0.3
    hypotheses = (
        Hypothesis("error", "Fifteen more views lower the error on the first one", SOURCE, "alone", "joint"),
        Hypothesis("error-not-shuffled", "... and lower it more than shuffled views do", TEXT, "shuffled", "joint"),
        Hypothesis("error-not-others", "... and more than tasks about other inputs", "control", "other inputs", "joint"),
        Hypothesis("error-not-copies", "... and more than copies of the first", "control", "same noise", "joint"),
        Hypothesis("auc", "The trunk ranks the relevant inputs higher than alone", TEXT, "joint", "alone", measure=AUC),
        Hypothesis("auc-not-shuffled", "... and higher than beside shuffled views", TEXT, "joint", "shuffled", measure=AUC),
        Hypothesis("auc-shuffled-falls", "Beside shuffled views it ranks them lower than alone",
                   "ours", "alone", "shuffled", measure=AUC, scale="harm"),
        Hypothesis("auc-others-falls", "... as it does beside tasks about other inputs",
                   "ours", "alone", "other inputs", measure=AUC, scale="harm"),
        Hypothesis("averaged", "Sharing a layer is as good as averaging the labels", TEXT, "joint", "averaged", within(0.02), scale="harm"),
        Hypothesis("more-data", "Sixteen views are as good as sixteen times the data",
                   TEXT, "joint", "more data", within(0.02), scale="harm"),
        Hypothesis("adam-trap", "With Adam, further tasks with shuffled labels beat the tuned single-task net, too",
                   "ours", "alone, Adam", "shuffled, Adam"),
    )

    def views(self, seed: int, n_tasks: int = 0, n_samples: int = 0, other_inputs: bool = False) -> TaskData:
        """Draw one seed's views of the feature."""
        counts = (n_tasks or self.n_tasks, n_samples or self.n_samples)
        return shared_feature(*counts, n_features=N_FEATURES, noise=self.noise, other_inputs=other_inputs, seed=seed)

    def arms(self) -> Mapping[str, Arm]:
        """Sixteen views, one view, four controls and two yardsticks; and two arms with Adam."""
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
        return {**super().measure(history), AUC: relevance_auc(squares, N_RELEVANT)}


@recorded(
    "attribute-selection",
    title="Do more views find the right inputs?",
    alt="With more views the error falls and the relevant inputs are ranked higher; beside shuffled ones neither happens.",
    look_at=["error at the best validation step", "AUC of the trunk's weights"],
    samples=[30, 60, 120],
    units=[1, 4, 16],
)
def attribute_selection_curves(look_at: str = STOPPED, samples: int = 60, units: int = 1, *, n_seeds: int = 100) -> Curves:
    """Follow the error, or the ranking of inputs, over the number of views; one learning rate (0.01), untuned.

    Parameters
    ----------
    look_at : str
        A measure of the trial.
    samples, units : int
        Training samples, and the width of the trunk.
    n_seeds : int
        Nets per point, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial = AttributeSelection(seeds=n_seeds, first_seed=2000, n_samples=samples)
    arms = ("alone", "joint", "shuffled", "other inputs")
    look = {"measure": look_at, "xlabel": "views, k", "xscale": "log", "ylim": (0.0, 1.1)}
    return replace(trial.curves("n_tasks", (2, 4, 8, 16), arms, n_hidden=units, lr=0.01, **look), ylabel="test error, or AUC")
