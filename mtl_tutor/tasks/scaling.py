"""Standardise inputs and labels, and undo it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from jaxtyping import Bool, Float

from mtl_tutor.tasks._samples import Samples, Task


@dataclass(frozen=True, eq=False, repr=False)
class Scaling:
    """Means and standard deviations of inputs and labels, to standardise samples and undo it.

    Attributes
    ----------
    tasks : tuple[Task, ...]
        The tasks; only labels of regressions are scaled.
    x_mean, x_sd : Float[np.ndarray, "feature"]
        Of each feature over the training samples; 0 and 1 where it is constant there.
    y_mean, y_sd : Float[np.ndarray, "task"]
        Of each task's known training labels; 0 and 1 for classes and constants.
    own_features : tuple[int, ...]
        How many features each task has to itself; empty where all tasks share them.

    Raises
    ------
    ValueError
        Inputs or predictions that do not fit the tasks.

    Examples
    --------
    >>> from mtl_tutor.tasks import TaskData
    >>> data, scaling = TaskData.from_arrays([[0.0], [2.0]], {"price": [100.0, 300.0]}).scaled()
    >>> data.train.x.tolist(), data.train.y.tolist()
    ([[-1.0], [1.0]], [[-1.0], [1.0]])
    >>> scaling.undo([np.array([[[0.5]]])])[0].tolist()
    [[[250.0]]]
    """

    tasks: tuple[Task, ...]
    x_mean: Float[np.ndarray, "feature"]
    x_sd: Float[np.ndarray, "feature"]
    y_mean: Float[np.ndarray, "task"]
    y_sd: Float[np.ndarray, "task"]
    own_features: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"Scaling: {len(self.x_mean)} features; tasks {', '.join(task.name for task in self.tasks)}"

    @classmethod
    def of(cls, tasks: Sequence[Task], train: Samples, own_features: tuple[int, ...] = ()) -> Self:
        """Measure means and standard deviations of training samples, missing labels left out."""
        classes = [task.kind != "regression" for task in tasks]
        x = _measure(np.where(_owned(train, own_features), train.x, np.nan))
        y = _measure(np.where(classes, np.nan, train.y))
        return cls(tuple(tasks), *x, *y, own_features)

    def apply(self, samples: Samples) -> Samples:
        """Scale samples with labels as the training samples were."""
        x = np.where(_owned(samples, self.own_features), (samples.x - self.x_mean) / self.x_sd, samples.x)
        return replace(samples, x=x, y=(samples.y - self.y_mean) / self.y_sd)

    def inputs(self, x: Float[np.ndarray, "sample _"], task: str | None = None) -> Float[np.ndarray, "sample feature"]:
        """Scale new samples without labels.

        Parameters
        ----------
        x : Float[np.ndarray, "sample _"]
            Their features; where each task has features of its own, those of `task`.
        task : str | None
            The task of these samples; needed only where each task has features of its own.
        """
        names = [one.name for one in self.tasks]
        if self.own_features and task not in names:
            raise ValueError(f"`task` must be one of {names}, since each has features of its own; got {task!r}.")
        left, right = (sum(self.own_features[: names.index(str(task)) + k]) for k in (0, 1)) if self.own_features else (0, len(self.x_mean))
        if np.ndim(x) != 2 or np.shape(x)[1] != right - left:
            raise ValueError(f"`x` must have two axes, with {right - left} features per sample; got shape {np.shape(x)}.")
        scaled = np.zeros((len(x), len(self.x_mean)))
        scaled[:, left:right] = (x - self.x_mean[left:right]) / self.x_sd[left:right]
        return scaled

    def undo(self, answers: Sequence[Float[np.ndarray, "*seed sample _"]]) -> list[Float[np.ndarray, "*seed sample _"]]:
        """Bring predictions, one array per task, back to the labels' units; logits stay the same."""
        if len(answers) != len(self.tasks):
            raise ValueError(f"`answers` must hold one array per task, {len(self.tasks)}; got {len(answers)}.")
        return [one * sd + mean for one, mean, sd in zip(answers, self.y_mean, self.y_sd, strict=True)]

    def undo_errors(self, errors: Float[np.ndarray, "... task"]) -> Float[np.ndarray, "... task"]:
        """Bring squared errors back to the labels' units, squared; error rates stay the same."""
        if np.shape(errors)[-1:] != (len(self.tasks),):
            raise ValueError(f"`errors` must have one column per task, {len(self.tasks)}; got shape {np.shape(errors)}.")
        return errors * self.y_sd**2


def _owned(samples: Samples, own_features: tuple[int, ...]) -> Bool[np.ndarray, "sample feature"]:
    """Which entries are measurements; the others are padding of other tasks' features."""
    return np.repeat(~np.isnan(samples.y), own_features, axis=1) if own_features else np.ones(samples.x.shape, dtype=bool)


def _measure(values: Float[np.ndarray, "sample feature"]) -> tuple[Float[np.ndarray, "feature"], Float[np.ndarray, "feature"]]:
    """Mean and standard deviation of each column's known entries; 0 and 1 where it is constant."""
    columns = [column[~np.isnan(column)] for column in values.T]
    moments = [(column.mean(), column.std()) if len(column) and np.ptp(column) > 0 else (0.0, 1.0) for column in columns]
    mean, sd = np.array(moments).T
    return mean, sd
