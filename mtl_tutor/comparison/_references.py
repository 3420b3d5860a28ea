"""What every comparison should beat: a constant prediction, and a linear model of each task by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float

from mtl_tutor.recipes import TrainingConfig
from mtl_tutor.recipes._fits import Answers, Fit
from mtl_tutor.sharing import Cost
from mtl_tutor.tasks import Task, TaskData

Predict = Callable[[Float[np.ndarray, "sample feature"]], Float[np.ndarray, "sample output"]]


@dataclass(frozen=True)
class Mean(Fit):
    """Predict the mean of the training labels, or the commonest class, whatever the inputs.

    Examples
    --------
    >>> data = TaskData.from_arrays([[0.0], [1.0]], {"price": [100.0, 300.0]})
    >>> Mean().fitted(data, 0.0)(np.zeros((1, 1)))[0].tolist()
    [[200.0]]
    """

    def settings(self, plan: TrainingConfig) -> tuple[float, ...]:
        """One, which means nothing: there is nothing to tune."""
        return (0.0,)

    def fitted(self, data: TaskData, setting: float) -> Answers:
        """Take the means, or the logarithms of the classes' shares."""
        constants = [_constant(task, y[~np.isnan(y)]) for task, y in zip(data.tasks, data.train.y.T, strict=True)]
        return lambda x: [np.tile(constant, (len(x), 1)) for constant in constants]

    def cost(self, data: TaskData, plan: TrainingConfig) -> Cost:
        """One number per output."""
        return Cost(sum(data.n_outputs), 0)

    def is_separate(self, data: TaskData, plan: TrainingConfig) -> bool:
        """Tasks share nothing."""
        return True


@dataclass(frozen=True)
class Linear(Fit):
    """Ridge regression of each number, logistic regression of each class; tasks share nothing.

    Attributes
    ----------
    strengths : tuple[float, ...]
        Penalties to try, on the squared weights: per sample, in standardised units.
    """

    strengths: tuple[float, ...] = (0.0001, 0.001, 0.01, 0.1, 1.0)

    def settings(self, plan: TrainingConfig) -> tuple[float, ...]:
        """The strengths."""
        return self.strengths

    def fitted(self, data: TaskData, setting: float) -> Answers:
        """Fit every task to the training samples that have its label."""
        fits = [_line(task, data.train.x, y, setting) for task, y in zip(data.tasks, data.train.y.T, strict=True)]
        return lambda x: [fit(x) for fit in fits]

    def cost(self, data: TaskData, plan: TrainingConfig) -> Cost:
        """One weight per input and output, and an intercept per output."""
        n = sum(data.n_outputs)
        return Cost(n * (data.n_features + 1), n * data.n_features)

    def is_separate(self, data: TaskData, plan: TrainingConfig) -> bool:
        """Tasks share nothing, so each has its own strength."""
        return True


def _constant(task: Task, labels: Float[np.ndarray, "sample"]) -> Float[np.ndarray, "output"]:
    if not task.n_classes:
        return labels.mean(keepdims=True)
    counts = np.bincount(labels.astype(int), minlength=task.n_classes)
    logits = np.log(np.maximum(counts, 0.5) / len(labels))  # a class that was never seen has half a sample
    return logits if task.kind == "multiclass" else logits[1:] - logits[:1]


def _line(task: Task, x: Float[np.ndarray, "sample feature"], y: Float[np.ndarray, "sample"], strength: float) -> Predict:
    from sklearn.linear_model import LogisticRegression, Ridge  # a second to import, so only when needed

    known = ~np.isnan(y)
    x, y = x[known], y[known]
    if not task.n_classes:
        ridge = Ridge(alpha=strength * len(y)).fit(x, y)
        return lambda new: ridge.predict(new)[:, None]
    if len(np.unique(y)) < task.n_classes:
        return lambda new: np.tile(_constant(task, y), (len(new), 1))
    logistic = LogisticRegression(C=1 / (strength * len(y)), max_iter=2000).fit(x, y)
    return partial(_logits, task, logistic)


def _logits(task: Task, logistic: Any, x: Float[np.ndarray, "sample feature"]) -> Float[np.ndarray, "sample output"]:
    """One logit per class, or one in all where there are two classes and the task has one output."""
    found = logistic.decision_function(x)
    if found.ndim == 2:
        return found
    return found[:, None] if task.n_outputs == 1 else np.stack([np.zeros_like(found), found], axis=1)
