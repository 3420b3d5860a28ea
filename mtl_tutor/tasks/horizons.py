"""Predict a robot's sensor at several horizons from its last readings."""

import numpy as np

from mtl_tutor.checks import check_named, check_room, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks._planted import check_spread

HORIZONS = (1, 2, 4, 8)
ADDED = np.array([0.0, 0.25, 0.5, 1.0])
NAMES = {
    "farther": tuple(f"{far} ahead" for far in HORIZONS),
    "noisier": tuple(f"1 ahead, noise {sd:g}" for sd in ADDED),
    "strangers": tuple(f"{far} ahead, own robot" for far in HORIZONS),
}


@checked
def horizons(
    ladder: str = "farther",
    n_samples: int = 100,
    *,
    n_past: int = 8,
    noise: float = 0.1,
    wander: float = 0.05,
    seed: int = 0,
) -> TaskData:
    """Predict a sensor's reading 1, 2, 4 and 8 steps ahead: the farther, the harder.

    A robot weaves along a corridor, from wall to wall; its pace, steps per swing, differs between
    robots and changes slowly. A reading is the sine of its phase, plus noise. Inputs are the last
    `n_past` readings, labels the later ones; test labels are free of noise.

    Parameters
    ----------
    ladder : str
        What makes the later tasks harder. "farther": the horizon. "noisier": all four predict one
        step ahead, and the training labels of the second to fourth have more noise, of standard
        deviation 0.25, 0.5 and 1. "strangers": the horizon again, but each task is about another,
        independent robot; inputs are the readings of all four.
    n_samples : int
        Training samples; as many for validation, and 200 for the test.
    n_past : int
        Readings per robot among the inputs.
    noise : float
        Standard deviation of the sensor's noise; the readings' own is 0.71.
    wander : float
        Standard deviation of what is added to the phase's speed at every step, in radians per step.
    seed : int
        Decides everything that is drawn.

    Returns
    -------
    TaskData
        Four regressions, from the easiest on.

    Raises
    ------
    ValueError
        An unknown ladder, no samples, fewer than two readings, or negative noise or wander.

    Notes
    -----
    Source: the robot of Caruana (1997, §4.3), which predicts what it will sense 1, 2, 4 and 8
    metres ahead.

    Departures: robot and path are ours; the paper doesn't print them. "noisier" and "strangers" are
    our controls.

    Examples
    --------
    >>> horizons(n_samples=10).train.y.shape
    (10, 4)
    """
    check_named("ladder", ladder, NAMES)
    if n_samples < 1 or n_past < 2:
        raise ValueError(f"`n_samples` must be at least 1 and `n_past` at least 2; got {n_samples} and {n_past}.")
    check_spread(noise=noise, wander=wander)
    check_room(n_samples=n_samples, n_past=n_past)
    rng = np.random.default_rng([seed, 0x0B07])
    robots = 4 if ladder == "strangers" else 1

    def samples(n: int, *, learned_from: bool = True) -> Samples:
        steps = n_past + HORIZONS[-1]
        speed = rng.uniform(0.3, 0.9, (n, robots, 1)) + wander * rng.normal(size=(n, robots, steps)).cumsum(axis=2)
        path = np.sin(rng.uniform(0, 2 * np.pi, (n, robots, 1)) + speed.cumsum(axis=2))
        seen = path[..., :n_past] + noise * rng.normal(size=(n, robots, n_past))
        ahead = (1,) * 4 if ladder == "noisier" else HORIZONS
        y = np.stack([path[:, min(task, robots - 1), n_past - 1 + far] for task, far in enumerate(ahead)], axis=1)
        if learned_from:
            y = y + noise * rng.normal(size=y.shape) + (ADDED if ladder == "noisier" else 0.0) * rng.normal(size=y.shape)
        return Samples(seen.reshape(n, -1), y)

    tasks = tuple(Task(name) for name in NAMES[ladder])
    return TaskData(tasks, samples(n_samples), samples(n_samples), samples(200, learned_from=False))
