"""A real table: how many flares each of 1,066 active regions of the Sun gave within a day."""

import csv
from functools import cache

import numpy as np
from jaxtyping import Float

from mtl_tutor.provenance import shipped
from mtl_tutor.tasks import Samples, Task, TaskData

WORDS = ("modified Zurich class", "largest spot size", "spot distribution")
NUMBERS = ("activity", "evolution", "flares of the last 24 hours", "historically complex", "became complex", "area", "largest spot area")
TASKS = ("common flares", "moderate flares")
N_TEST = 300


def solar_flares(n_samples: int, seed: int) -> TaskData:
    """Draw training, validation and test regions: two tasks, the numbers of common and of moderate flares.

    The labels are log(1 + number), in standard deviations over all regions. Three features are letters, a column for each; the
    others are small numbers, in standard deviations. Severe flares, in 5 regions of 1,066, are too rare to be a task.

    Parameters
    ----------
    n_samples : int
        Training regions, and as many for validation; 300 others are for the test.
    seed : int
        Decides which regions are for what.

    Raises
    ------
    ValueError
        Fewer than 20 regions, or more than there are.

    Notes
    -----
    Source: Solar Flare, UCI Machine Learning Repository (1989), doi:10.24432/C5530G, CC BY 4.0.
    Departures: logarithms, and two of three targets.
    """
    x, y = _table()
    most = (len(x) - N_TEST) // 2
    if not 20 <= n_samples <= most:
        raise ValueError(f"`n_samples` must lie between 20 and {most}, so that {N_TEST} regions are left for the test; got {n_samples}.")
    order = np.random.default_rng([seed, 0xF1A]).permutation(len(x))
    parts = np.split(order, [n_samples, 2 * n_samples, 2 * n_samples + N_TEST])[:3]
    return TaskData(tuple(map(Task, TASKS)), *(Samples(x[rows], y[rows]) for rows in parts))  # type: ignore[arg-type]


@cache
def _table() -> tuple[Float[np.ndarray, "sample feature"], Float[np.ndarray, "sample task"]]:
    """Features and labels of all regions; the columns of the file are `WORDS`, `NUMBERS`, then counts of flares."""
    with shipped("solar-flares.csv").open(encoding="utf-8", newline="") as file:
        columns = list(zip(*list(csv.reader(file))[1:], strict=True))
    words = [np.array(column)[:, None] == sorted(set(column)) for column in columns[: len(WORDS)]]
    numbers = np.array(columns[len(WORDS) :], float).T
    numbers, counts = numbers[:, : len(NUMBERS)], numbers[:, len(NUMBERS) :][:, : len(TASKS)]
    return np.column_stack([*(word.astype(float) for word in words), _standard(numbers)]), _standard(np.log1p(counts))


def _standard(columns: Float[np.ndarray, "sample column"]) -> Float[np.ndarray, "sample feature"]:
    """In standard deviations; without the columns that never vary."""
    spread = columns.std(axis=0)
    return (columns - columns.mean(axis=0))[:, spread > 0] / spread[spread > 0]
