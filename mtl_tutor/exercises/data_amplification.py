"""Exercises of *Data amplification*."""

from collections.abc import Callable

import numpy as np

from mtl_tutor.exercises._answers import checker


@checker
def check_spread(spread: Callable[[np.ndarray], float] | None) -> str:
    """Check what is left when k squared errors of one answer become k times its squared error from the mean label."""
    if spread is None:
        return "Not yet: write a function of the labels, y [sample, task], that returns a number."
    rng = np.random.default_rng(0)
    for n_tasks in (1, 3, 8):
        y, answer = rng.normal(size=(50, n_tasks)), rng.normal(size=50)
        left = ((answer[:, None] - y) ** 2).mean(axis=0).sum() - n_tasks * ((answer - y.mean(axis=1)) ** 2).mean()
        if not np.isclose(found := float(spread(y)), left):
            return f"Not yet: for {n_tasks} task(s) of normal labels {left:.4f} is left over; yours says {found:.4f}."
    return "Right: it doesn't depend on the answer, so both losses have the same minimum."


@checker
def check_floor(floor: Callable[[float, int, int], float] | None) -> str:
    """Check the error that a head with some parameters of its own adds, however well the feature is known."""
    if floor is None:
        return "Not yet: write a function of noise, samples and parameters of the head."
    for noise, n_samples, n_parameters in ((2.0, 100, 2), (1.0, 50, 2), (2.0, 100, 3)):
        expected = n_parameters * noise**2 / n_samples
        if not np.isclose(found := float(floor(noise, n_samples, n_parameters)), expected):
            return f"Not yet: noise {noise:g}, {n_samples} samples, {n_parameters} parameters give {expected:g}; yours {found:g}."
    return "Right: each parameter that a head fits alone costs noise²/n."
