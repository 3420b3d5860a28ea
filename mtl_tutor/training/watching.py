"""What looks on while nets are trained: the user's own metrics, and what ends the training of a single row."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from mtl_tutor.checks import check_least, check_real, shown
from mtl_tutor.tasks import Task, TaskData
from mtl_tutor.training._base import Stack
from mtl_tutor.training.losses import Labels

Metric = Callable[[Any, Any], float]
"""A user's metric of one net: (outputs [sample output], labels [sample]), NumPy arrays -> a number."""

Callback = Callable[[int, Mapping[str, Any], int], Any]
"""(step, {split: losses [task]}, seed) of one net -> True if its training should end."""


def check_patience(patience: int | None, data: TaskData) -> None:
    """Require a count of one or more, and validation samples."""
    if patience is None:
        return
    check_least("patience", patience)
    if data.validation is None:
        raise ValueError("`patience` needs validation samples, whose loss it watches; `data` has none. Give TaskData a `validation` split.")


def check_callback(callback: Any) -> None:
    """Require a function of three arguments."""
    if callback is None:
        return
    try:
        inspect.signature(callback).bind(0, {}, 0)
    except TypeError:
        raise TypeError(f"`callback` must take three arguments, (step, losses, seed); {shown(callback)} does not.") from None
    except ValueError:  # written in C: Python does not know what it takes
        return


def require_finite(step: int, losses: Mapping[str, Float[Tensor, "seed task"]], tasks: Sequence[Task], seeds: Sequence[int]) -> None:
    """Refuse a loss that is no finite number.

    Raises
    ------
    ValueError
        It names the first such task, seed and split.
    """
    for split, values in losses.items():
        for row, task in (~values.isfinite()).nonzero().tolist():
            raise ValueError(
                f"`losses` must stay finite where nonfinite='raise'; after {step} steps that of task {tasks[task].name!r} is "
                f"{float(values[row, task])} on the {split} samples of seed {seeds[row]}. Train with a smaller `lr`, or look at its labels."
            )


def measured(
    tasks: Sequence[Task],
    metrics: Sequence[Metric | None],
    outputs: Sequence[Float[Tensor, "seed sample _"]],
    labels: Labels,
) -> Float[Tensor, "seed task"]:
    """Return what the user's metrics say of every row, each by itself; NaN for a task without one.

    Raises
    ------
    ValueError
        A metric that does not return a number.
    """
    found = torch.full((len(outputs[0]), len(tasks)), torch.nan, dtype=torch.float64)
    for i, (task, metric) in enumerate(zip(tasks, metrics, strict=True)):
        if metric is None:
            continue
        answers, truth, known = (value.cpu().numpy() for value in (outputs[i], labels.truth[..., i], labels.known[..., i]))
        for row in range(len(answers)):
            found[row, i] = _number(task, metric, answers[row][known[row]], truth[row][known[row]])
    return found


def _number(task: Task, metric: Metric, outputs: Float[np.ndarray, "sample output"], labels: Float[np.ndarray, "sample"]) -> float:
    try:
        value = metric(outputs, labels)
    except Exception as error:  # the user's own code
        raise ValueError(
            f"`metrics` of {task.name!r} must take outputs {outputs.shape} and labels {labels.shape}; it said: {error}"
        ) from error
    if isinstance(value, float):
        return value  # NaN is welcome: some metrics aren't defined where all labels are alike
    return check_real(f"metrics[{task.name!r}](outputs, labels)", value)


class Stops:
    """Which rows have stopped, decided by each row's own losses alone, and the parameters they stopped with.

    Parameters
    ----------
    patience : int, optional
        Evaluations without a lower validation loss (sum over tasks) after which a row stops.
    callback : function, optional
        Asked at each evaluation, row by row.
    seeds : sequence of int
        The rows' seeds.
    n_rows : int
        The number of rows that were asked for; the others repeat the first and do as it does.
    """

    def __init__(self, patience: int | None, callback: Callback | None, seeds: Sequence[int], n_rows: int) -> None:
        self._patience, self._callback, self._seeds, self._n_rows = patience, callback, seeds, n_rows
        self._lowest, self._waited = np.full(len(seeds), np.inf), np.zeros(len(seeds), int)
        self._stopped_at: dict[int, int] = {}
        self._saved: dict[str, Tensor] = {}

    @property
    def are_possible(self) -> bool:
        """Whether anything can stop a row."""
        return self._patience is not None or self._callback is not None

    def look(self, step: int, losses: Mapping[str, Float[Tensor, "seed task"]], stack: Stack) -> None:
        """Stop rows because of their latest losses."""
        if not self.are_possible:
            return
        values = {split: each.cpu().numpy() for split, each in losses.items()}
        stop = np.zeros(len(self._seeds), bool)
        if self._patience is not None:
            total = values["validation"].sum(1)
            better = total < self._lowest  # never, once it is NaN
            self._lowest, self._waited = np.where(better, total, self._lowest), np.where(better, 0, self._waited + 1)
            stop |= self._waited >= self._patience
        if self._callback is not None:
            asked = [row for row in range(self._n_rows) if row not in self._stopped_at]
            for row in asked:
                stop[row] |= _is_yes(self._callback(step, {split: each[row].copy() for split, each in values.items()}, self._seeds[row]))
            stop[self._n_rows :] = stop[0]
        new = [row for row in np.flatnonzero(stop).tolist() if row not in self._stopped_at]
        if new:
            self._stopped_at |= dict.fromkeys(new, step)
            for name, view in stack.named.items():
                self._saved.setdefault(name, torch.zeros_like(view))[new] = view[new]

    def restore(self, stack: Stack) -> None:
        """Undo the latest update of the rows that have stopped."""
        rows = [*self._stopped_at]
        if rows:
            for name, view in stack.named.items():
                view[rows] = self._saved[name][rows]

    def are_all(self) -> bool:
        """Whether no row is left to train."""
        return len(self._stopped_at) == len(self._seeds)

    def steps(self, last: int) -> Int[np.ndarray, "seed"]:
        """Return the step at which each row stopped, the last one if it did not."""
        return np.array([self._stopped_at.get(row, last) for row in range(len(self._seeds))])


def _is_yes(answer: Any) -> bool:
    if answer is None or isinstance(answer, (bool, np.bool_)):
        return bool(answer)
    raise TypeError(f"`callback` must return True to end a net's training, or nothing; got {shown(answer)}.")
