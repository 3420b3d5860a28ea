"""Comparisons with single-task nets: errors, gains and costs. Imports no torch."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.results.pictures import Bars
from mtl_tutor.statistics import Interval, bootstrap, gain_over


@dataclass(frozen=True)
class Contestant:
    """One way of sharing, with its errors, gains and cost.

    Attributes
    ----------
    name : str
        The architecture or recipe, and the way of balancing where there are several.
    error : tuple[Interval, ...] | None
        Per task, the mean test error over seeds: mean squared error in the label's unit squared, or
        the error rate.
    gain : Interval | None
        Relative gain over single-task nets, averaged over tasks (Delta_m): 0.1 is a tenth less
        error, negative is harm.
    gains : tuple[Interval, ...] | None
        The same, per task.
    worst : str
        The task with the smallest gain.
    parameters, multiply_adds : int
        Number of parameters, and multiply-adds for the outputs of one sample.
    settings : tuple[float, ...]
        The learning rate or strength that validation chose; one per task where the tasks share
        nothing.
    diverged : int
        Seeds whose training diverged. They are left out of the intervals; if all did, the intervals
        are None.
    """

    name: str
    error: tuple[Interval, ...] | None
    gain: Interval | None
    gains: tuple[Interval, ...] | None
    worst: str
    parameters: int
    multiply_adds: int
    settings: tuple[float, ...]
    diverged: int


@dataclass(frozen=True)
class Comparison:
    """The result of `compare`: one row per contestant, the single-task nets first.

    Attributes
    ----------
    tasks : tuple[str, ...]
        The tasks' names.
    contestants : tuple[Contestant, ...]
        The contestants, in the order given.
    n_seeds : int
        Trainings per contestant.
    parameters : int | None
        The networks' budget of parameters, or None.
    notes : tuple[str, ...]
        Remarks below the table, a sentence each.
    """

    tasks: tuple[str, ...]
    contestants: tuple[Contestant, ...]
    n_seeds: int
    parameters: int | None
    notes: tuple[str, ...] = ()

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

    def bars(self) -> Bars:
        """The gains over single-task nets, for `draw_bars`."""
        gains = {one.name: one.gain for one in self.contestants[1:] if one.gain}
        label = "relative gain over single-task nets, mean of tasks"
        return Bars(gains, roles=dict.fromkeys(gains, "main"), ylabel=label, reference=0.0)

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
        head = ["", *(f"error: {task}" for task in self.tasks[:4]), "gain (95% interval)", "worst task", "parameters", "mult.-adds"]
        rows = [head, *([one.name, *_cells(one, len(head) - 5)] for one in self.contestants)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        lines = ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([*lines, *self.notes])


def _cells(one: Contestant, n_errors: int) -> Iterator[str]:
    if one.error is None or one.gain is None or one.gains is None:
        yield from ["diverged"] * (n_errors + 1) + [""]
    else:
        yield from (f"{_short(error.estimate)} [{_short(error.low)}, {_short(error.high)}]" for error in one.error[:n_errors])
        yield f"{one.gain.estimate:+.3f} [{one.gain.low:+.3f}, {one.gain.high:+.3f}]"
        yield f"{one.worst} {min(gain.estimate for gain in one.gains):+.3f}"
    yield f"{one.parameters:,}"
    yield f"{one.multiply_adds:,}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _named(tasks: Sequence[str], values: Sequence[Interval] | None) -> dict[str, object] | None:
    return {task: asdict(value) for task, value in zip(tasks, values, strict=True)} if values else None


def contestant(
    name: str,
    error: Float[np.ndarray, "seed task"],
    baseline: Float[np.ndarray, "seed task"],
    *,
    tasks: Sequence[str],
    cost: tuple[int, int],
    settings: Sequence[float],
) -> Contestant:
    """Turn errors of the same seeds into gains with their intervals.

    A gain is (baseline's error - this error) / the baseline's mean error over seeds, for each seed
    and task; Delta_m is the mean over tasks.

    Raises
    ------
    ValueError
        The baseline makes no error on a task.
    """
    kept = np.isfinite(error).all(axis=1) & np.isfinite(baseline).all(axis=1)
    diverged = int((~np.isfinite(error).all(axis=1)).sum())
    if kept.sum() < 2:
        return Contestant(name, None, None, None, "", *cost, tuple(settings), diverged)
    gain = gain_over(baseline[kept], error[kept])
    gains = tuple(bootstrap(one) for one in gain.T)
    worst = tasks[int(gain.mean(axis=0).argmin())]
    errors = tuple(bootstrap(one) for one in error[kept].T)
    return Contestant(name, errors, bootstrap(gain.mean(axis=1)), gains, worst, *cost, tuple(settings), diverged)
