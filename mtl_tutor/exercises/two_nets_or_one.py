"""Exercises of *Parameter sharing*."""

from collections.abc import Callable
from functools import cache

import numpy as np
from torch import nn

from mtl_tutor.exercises._answers import checker
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import train

Fit = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]

TASKS = {
    "are the same": (0.0, 0.3, "Can your ties be strong enough?"),
    "differ a little": (0.3, 0.5, "Are ties of middle strength among your choices, and do new samples choose?"),
    "are unrelated": (1.0, 1.25, "May the tasks be left apart, and do new samples choose?"),
}
"""Eight tasks -> how much they differ, the most that a fit may err (times the error of separate fits), and what to look at.

Ties that validation chooses have 0.1, 0.35 and 1.05 times that error, in each of six blocks of seeds.
"""


@checker
def check_ties(fit: Fit | None) -> str:
    """Check a fit of eight linear tasks that is tied where this helps and apart where it doesn't.

    Parameters
    ----------
    fit : from x [task, sample, feature] and y [task, sample], and new samples of the same form, to weights [task, feature].
    """
    if fit is None:
        return "Not yet: write `fit(x, y, new_x, new_y)`, a function that returns the weights [task, feature]."
    for how, (spread, most, hint) in TASKS.items():
        yours, apart = 0.0, _error_apart(spread)
        for seed in range(20):
            x, y, new_x, new_y, true = _linear_tasks(spread, seed)
            found = fit(x, y, new_x, new_y)
            if found.shape != true.shape:
                return f"Not yet: return one row of weights per task, shape {true.shape}; got shape {found.shape}."
            yours += _squares(found - true)
        if yours > most * apart:
            return (
                f"Not yet: where the tasks {how}, your excess error is {yours / apart:.2f} times that of separate fits "
                f"with a tuned ridge; at most {most:g} times is wanted. {hint}"
            )
    return "Right: your fit gains where the tasks have something in common, and does no harm where they haven't."


def _linear_tasks(spread: float, seed: int) -> tuple[np.ndarray, ...]:
    """Inputs and labels for training and for validation, and the true weights."""
    rng = np.random.default_rng([seed, 0x7E])
    true = (np.sqrt(1 - spread**2) * rng.normal(size=10) + spread * rng.normal(size=(8, 10))) / np.sqrt(10)
    x, new_x = rng.normal(size=(2, 8, 15, 10))
    y, new_y = (_outputs(true, inputs) + 0.5 * rng.normal(size=(8, 15)) for inputs in (x, new_x))
    return x, y, new_x, new_y, true


@cache
def _error_apart(spread: float) -> float:
    """The error of separate fits, each draw with the ridge that suits its validation samples."""
    total = 0.0
    for seed in range(20):
        x, y, new_x, new_y, true = _linear_tasks(spread, seed)
        ridges = [_ridge(x, y, strength) for strength in (0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)]
        misses = [_squares(_outputs(w, new_x) - new_y) for w in ridges]
        total += _squares(ridges[int(np.argmin(misses))] - true)
    return total


def _outputs(w: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.einsum("tf,tsf->ts", w, x)


def _ridge(x: np.ndarray, y: np.ndarray, strength: float) -> np.ndarray:
    squares = x.transpose(0, 2, 1) @ x + strength * np.eye(x.shape[2])
    return np.linalg.solve(squares, np.einsum("tsf,ts->tf", x, y)[..., None])[..., 0]


def _squares(values: np.ndarray) -> float:
    return float((values**2).sum())


@checker
def check_crowded_unit(labels: Callable[[np.ndarray], np.ndarray] | None) -> str:
    """Check a pair of tasks that two nets with one hidden unit each learn, and one such net doesn't.

    Parameters
    ----------
    labels : from inputs x [sample, 4] to the labels of both tasks [sample, 2].
    """
    if labels is None:
        return "Not yet: write `labels(x)`, a function that returns two labels per sample."
    data = [_labelled(labels, seed) for seed in range(16)]
    if isinstance(wrong := next((one for one in data if isinstance(one, str)), None), str):
        return wrong
    # relative to the variance of a task's labels, averaged over seeds: [task]
    together, apart = (_errors(net, data) for net in (HardSharing(4, 1, activation=nn.Tanh), SingleTask(4, 1, activation=nn.Tanh)))  # type: ignore[arg-type]
    for task in range(2):
        if not apart[task] < 1 / 3:
            return (
                f"Not yet: a net of its own doesn't learn task {task + 1} (error: {apart[task]:.2f} of the labels' variance). "
                "Take a task that one unit can compute, with labels of size 1 or so."
            )
    if together.mean() < 2 * apart.mean():
        return (
            f"Not yet: the shared unit errs only {together.mean() / apart.mean():.1f} times as much as two units. "
            "Two heads may read one unit with any scale, sign and offset. What would each task have the unit compute?"
        )
    return f"Right: sharing one unit multiplies the error by {together.mean() / apart.mean():.0f}. This is negative transfer."


def _labelled(labels: Callable[[np.ndarray], np.ndarray], seed: int) -> TaskData | str:
    rng, samples = np.random.default_rng([seed, 0xC]), []
    for n in (100, 200):
        x = rng.normal(size=(n, 4))
        y = labels(x)
        if y.shape != (n, 2):
            return f"Not yet: return two labels for each of {n} samples, shape ({n}, 2); got shape {y.shape}."
        if (np.ptp(y, axis=0) == 0).any() or np.abs(y).max() > 1e6:
            return "Not yet: each task's labels should differ between samples, and be numbers of size 1 or so."
        samples.append(Samples(x, y))
    return TaskData((Task("first"), Task("second")), samples[0], test=samples[1])


def _errors(net: nn.Module, data: list[TaskData]) -> np.ndarray:
    found = train(net, data.__getitem__, seeds=len(data), steps=300, lr=0.02, eval_every=300).last()
    return (found / [one.test.y.var(axis=0) for one in data if one.test]).mean(axis=0)
