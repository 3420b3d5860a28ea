"""Two or three tasks on the same points of a plane, whose answers can be drawn."""

import math
from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import check_named, check_room, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks._planted import check_spread

Pattern = Literal["waves", "half-moons", "rings", "checkerboard"]
N_TEST = 400


@checked
def plane_tasks(
    pattern: Pattern = "waves",
    n_samples: int = 40,
    *,
    n_tasks: int = 2,
    relatedness: float = 1.0,
    noise: float = 0.2,
    labelled: Sequence[float] = (),
    units: Sequence[float] = (),
    seed: int = 0,
) -> TaskData:
    """Two or three tasks on the same points of the plane, as related as you like.

    Each task reads the plane along a direction of its own. At relatedness 1 all directions are the
    same; at 0 they are spread evenly.

    "waves": regressions, √2 · sin(1.5π z + φ), where z is the place along the task's direction; the
    phases φ differ, so that tasks may share a direction and not one label. "half-moons": which of
    two interleaved half-circles is nearer. "rings": whether a point lies on a ring. "checkerboard":
    the first task is F · G, where F = ±1 alternates four times along x0 and G is the sign of x1;
    the second task is the hint F, and the third the hint G, each turned away from its axis as far
    as the relatedness says (by 90° at 0). All but the waves are binary.

    Parameters
    ----------
    pattern : Pattern
        "waves", "half-moons", "rings" or "checkerboard".
    n_samples : int
        Training samples; as many for validation, and 400 without noise for the test.
    n_tasks : int
        2 or 3.
    relatedness : float
        In [0, 1]; at 1 the directions agree.
    noise : float
        In [0, 1]: standard deviation of the noise on the waves, whose variance is about 1; classes
        are exchanged with half this probability. Training and validation labels only.
    labelled : Sequence[float]
        Share of the training samples that have a label, one number per task, above 0; all of them
        when empty.
    units : Sequence[float]
        What the labels of each wave are multiplied by; 1 when empty.
    seed : int
        Decides samples and noise.

    Returns
    -------
    TaskData
        Points in [-1, 1]², and the tasks "A", "B" and, of three, "C".

    Raises
    ------
    ValueError
        An unknown pattern, another number of tasks, or a number out of its range.

    Notes
    -----
    Source: none. The book's playground draws these tasks, and makes the same numbers without
    Python.

    Examples
    --------
    >>> data = plane_tasks("checkerboard", noise=0.0)
    >>> x, y = data.train.x, data.train.y
    >>> stripe, side = np.floor(2 * x[:, 0]) % 2 == 0, x[:, 1] > 0
    >>> bool((y[:, 0] == (stripe == side)).all()), bool((y[:, 1] == stripe).all())
    (True, True)
    """
    check_named("pattern", pattern, get_args(Pattern))
    _check_numbers(n_tasks, n_samples, relatedness, noise)
    shares, factors = _per_task("labelled", labelled, n_tasks), _per_task("units", units, n_tasks)
    if max(shares) > 1:
        raise ValueError(f"`labelled` must be shares in (0, 1]; got {max(shares)}.")
    is_waves = pattern == "waves"
    if not is_waves and set(factors) != {1.0}:
        raise ValueError(f"`units` must be left out for {pattern!r}; got {tuple(factors)}. Classes have no unit.")
    answer, turns = _ANSWERS[pattern], _turns(pattern, n_tasks, relatedness)
    rng = np.random.default_rng([seed, 0x91A7E])

    def drawn(n: int) -> tuple[np.ndarray, np.ndarray]:
        x = rng.uniform(-1, 1, size=(n, 2))
        return x, np.stack([answer(*_turned(x, turn), task, n_tasks) for task, turn in enumerate(turns)], axis=1)

    def noisy(shares: Sequence[float]) -> Samples:
        x, y = drawn(n_samples)
        y = y + noise * rng.normal(size=y.shape) if is_waves else np.where(rng.random(size=y.shape) < noise / 2, 1 - y, y)
        known = [np.arange(n_samples) < max(1, round(share * n_samples)) for share in shares]
        return Samples(x, np.where(np.stack(known, axis=1), y * factors, np.nan))

    x, y = drawn(N_TEST)
    tasks = tuple(Task(name, "regression" if is_waves else "binary") for name in "ABC"[:n_tasks])
    return TaskData(tasks, noisy(shares), noisy([1.0] * n_tasks), Samples(x, y * factors))


def _check_numbers(n_tasks: int, n_samples: int, relatedness: float, noise: float) -> None:
    if n_tasks not in (2, 3) or n_samples < 1:
        raise ValueError(f"`n_tasks` must be 2 or 3, and `n_samples` at least 1; got {n_tasks} and {n_samples}.")
    for name, value in {"relatedness": relatedness, "noise": noise}.items():
        if not 0 <= value <= 1:
            raise ValueError(f"`{name}` must lie in [0, 1]; got {value}.")
    check_room(n_samples=n_samples, n_tasks=n_tasks)


def _per_task(name: str, values: Sequence[float], n_tasks: int) -> list[float]:
    """One number above 0 for each task; 1 where none are given."""
    values = [float(value) for value in values] or [1.0] * n_tasks
    check_spread(**{name: max(values)})
    if len(values) != n_tasks or min(values) <= 0:
        raise ValueError(f"`{name}` must have {n_tasks} numbers above 0, one per task; got {tuple(values)}.")
    return values


def _turns(pattern: str, n_tasks: int, relatedness: float) -> list[float]:
    """By how much each task's direction is turned, in half turns."""
    if pattern == "checkerboard":
        return [0.0, *[(1 - relatedness) / 2] * (n_tasks - 1)]
    whole = 2 if pattern == "rings" else 1
    return [whole * task * (1 - relatedness) / n_tasks for task in range(n_tasks)]


def _turned(x: Float[np.ndarray, "sample 2"], turn: float) -> tuple[np.ndarray, np.ndarray]:
    """The points' places along a direction and across it."""
    c, s = math.cos(math.pi * turn), math.sin(math.pi * turn)
    return c * x[:, 0] + s * x[:, 1], c * x[:, 1] - s * x[:, 0]


def _wave(u: np.ndarray, v: np.ndarray, task: int, n_tasks: int) -> np.ndarray:
    return math.sqrt(2) * np.sin(math.pi * (1.5 * u + task / n_tasks))


def _moon(u: np.ndarray, v: np.ndarray, task: int, n_tasks: int) -> np.ndarray:
    u, v = 1.5 * u + 0.5, 1.5 * v + 0.25
    return 1.0 * (_from_arc(u - 1, 0.5 - v) < _from_arc(u, v))


def _from_arc(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Distance from the upper half of the unit circle."""
    ends = np.minimum((u - 1) ** 2, (u + 1) ** 2) + v**2
    return np.where(v >= 0, np.abs(np.sqrt(u**2 + v**2) - 1), np.sqrt(ends))


def _ring(u: np.ndarray, v: np.ndarray, task: int, n_tasks: int) -> np.ndarray:
    return 1.0 * (np.abs(np.sqrt((u - 0.4) ** 2 + v**2) - 0.5) < 0.22)


def _check(u: np.ndarray, v: np.ndarray, task: int, n_tasks: int) -> np.ndarray:
    stripe, side = np.floor(2 * u) % 2 == 0, v > 0
    return 1.0 * (side == stripe, stripe, side)[task]


_ANSWERS: dict[str, Callable[[np.ndarray, np.ndarray, int, int], np.ndarray]] = {
    "waves": _wave,
    "half-moons": _moon,
    "rings": _ring,
    "checkerboard": _check,
}
