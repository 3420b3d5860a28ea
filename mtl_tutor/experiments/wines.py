"""Two questions about the same wines: does it pay to answer them in one net?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import nn

from mtl_tutor.experiments._arms import Arm, Draw
from mtl_tutor.experiments._base import Sentence, Trial
from mtl_tutor.results import History
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData, only_tasks, shuffled_labels, wines
from mtl_tutor.training import SGD

GRAPE, STRENGTH = "share of wines with the wrong grape", "squared error of the alcohol (variance: 1)"
TEXT = "source text 002, why use it"


@dataclass(frozen=True)
class Wines(Trial):
    """Two questions about the same wines are answered better by one net than by two.

    "Which grape?" has three answers, "how strong?" is a number; each label of a training wine may be missing. Two nets
    are tuned one by one; the joint net has one width and learning rate for both tasks. Each task stops early by itself.

    Attributes
    ----------
    n_wines, missing : training wines, and the probability that one of their labels is missing.
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial.

    Raises
    ------
    ValueError : an impossible table, or too few seeds.

    Source: source text 002 claims better accuracy of several tasks in general. Departures: table and set-up are ours.
    """

    seeds: int = 256
    tuning_seeds: int = 64
    n_wines: int = 60
    missing: float = 0.4

    name, chapter = "wines", "what/two-nets-or-one"
    widths, lrs, extensions, steps, eval_every = (4, 16, 64), (0.01, 0.03, 0.1), 1, 250, 10
    optimizer = SGD(momentum=0.9)
    sentences = (
        Sentence("grape", "Beside the strength, grapes are told better", TEXT, "grape", "joint", 0.01, measure=GRAPE),
        Sentence("strength", "... and the strength beside the grapes", TEXT, "strength", "joint", 0.01, measure=STRENGTH),
        Sentence("no-harm", "Neither is told worse: grapes not by 0.01", "ours", "joint", "grape", most=0.01, measure=GRAPE),
        Sentence("no-harm-strength", "... and the strength not by 0.05", "ours", "joint", "strength", most=0.05, measure=STRENGTH),
        Sentence("control", "True grapes beat shuffled ones at the strength", "control", "shuffled", "joint", measure=STRENGTH),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        wines(self.n_wines, missing=self.missing)

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of tanh units."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=nn.Tanh)

    def cellar(self, seed: int) -> TaskData:
        """Draw one seed's wines."""
        return wines(self.n_wines, missing=self.missing, seed=seed)

    def one(self, task: int) -> Draw:
        """Draw them with one question only."""
        return lambda seed: only_tasks(self.cellar(seed), [task])

    def arms(self) -> Mapping[str, Arm]:
        """Each question in a net of its own, both in one, and the strength beside shuffled grapes."""
        return {
            "grape": Arm("grape, own net", "single_task", self.one(0)),
            "strength": Arm("strength, own net", "single_task", self.one(1)),
            "joint": Arm("one net for both", "main", self.cellar),
            "shuffled": Arm("grapes shuffled", "control", lambda seed: shuffled_labels(self.cellar(seed), [0], seed=seed)),
        }

    def validated(self, history: History) -> np.ndarray:
        """Tune for the losses of all tasks that the net has."""
        losses = np.take_along_axis(history.loss["validation"], history.best_step()[:, None], axis=1)[:, 0]
        return losses.mean(axis=1)

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """The error of every task that the net has."""
        names = {"cultivar": GRAPE, "alcohol": STRENGTH}
        return {names[task]: history.best()[:, k] for k, task in enumerate(history.tasks)}
