"""Standardise inputs and labels, and undo it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from jaxtyping import Bool, Float

from mtl_tutor.checks import check_whole, shown
from mtl_tutor.tasks._cells import inputs_of, is_among
from mtl_tutor.tasks._samples import Samples, Task

_DOUBLE, _SINGLE = 64 * float(np.finfo(np.float64).eps), 8 * float(np.finfo(np.float32).eps)
"""How much constants may differ, relative to their size, in either precision: by a few roundings."""


@dataclass(frozen=True, eq=False, repr=False)
class Scaling:
    """Means and standard deviations of inputs and labels, to standardise samples and undo it.

    Attributes
    ----------
    tasks : tuple[Task, ...]
        The tasks; only labels of regressions are scaled.
    x_mean, x_sd : Float[np.ndarray, "*feature"]
        Of each feature over the training samples; where it is constant there, but for rounding, the
        standard deviation counts as 1. Inputs with more axes have them per channel of images
        [sample channel height width] and per feature of sequences [sample token feature], in a
        shape that fits a sample.
    y_mean, y_sd : Float[np.ndarray, "task"]
        Of each task's known training labels; 0 and 1 for classes. Where a label is constant, but
        for rounding, its standard deviation is 0, so that the constant is the answer.
    own_features : tuple[int, ...]
        How many features each task has to itself; empty where all tasks share them.
    feature_names : tuple[str, ...]
        Names of the columns, of inputs that came as a data frame.
    input_shape : tuple[int, ...]
        Shape of one sample.

    Raises
    ------
    ValueError
        Inputs or predictions that do not fit the tasks.

    Examples
    --------
    >>> from mtl_tutor.tasks import sine_family
    >>> data, scaling = sine_family(n_tasks=2, n_samples=64).scaled()
    >>> bool(np.isclose(data.train.x.mean(), 0)), bool(np.isclose(data.train.y[:, 0].std(), 1))
    (True, True)
    >>> answer = np.zeros((1, 64, 1))
    >>> bool(np.allclose(scaling.undo([answer, answer])[0], scaling.y_mean[0]))
    True
    """

    tasks: tuple[Task, ...]
    x_mean: Float[np.ndarray, "*feature"]
    x_sd: Float[np.ndarray, "*feature"]
    y_mean: Float[np.ndarray, "task"]
    y_sd: Float[np.ndarray, "task"]
    own_features: tuple[int, ...] = ()
    feature_names: tuple[str, ...] = ()
    input_shape: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"Scaling: {len(self.x_mean)} features; tasks {', '.join(task.name for task in self.tasks)}"

    @classmethod
    def of(
        cls,
        tasks: Sequence[Task],
        train: Samples,
        own_features: tuple[int, ...] = (),
        feature_names: tuple[str, ...] = (),
        axis: int | None = None,
    ) -> Self:
        """Measure means and standard deviations of training samples, missing labels left out."""
        classes = np.array([task.kind != "regression" for task in tasks])
        kept = _axis(train, axis)
        x_mean, x_sd = _measure(np.moveaxis(_known_inputs(train, own_features), kept, -1).reshape(-1, train.x.shape[kept]))
        y_mean, y_sd = _measure(np.where(classes, np.nan, train.y))
        fits = [-1 if k == kept else 1 for k in range(1, train.x.ndim)]  # so that it is the right axis of a sample
        scales = (x_mean.reshape(fits), np.where(x_sd > 0, x_sd, 1.0).reshape(fits), y_mean, np.where(classes, 1.0, y_sd))
        return cls(tuple(tasks), *scales, own_features, feature_names, train.x.shape[1:])

    def apply(self, samples: Samples) -> Samples:
        """Scale samples with labels as the training samples were."""
        x = (samples.x - self.x_mean) / self.x_sd
        if self.own_features:
            x = np.where(_owned(samples, self.own_features), x, samples.x)
        return replace(samples, x=x, y=(samples.y - self.y_mean) / self._y_unit)

    def inputs(self, x: Any, task: str | None = None) -> Float[np.ndarray, "sample *feature"]:
        """Scale new samples without labels.

        Parameters
        ----------
        x : Any
            Their features, [sample feature]; where each task has features of its own, those of
            `task`. The columns of a data frame are found by their names, in whatever order, if the
            training samples came as one.
        task : str | None
            The task of these samples; needed only where each task has features of its own.
        """
        names = [one.name for one in self.tasks]
        if (self.own_features or task is not None) and not is_among(task, names):
            why = ", since each has features of its own" if self.own_features else ""
            raise ValueError(f"`task` must be one of {names}{why}; got {shown(task)}.")
        shape = self.input_shape or (len(self.x_mean),)
        left, right = (sum(self.own_features[: names.index(str(task)) + k]) for k in (0, 1)) if self.own_features else (0, shape[0])
        given, found = inputs_of("`x`", x)
        if found and self.feature_names:
            given = _in_order(given, found, self.feature_names[left:right])
        expected = (right - left, *shape[1:])
        if given.shape[1:] != expected or not given.ndim:
            rule = f"two axes, with {right - left} features per sample" if len(shape) == 1 else f"samples of shape {expected}"
            raise ValueError(f"`x` must have {rule}; got shape {given.shape}.")
        if not np.isfinite(given).all():
            raise ValueError(f"`x` must be finite; {np.sum(~np.isfinite(given))} entries are not. Impute or drop those samples.")
        if not self.own_features:
            return (given - self.x_mean) / self.x_sd
        scaled = np.zeros((len(given), len(self.x_mean)))
        scaled[:, left:right] = (given - self.x_mean[left:right]) / self.x_sd[left:right]
        return scaled

    def undo(self, answers: Sequence[Float[np.ndarray, "*seed sample _"]]) -> list[Float[np.ndarray, "*seed sample _"]]:
        """Bring predictions, one array per task, back to the labels' units; logits stay the same."""
        if not isinstance(answers, Sequence) or len(answers) != len(self.tasks):
            found = len(answers) if isinstance(answers, Sequence) else shown(answers)
            raise ValueError(f"`answers` must hold one array per task, {len(self.tasks)}; got {found}.")
        given = [_numbers(f"answers[{i}]", one) for i, one in enumerate(answers)]
        return [one * sd + mean for one, mean, sd in zip(given, self.y_mean, self.y_sd, strict=True)]

    def undo_errors(self, errors: Float[np.ndarray, "... task"]) -> Float[np.ndarray, "... task"]:
        """Bring squared errors back to the labels' units, squared; error rates stay the same."""
        errors = _numbers("errors", errors)
        if np.shape(errors)[-1:] != (len(self.tasks),):
            raise ValueError(f"`errors` must have one column per task, {len(self.tasks)}; got shape {np.shape(errors)}.")
        return errors * self._y_unit**2

    @property
    def _y_unit(self) -> Float[np.ndarray, "task"]:
        """What labels are divided by; constants keep their unit."""
        return np.where(self.y_sd > 0, self.y_sd, 1.0)


def _numbers(name: str, values: Any) -> Float[np.ndarray, "..."]:
    """The values, if they are an array of numbers."""
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf":
        raise TypeError(f"`{name}` must be an array of numbers; got {shown(values)}.")
    return values


def is_constant(column: Float[np.ndarray, "sample"]) -> bool:
    """Whether numbers are the same but for rounding: 0.1 + 0.2 and 0.3 are.

    Whole numbers aren't rounded. Other numbers are taken for rounded to single precision if single
    precision holds them all.
    """
    if not len(column):
        return False
    spread, size = np.ptp(column), np.abs(column).max()
    if spread == 0 or (size < 2**53 and (column == np.round(column)).all()):
        return bool(spread == 0)
    rounding = _SINGLE if (column == column.astype(np.float32)).all() else _DOUBLE
    return bool(spread <= rounding * size)


def _axis(samples: Samples, axis: int | None) -> int:
    """The axis that is scaled entry by entry: the features' or the channels'."""
    n_axes = samples.x.ndim
    if axis is None:
        return 1 if n_axes in (2, 4, 5) else n_axes - 1
    if not 1 <= check_whole("axis", axis) < n_axes:
        raise ValueError(f"`axis` must be an axis of x after the samples', 1 to {n_axes - 1}; got {axis}.")
    return axis


def _in_order(x: np.ndarray, found: Sequence[str], wanted: Sequence[str]) -> Float[np.ndarray, "sample feature"]:
    """The columns that are wanted, found by their names."""
    if missing := [name for name in wanted if name not in found]:
        raise ValueError(f"`x` must have the columns of the training samples, {list(wanted)}; it lacks {missing}.")
    return x[:, [found.index(name) for name in wanted]]


def _known_inputs(samples: Samples, own_features: tuple[int, ...]) -> Float[np.ndarray, "sample *feature"]:
    """Inputs, NaN where they are padding of other tasks' features."""
    return np.where(_owned(samples, own_features), samples.x, np.nan) if own_features else samples.x


def _owned(samples: Samples, own_features: tuple[int, ...]) -> Bool[np.ndarray, "sample feature"]:
    """Which entries are measurements; the others are padding of other tasks' features."""
    return np.repeat(~np.isnan(samples.y), own_features, axis=1)


def _measure(values: Float[np.ndarray, "sample feature"]) -> tuple[Float[np.ndarray, "feature"], Float[np.ndarray, "feature"]]:
    """Mean and standard deviation of each column's known entries; the latter is 0 where it is constant but for rounding."""
    moments = []
    for column in (column[~np.isnan(column)] for column in values.T):
        if len(column) and is_constant(column):
            moments.append((column[0], 0.0))
        else:
            moments.append((column.mean(), column.std()) if len(column) else (0.0, 1.0))
    mean, sd = np.array(moments).reshape(-1, 2).T
    return mean, sd
