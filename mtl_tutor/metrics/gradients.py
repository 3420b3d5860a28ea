"""Measures of the tasks' gradients: whether they conflict, whose is longest, how far a net is from where none can gain."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy.optimize import nnls

from mtl_tutor.checks import checked
from mtl_tutor.results import Curves
from mtl_tutor.statistics import bootstrap


@checked
def gradient_cosine(jacobian: Float[np.ndarray, "task param"]) -> Float[np.ndarray, "task task"]:
    """Cosines between the tasks' gradients: 1 same direction, 0 unrelated, -1 opposite.

    NaN for a task whose gradient is zero.

    Raises
    ------
    ValueError, TypeError
        The jacobian is no finite array of two axes.

    Examples
    --------
    >>> gradient_cosine(np.array([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]])).round(2)[0]
    array([ 1.,  0., -1.])
    """
    if not np.isfinite(jacobian).all():
        raise ValueError(f"`jacobian` must be finite; {np.sum(~np.isfinite(jacobian))} entries are not. Leave out nets that diverged.")
    norms = np.linalg.norm(jacobian, axis=1)
    unit = jacobian / np.where(norms > 0, norms, np.nan)[:, None]
    return unit @ unit.T


@checked
def conflict_rate(jacobian: Float[np.ndarray, "seed task param"]) -> Float[np.ndarray, "seed"]:
    """Return the share of pairs of tasks whose gradients conflict: their cosine is below zero.

    Parameters
    ----------
    jacobian : Float[np.ndarray, "seed task param"]
        One gradient per net and task, as `mtl_tutor.training.task_gradients` returns them.

    Returns
    -------
    Float[np.ndarray, "seed"]
        From 0 to 1. A pair with a gradient of zeros is no conflict.

    Raises
    ------
    ValueError, TypeError
        Fewer than two tasks, or numbers that aren't finite.

    Examples
    --------
    >>> conflict_rate(np.array([[[1.0, 0.0], [-1.0, 1.0], [0.0, 1.0]]])).round(2)
    array([0.33])
    """
    cosines = _pairs(jacobian)
    return (np.nan_to_num(cosines) < 0).mean(1)


@checked
def norm_ratio(jacobian: Float[np.ndarray, "seed task param"]) -> Float[np.ndarray, "seed"]:
    """Return how many times longer the longest of the tasks' gradients is than the shortest; inf if one is zero.

    Raises
    ------
    ValueError, TypeError
        Fewer than two tasks, or numbers that aren't finite.

    Examples
    --------
    >>> norm_ratio(np.array([[[3.0, 4.0], [0.0, 1.0]]]))
    array([5.])
    """
    _check(jacobian)
    length = np.linalg.norm(jacobian, axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = length.max(1) / length.min(1)
    return np.where(length.max(1) > 0, ratio, np.nan)


@checked
def stationarity(jacobian: Float[np.ndarray, "seed task param"]) -> Float[np.ndarray, "seed"]:
    """Return the length of the shortest mixture of the tasks' gradients: 0 where no step helps all tasks at once.

    It is the length of MGDA's direction: the minimum of ``|sum_i a_i g_i|`` over ``a_i >= 0, sum_i a_i = 1``.

    Parameters
    ----------
    jacobian : Float[np.ndarray, "seed task param"]
        One gradient per net and task.

    Returns
    -------
    Float[np.ndarray, "seed"]
        In the unit of the gradients.

    Raises
    ------
    ValueError, TypeError
        Fewer than two tasks, or numbers that aren't finite.

    Notes
    -----
    Source: Désidéri (2012), *Multiple-gradient descent algorithm (MGDA) for multiobjective optimization*. Departures: solved as
    a non-negative least-squares problem.

    Examples
    --------
    Opposite gradients, and two at a right angle.

    >>> stationarity(np.array([[[1.0, 0.0], [-2.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]])).round(3)
    array([0.   , 0.707])
    """
    _check(jacobian)
    return np.array([_shortest(rows) for rows in jacobian])


@checked
def gradient_curves(
    steps: Sequence[int], jacobians: Sequence[Float[np.ndarray, "seed task param"]], *, what: str = "cosine"
) -> Curves:
    """Draw how the tasks' gradients get on over training: the mean over nets with its 95% band.

    Parameters
    ----------
    steps : Sequence[int]
        After which steps the gradients were taken.
    jacobians : Sequence[Float[np.ndarray, "seed task param"]]
        One entry per step, of the same nets.
    what : {"cosine", "conflicts", "norm ratio", "stationarity"}
        The mean cosine of all pairs, `conflict_rate`, the logarithm (base 10) of `norm_ratio`, or `stationarity`.

    Raises
    ------
    ValueError, TypeError
        Another measure, other numbers of steps and Jacobians, or fewer than two nets.
    """
    known = {
        "cosine": ("mean cosine of gradients", lambda rows: _pairs(rows).mean(1)),
        "conflicts": ("share of pairs that conflict", conflict_rate),
        "norm ratio": ("log10 of longest over shortest gradient", lambda rows: np.log10(norm_ratio(rows))),
        "stationarity": ("length of the shortest mixture", stationarity),
    }
    if what not in known:
        raise ValueError(f"`what` must be one of {', '.join(map(repr, known))}; got {what!r}.")
    if len(steps) != len(jacobians) or not len(steps):
        raise ValueError(f"`jacobians` must hold one entry per step, {len(steps)}; got {len(jacobians)}.")
    label, measure = known[what]
    values = [measure(rows) for rows in jacobians]
    if any(len(one) < 2 for one in values):
        raise ValueError("`jacobians` must hold the gradients of two nets or more, for a band; train with more `seeds`.")
    lines = {what: [bootstrap(one, resamples=500) for one in values]}
    return Curves.of_intervals(np.asarray(steps, float), lines, xlabel="training steps", ylabel=label)


def _check(jacobian: Float[np.ndarray, "seed task param"]) -> None:
    if jacobian.shape[1] < 2:
        raise ValueError(f"`jacobian` must hold the gradients of two tasks or more; got {jacobian.shape[1]}.")
    if not np.isfinite(jacobian).all():
        raise ValueError(f"`jacobian` must be finite; {np.sum(~np.isfinite(jacobian))} entries are not. Leave out nets that diverged.")


def _pairs(jacobian: Float[np.ndarray, "seed task param"]) -> Float[np.ndarray, "seed part"]:
    """The cosine of every pair; NaN for a gradient of zeros."""
    _check(jacobian)
    first, second = np.triu_indices(jacobian.shape[1], 1)
    return np.stack([gradient_cosine(rows)[first, second] for rows in jacobian])


def _shortest(rows: Float[np.ndarray, "task param"]) -> float:
    longest = np.linalg.norm(rows, axis=1).max()
    if longest == 0:
        return 0.0
    square = rows @ rows.T / longest**2
    values, vectors = np.linalg.eigh(square)
    root = vectors * np.sqrt(values.clip(0))  # [task task], with the same inner products as the gradients
    weights, _ = nnls(np.vstack([root.T, np.ones(len(rows))]), np.append(np.zeros(len(rows)), 1.0))
    weights = weights / weights.sum()
    return float(longest * np.sqrt(max(weights @ square @ weights, 0.0)))
