"""Lines with intervals, measured point by point: what the widgets show."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import numpy as np

from mtl_tutor.results import Curves, Role
from mtl_tutor.statistics import Interval, bootstrap, wilson


def interval_of(values: np.ndarray) -> Interval:
    """The share of truth values, or the mean of numbers, with its 95% interval."""
    return wilson(values) if values.dtype == bool else bootstrap(values)


def curves_of(
    measure: Callable[[float], Mapping[str, np.ndarray]],
    over: Sequence[float],
    roles: Mapping[str, Role],
    *,
    xlabel: str,
    ylabel: str,
    xscale: Literal["linear", "log"] = "linear",
    ylim: tuple[float, float] | None = None,
) -> Curves:
    """Measure at every x, and draw one line per name.

    Parameters
    ----------
    measure : callable
        From one value of x to name -> one number (or truth value) per seed.
    over : sequence of float
        The values of x, ascending.
    roles : mapping of str to Role
        Name -> what the line stands for.
    xlabel, ylabel, xscale, ylim
        As in `Curves`.
    """
    rows = [measure(value) for value in over]
    lines = {name: [interval_of(row[name]) for row in rows] for name in rows[0]}
    look = {"xlabel": xlabel, "ylabel": ylabel, "xscale": xscale, "ylim": ylim}
    return Curves.of_intervals(np.array(over, dtype=float), lines, roles=roles, **look)
