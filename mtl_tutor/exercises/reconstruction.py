"""Exercises of *Auxiliary reconstruction*."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.checks import shown
from mtl_tutor.exercises._answers import NotYetError, asked, checker
from mtl_tutor.exercises._main_task import main_error
from mtl_tutor.tasks import Samples, Task, TaskData, only_tasks, reconstructed
from mtl_tutor.training import Adam

_N_LABELLED, _N_IMAGES, _N_PARTS = 10, 200, 4


@checker
def check_worth_reconstructing(images: Callable[[int, np.random.Generator], Any] | None) -> str:
    """Check inputs and labels for which a head that reconstructs unlabelled inputs helps the main task.

    Parameters
    ----------
    images : function
        From a number of samples and a random generator to inputs [sample feature] and labels [sample] of two classes.
        Nets are trained on ten labels and 200 inputs, for each of 24 seeds.
    """
    if images is None:
        return "Not yet: write a function of n and rng that returns x and y, and pass the function itself."
    joint = {seed: _data(images, seed) for seed in range(24)}
    alone = {seed: only_tasks(data, [0]) for seed, data in joint.items()}
    single = min(main_error(alone, 4, lr=lr, steps=150, optimizer=Adam()) for lr in (0.01, 0.03))
    if single < 0.1:
        return f"Not yet: ten labels alone are enough for {1 - single:.0%} right answers. Make it harder to find what matters."
    if single > 0.45:
        return f"Not yet: alone, the net misreads {single:.0%}, about as many as a coin. Let the label depend more on the input."
    weights = FixedWeighting((1.0, *_N_PARTS * (1 / _N_PARTS,)))
    beside = main_error(joint, 4, lr=0.03, steps=150, optimizer=Adam(), method=weights)
    if beside > 0.6 * single:
        return (
            f"Not yet: alone, the net misreads {single:.0%}; with reconstruction, {beside:.0%}. In which directions do your inputs vary "
            "most, and in which do the two classes differ?"
        )
    return f"Right: alone, the net misreads {single:.0%}; with reconstruction, {beside:.0%}."


def _data(images: Callable[..., Any], seed: int) -> TaskData:
    """Ten labelled inputs, 190 without a label, and their leading components; 500 new inputs as a test."""
    rng = np.random.default_rng([seed, 0x1A])
    (x, y), (new_x, new_y) = (_samples(asked(images, n, rng), n) for n in (_N_IMAGES, 500))
    if x.shape[1] != new_x.shape[1]:
        raise NotYetError(f"x should have the same number of columns in each call; got {x.shape[1]} and {new_x.shape[1]}.")
    if len(set(y[:_N_LABELLED])) < 2:
        raise NotYetError("the first ten labels are all alike. Let both classes be about equally frequent, in any order.")
    y[_N_LABELLED:] = np.nan
    data = TaskData((Task("label", kind="binary"),), Samples(x, y[:, None]), None, Samples(new_x, new_y[:, None]))
    if np.linalg.matrix_rank(x - x.mean(axis=0)) < _N_PARTS:
        raise NotYetError(f"x should vary in at least {_N_PARTS} directions.")
    return reconstructed(data, _N_PARTS)


def _samples(made: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    try:
        x, y = (np.asarray(part, dtype=float) for part in made)
    except Exception:
        raise NotYetError(f"your function should return two arrays, x and y; got {shown(made)}.") from None
    if x.ndim != 2 or len(x) != n or not _N_PARTS < x.shape[1] <= 100:
        raise NotYetError(f"x should have {n} rows and from {_N_PARTS + 1} to 100 columns; got shape {x.shape}.")
    if y.shape != (n,) or not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise NotYetError(f"y should be one label for each of {n} rows, and all numbers finite; got shape {y.shape}.")
    if len(set(y)) != 2:
        raise NotYetError(f"y should have two different values, one for each class; got {len(set(y))}.")
    return x, (y == y.max()).astype(float)
