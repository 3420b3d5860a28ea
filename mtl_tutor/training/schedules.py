"""Learning-rate schedules: functions from a step, counted from 0, to a factor on the learning rate."""

import math
from collections.abc import Callable

from mtl_tutor.checks import check_least, checked

Schedule = Callable[[int], float]
"""A step, counted from 0 -> the factor on the learning rate in that step's update."""


@checked
def cosine(steps: int) -> Schedule:
    """Fall from 1 to 0 within some steps, along half a cosine.

    Parameters
    ----------
    steps : int
        Number of steps until the factor is 0, where it stays.

    Returns
    -------
    Schedule
        The function step -> factor, for `train`.

    Raises
    ------
    ValueError, TypeError
        No whole number, or fewer than 1 step.

    Notes
    -----
    Source: Loshchilov & Hutter (2017), *SGDR*, equation 5. Departures: no restarts; the lowest rate is 0.

    Examples
    --------
    >>> [round(cosine(4)(step), 2) for step in range(6)]
    [1.0, 0.85, 0.5, 0.15, 0.0, 0.0]
    """
    check_least("steps", steps)
    return lambda step: (1 + math.cos(math.pi * min(step / steps, 1))) / 2


@checked
def warmup(steps: int) -> Schedule:
    """Rise evenly to 1 within the first steps, and stay there.

    Parameters
    ----------
    steps : int
        The first step has the factor 1 / steps, the last of them 1.

    Returns
    -------
    Schedule
        The function step -> factor, for `train`.

    Raises
    ------
    ValueError, TypeError
        No whole number, or fewer than 1 step.

    Examples
    --------
    >>> [warmup(4)(step) for step in range(5)]
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """
    check_least("steps", steps)
    return lambda step: min((step + 1) / steps, 1.0)


@checked
def step_decay(every: int, factor: float = 0.1) -> Schedule:
    """Multiply the learning rate by a factor after every so many steps.

    Parameters
    ----------
    every : int
        Number of steps between two changes.
    factor : float
        What is multiplied with, more than 0.

    Returns
    -------
    Schedule
        The function step -> factor, for `train`.

    Raises
    ------
    ValueError, TypeError
        `every` is no whole number of at least 1, or `factor` is not positive.

    Examples
    --------
    >>> [step_decay(2, 0.5)(step) for step in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    check_least("every", every)
    if not factor > 0:
        raise ValueError(f"`factor` must be positive and finite; got {factor}. For example 0.1.")

    def decayed(step: int) -> float:
        try:
            return float(factor) ** (step // every)
        except OverflowError:  # of a factor above 1; `train` refuses what is infinite
            return math.inf

    return decayed
