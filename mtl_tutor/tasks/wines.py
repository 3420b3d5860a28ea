"""A small real table: chemical analysis of 178 wines, and two tasks."""

from functools import cache
from typing import Any

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.tasks._base import Samples, Task, TaskData


@checked
def wines(n_wines: int = 60, *, missing: float = 0.4, seed: int = 0) -> TaskData:
    """Real wines with two tasks: the cultivar (a class) and the alcohol (a number).

    Each of the two labels of a training wine is lost with the same probability; no wine loses both.

    Parameters
    ----------
    n_wines : int
        Training wines. As many, up to 40, are for validation, the rest for the test; those keep all
        labels.
    missing : float
        Probability that a training label is lost, below 0.5.
    seed : int
        Decides which wines are for training, and which labels are lost.

    Returns
    -------
    TaskData
        12 features in units of their standard deviation over all wines; "cultivar" (three classes)
        and "alcohol" (likewise in standard deviations).

    Raises
    ------
    ValueError
        Fewer than 20 or more than 100 wines, or a probability outside [0, 0.5).

    Notes
    -----
    Source: Wine (Aeberhard & Forina 1991), as shipped with scikit-learn: 178 wines, 13
    measurements, CC BY 4.0.

    Departures: alcohol is asked for rather than given; the labels that are missing are lost on
    purpose.

    Examples
    --------
    >>> wines().n_outputs
    (3, 1)
    """
    if not 20 <= n_wines <= 100:
        raise ValueError(f"`n_wines` must lie between 20 and 100, so that some of 178 are left to judge on; got {n_wines}.")
    if not 0 <= missing < 0.5:
        raise ValueError(f"`missing` must lie in [0, 0.5): no wine may lose both labels; got {missing}.")
    x, y = _table()
    rng = np.random.default_rng([seed, 0x11E])
    train, validation, test = np.split(rng.permutation(len(x)), [n_wines, n_wines + min(n_wines, 40)])
    labels, fate = y[train], rng.random(n_wines)
    labels[fate < missing, 0] = np.nan
    labels[fate > 1 - missing, 1] = np.nan
    return TaskData(
        (Task("cultivar", "multiclass", 3), Task("alcohol")),
        Samples(x[train], labels),
        Samples(x[validation], y[validation]),
        Samples(x[test], y[test]),
    )


@checked
def wine_features() -> tuple[str, ...]:
    """Names of the features of `wines`, in their order."""
    return tuple(str(name).replace("_", " ") for name in _bunch()["feature_names"][1:])


@cache
def _table() -> tuple[np.ndarray, np.ndarray]:
    measured, cultivar = (np.asarray(_bunch()[name]) for name in ("data", "target"))
    scaled = (measured - measured.mean(axis=0)) / measured.std(axis=0)
    return scaled[:, 1:], np.column_stack([cultivar, scaled[:, 0]])


def _bunch() -> Any:
    from sklearn.datasets import load_wine  # a second to import, so only when wines are asked for

    return load_wine()
