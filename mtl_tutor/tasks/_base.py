"""The data of several tasks: who has which inputs and which labels."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

Kind = Literal["regression", "binary", "multiclass"]


@dataclass(frozen=True)
class Task:
    """One question asked of every sample.

    Attributes
    ----------
    name : what the book calls it.
    kind : "regression" (a number, squared error), "binary" (0 or 1, one logit) or "multiclass" (a class, one logit each).
    n_outputs : how many numbers a net has to answer with: 1, or the number of classes.
    """

    name: str
    kind: Kind = "regression"
    n_outputs: int = 1

    def __post_init__(self) -> None:
        if self.kind not in ("regression", "binary", "multiclass"):
            raise ValueError(f"`kind` must be 'regression', 'binary' or 'multiclass'; got {self.kind!r}.")
        if (self.n_outputs < 2) if self.kind == "multiclass" else (self.n_outputs != 1):
            rule = "2 or more" if self.kind == "multiclass" else "1"
            raise ValueError(f"`n_outputs` of the {self.kind} task {self.name!r} must be {rule}; got {self.n_outputs}.")


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs and, for each task, a label. A label that nobody wrote down is NaN.

    Attributes
    ----------
    x : one row of features per sample.
    y : one column per task: a number, 0/1, or the index of a class.
    """

    x: Float[np.ndarray, "sample feature"]
    y: Float[np.ndarray, "sample task"]

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            value = np.asarray(getattr(self, name), dtype=float)
            if value.ndim != 2:
                raise ValueError(f"`{name}` must have two axes (sample, {'feature' if name == 'x' else 'task'}); got shape {value.shape}.")
            object.__setattr__(self, name, value)
        if len(self.x) != len(self.y):
            raise ValueError(f"`x` and `y` must describe the same samples; got {len(self.x)} and {len(self.y)}.")
        if not np.isfinite(self.x).all():
            raise ValueError(f"`x` must be finite; {np.sum(~np.isfinite(self.x))} entries are not. Impute or drop those samples.")
        if np.isinf(self.y).any():
            raise ValueError("`y` must be finite, or NaN where a label is missing; got an infinite label.")

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, eq=False)
class TaskData:
    """Several tasks over the same inputs, split into what is learned from, chosen by, and judged on.

    Tasks with samples of their own stack their samples in `x` and leave the other tasks' labels NaN.

    Raises
    ------
    ValueError : no tasks, a split with other features or tasks, a task without any training label,
        or a label that its task cannot have.
    """

    tasks: tuple[Task, ...]
    train: Samples
    validation: Samples | None = None
    test: Samples | None = None

    def __post_init__(self) -> None:
        if not self.tasks:
            raise ValueError("`tasks` must name at least one task; got none.")
        for split, samples in self.splits().items():
            if samples.x.shape[1] != self.n_features or samples.y.shape[1] != len(self.tasks):
                raise ValueError(
                    f"`{split}` must have {self.n_features} features and {len(self.tasks)} tasks; "
                    f"got x {samples.x.shape} and y {samples.y.shape}."
                )
            for task, labels in zip(self.tasks, samples.y.T, strict=True):
                _check_labels(split, task, labels[~np.isnan(labels)])

    @property
    def n_features(self) -> int:
        """How many numbers describe a sample."""
        return self.train.x.shape[1]

    @property
    def n_outputs(self) -> tuple[int, ...]:
        """How many outputs each task's head needs."""
        return tuple(task.n_outputs for task in self.tasks)

    def splits(self) -> dict[str, Samples]:
        """The splits that exist, by name."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: samples for name, samples in named.items() if samples is not None}


def _check_labels(split: str, task: Task, labels: np.ndarray) -> None:
    if len(labels) == 0:
        raise ValueError(f"Task {task.name!r} must have a label in `{split}`; it has none. Label a sample or drop the task.")
    n_classes = {"binary": 2, "multiclass": task.n_outputs}.get(task.kind)
    if n_classes and not (np.isin(labels, np.arange(n_classes))).all():
        raise ValueError(f"`{split}` labels of {task.name!r} must be 0 to {n_classes - 1} ({task.kind}); got {np.unique(labels)[:6]}.")
