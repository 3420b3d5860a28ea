"""Comparisons with single-task nets: errors, gains and costs. Imports no torch."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from mtl_tutor.checks import check_named
from mtl_tutor.results._contestant import Contestant
from mtl_tutor.results._tables import columns_of, page_of, text_of
from mtl_tutor.results.pictures import Bars
from mtl_tutor.statistics import Interval, bootstrap, gain_over


@dataclass(frozen=True, repr=False)
class Comparison:
    """The result of `compare`: one row per contestant, the single-task nets first.

    It prints as a table, and shows itself as one in a notebook.

    Attributes
    ----------
    tasks : tuple[str, ...]
        The tasks' names.
    contestants : tuple[Contestant, ...]
        The contestants, in the order given, and after them the references.
    n_seeds : int
        Trainings per contestant.
    parameters : int | None
        The networks' budget of parameters, or None.
    notes : tuple[str, ...]
        Remarks below the table, a sentence each.
    estimators : Mapping[str, Callable[[int | None], Any]]
        Name of a network -> from the number of a task, or None, to its estimator.
    """

    tasks: tuple[str, ...]
    contestants: tuple[Contestant, ...]
    n_seeds: int
    parameters: int | None
    notes: tuple[str, ...] = ()
    estimators: Mapping[str, Callable[[int | None], Any]] = field(default_factory=dict, compare=False)

    def __getitem__(self, name: str) -> Contestant:
        """The contestant of this name.

        Raises
        ------
        KeyError
            There is none of this name.
        """
        for contestant in self.contestants:
            if contestant.name == name:
                return contestant
        raise KeyError(f"there is no contestant {name!r}; there are {[one.name for one in self.contestants]}.")

    def best(self, task: str | None = None) -> Contestant:
        """The contestant with the largest gain, or with the smallest error on one task.

        Parameters
        ----------
        task : str | None
            Name of a task; the mean gain over tasks decides when not given.

        Raises
        ------
        ValueError
            There is no such task, or all contestants diverged.
        """
        return self._best(self.contestants, task)

    def best_estimator(self, task: str | None = None) -> Any:
        """Set up a `MultiTaskNet` like the best network: its architecture, balancing, widths and learning rate.

        It is not fitted, so that you choose on which samples: `best_estimator().fit(X, y)` takes all of them and stops
        early by itself. The columns of y are the tasks, in the same order. Only networks can become a `MultiTaskNet`;
        a warning says so if something else was better.

        Parameters
        ----------
        task : str | None
            The task that the network should be best at; the mean gain over tasks decides when not given. Single-task
            nets have a learning rate per task: this task's is taken, or the one that suits all tasks best.

        Returns
        -------
        MultiTaskNet
            Of `mtl_tutor.estimator`, not fitted.

        Raises
        ------
        ValueError
            There is no such task, all networks diverged, or they were trained in a way that `MultiTaskNet` cannot.
        """
        best = self._best([one for one in self.contestants if one.name in self.estimators], task)
        if (first := self.best(task)) is not best:
            warnings.warn(f"{first.name} is better, but no network; this is {best.name}, the best of the networks.", stacklevel=2)
        return self.estimators[best.name](None if task is None else self.tasks.index(task))

    def _best(self, among: Sequence[Contestant], task: str | None) -> Contestant:
        if task is not None:
            check_named("task", task, self.tasks)
            scores = [-one.error[self.tasks.index(task)].estimate if one.error else -np.inf for one in among]
        else:
            scores = [one.gain.estimate if one.gain else -np.inf for one in among]
        if not scores or max(scores) == -np.inf:
            raise ValueError("`task` must be given, or be another: no contestant has a gain, or an error, to choose by.")
        return among[int(np.argmax(scores))]

    def bars(self) -> Bars:
        """The gains over single-task nets, for `draw_bars`; without the references."""
        gains = {one.name: one.gain for one in self.contestants[1:] if one.gain and not one.is_reference}
        label = "relative gain over single-task nets, mean of tasks"
        return Bars(gains, roles=dict.fromkeys(gains, "main"), ylabel=label, reference=0.0)

    def frame(self) -> Any:
        """The comparison as a pandas DataFrame: one row per contestant and task.

        Raises
        ------
        ImportError
            pandas is not installed.
        """
        try:
            import pandas as pd  # only here: the package does without
        except ImportError:
            raise ImportError("`frame()` needs pandas, which is not installed. Install it, or use `as_dict()`.") from None
        return pd.DataFrame([row for one in self.contestants for row in self._rows(one)])

    def _rows(self, one: Contestant) -> list[dict[str, object]]:
        """A contestant's numbers, a flat row per task."""
        n = len(self.tasks)
        settings = one.settings if len(one.settings) == n else (one.settings or (None,))[:1] * n
        about = {"parameters": one.parameters, "multiply_adds": one.multiply_adds, "diverged": one.diverged}
        rows = zip(self.tasks, one.error or [None] * n, one.gains or [None] * n, settings, strict=True)
        return [
            {"contestant": one.name, "task": task, **_flat("error", error), **_flat("gain", gain), **_flat("mean_gain", one.gain)}
            | {"setting": setting, "n_hidden": one.n_hidden or None, **about}
            for task, error, gain, setting in rows
        ]

    def as_dict(self) -> dict[str, object]:
        """The comparison as plain values, for JSON."""
        rows = [asdict(one) | {"error": _named(self.tasks, one.error), "gains": _named(self.tasks, one.gains)} for one in self.contestants]
        return {
            "tasks": list(self.tasks),
            "seeds": self.n_seeds,
            "parameters": self.parameters,
            "notes": list(self.notes),
            "contestants": rows,
        }

    def __str__(self) -> str:
        return "\n".join([text_of(columns_of(self.tasks, self.contestants)), *self.notes])

    def __repr__(self) -> str:
        return f"Comparison({len(self.contestants)} contestants, {len(self.tasks)} tasks, {self.n_seeds} seeds)"

    def _repr_html_(self) -> str:
        return page_of(columns_of(self.tasks, self.contestants), [one.gain for one in self.contestants], self.notes)


def _flat(name: str, interval: Interval | None) -> dict[str, float | None]:
    low, middle, high = (interval.low, interval.estimate, interval.high) if interval else (None, None, None)
    return {name: middle, f"{name}_low": low, f"{name}_high": high}


def _named(tasks: Sequence[str], values: Sequence[Interval | None] | None) -> dict[str, object] | None:
    return {task: asdict(value) if value else None for task, value in zip(tasks, values, strict=True)} if values else None


def contestant(
    name: str,
    error: Float[np.ndarray, "seed task"],
    baseline: Float[np.ndarray, "seed task"],
    *,
    tasks: Sequence[str],
    cost: tuple[int, int],
    settings: Sequence[float],
    counted: Bool[np.ndarray, "task"] | None = None,
    n_hidden: tuple[int, ...] = (),
    is_reference: bool = False,
) -> Contestant:
    """Turn errors of the same seeds into gains with their intervals.

    A gain is (baseline's error - this error) / the baseline's mean error over seeds, for each seed
    and task; Delta_m is the mean over the tasks that are counted, which are all unless said otherwise.

    Raises
    ------
    ValueError
        The baseline makes no error on a task.
    """
    kept = np.isfinite(error).all(axis=1) & np.isfinite(baseline).all(axis=1)
    diverged = int((~np.isfinite(error).all(axis=1)).sum())
    if kept.sum() < 2:
        return Contestant(name, None, None, None, "", *cost, tuple(settings), diverged, n_hidden, is_reference)
    errors = tuple(bootstrap(one) for one in error[kept].T)
    there = [task for task in range(len(tasks)) if counted is None or counted[task]]
    if not there:
        return Contestant(name, errors, None, (None,) * len(tasks), "", *cost, tuple(settings), diverged, n_hidden, is_reference)
    gain = gain_over(baseline[kept][:, there], error[kept][:, there])
    by_task = dict(zip(there, (bootstrap(one) for one in gain.T), strict=True))
    gains = tuple(by_task.get(task) for task in range(len(tasks)))
    worst = tasks[there[int(gain.mean(axis=0).argmin())]]
    return Contestant(name, errors, bootstrap(gain.mean(axis=1)), gains, worst, *cost, tuple(settings), diverged, n_hidden, is_reference)
