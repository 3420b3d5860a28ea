"""A multi-task Gaussian process as a recipe."""

from dataclasses import dataclass

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.recipes._base import TrainingConfig
from mtl_tutor.recipes._fits import Answers, Fit
from mtl_tutor.sharing import Cost, MultiTaskGP
from mtl_tutor.tasks import TaskData


@checked
@dataclass(frozen=True)
class GaussianProcess(Fit):
    """A Gaussian process that learns the covariance of the tasks; regressions only.

    Attributes
    ----------
    ranks : tuple[int, ...]
        Ranks of the task covariance to try.
    n_starts : int
        Random starts of each fit.

    Examples
    --------
    >>> GaussianProcess().settings(TrainingConfig())
    (1.0, 2.0)
    """

    ranks: tuple[int, ...] = (1, 2)
    n_starts: int = 1

    def settings(self, plan: TrainingConfig) -> tuple[float, ...]:
        """The ranks."""
        return tuple(float(rank) for rank in self.ranks)

    def fitted(self, data: TaskData, setting: float) -> Answers:
        """Fit the training samples with a task covariance of this rank."""
        kinds = [task.kind for task in data.tasks]
        rank = min(int(setting), len(data.tasks))
        return MultiTaskGP(rank=rank, n_starts=self.n_starts).fit(data.train.x, data.train.y, kinds=kinds).predict

    @checked
    def cost(self, data: TaskData, plan: TrainingConfig) -> Cost:
        """The stored training samples, and one comparison with each per prediction."""
        n, labels = len(data.train), int((~np.isnan(data.train.y)).sum())
        return Cost(data.train.x.size + labels, n * data.n_features + labels)
