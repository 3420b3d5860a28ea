"""Measures of what several trade-offs reach together: which of them none beats, and how much lies behind them."""

import numpy as np
from jaxtyping import Bool, Float

from mtl_tutor.checks import checked


@checked
def pareto_front(losses: Float[np.ndarray, "point task"]) -> Bool[np.ndarray, "point"]:
    """Return which points lie on the Pareto front: no other is at least as good for every task, and better for one.

    Parameters
    ----------
    losses : Float[np.ndarray, "point task"]
        What each point, say a training with other weights, has on each task. Less is better.

    Returns
    -------
    Bool[np.ndarray, "point"]
        Equal points are all on the front, or none is.

    Raises
    ------
    ValueError, TypeError
        No points, or losses that are NaN.

    Examples
    --------
    >>> pareto_front(np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 3.0]]))
    array([ True,  True, False])
    """
    _check(losses)
    no_worse = (losses[:, None] <= losses).all(2)  # [point point]: the first is no worse than the second
    better = (losses[:, None] < losses).any(2)
    return np.asarray(~(no_worse & better).any(0))


@checked
def hypervolume(losses: Float[np.ndarray, "point task"], reference: Float[np.ndarray, "task"]) -> float:
    """Return the volume of all that some point beats, up to a reference: larger for a better front.

    Parameters
    ----------
    losses : Float[np.ndarray, "point task"]
        Less is better.
    reference : Float[np.ndarray, "task"]
        The worst losses that count, say a trivial model's. Points beyond them add nothing.

    Returns
    -------
    float
        In the product of the losses' units; so divide losses by a unit that makes them comparable.

    Raises
    ------
    ValueError, TypeError
        No points, losses that are NaN, another number of tasks, or a reference that isn't finite.

    Notes
    -----
    Source: Zitzler & Thiele (1998), *Multiobjective optimization using evolutionary algorithms*. By slices along the last task,
    whose time grows with the number of points to the power of tasks: meant for a few tasks.

    Examples
    --------
    Two rectangles, 2 x 1 and 1 x 2, share a square of 1 x 1.

    >>> hypervolume(np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([3.0, 3.0]))
    3.0
    """
    _check(losses)
    if reference.shape != losses.shape[1:] or not np.isfinite(reference).all():
        raise ValueError(f"`reference` must be one finite loss per task, {losses.shape[1]}; got {reference.tolist()}.")
    return _volume(losses[(losses < reference).all(1)], reference)


def _volume(losses: Float[np.ndarray, "point task"], reference: Float[np.ndarray, "task"]) -> float:
    if not len(losses):
        return 0.0
    if losses.shape[1] == 1:
        return float(reference[0] - losses.min())
    losses = losses[losses[:, -1].argsort()]
    edges = np.append(losses[:, -1], reference[-1])
    depths = np.diff(edges)
    return float(sum(_volume(losses[: i + 1, :-1], reference[:-1]) * depths[i] for i in np.flatnonzero(depths)))


def _check(losses: Float[np.ndarray, "point task"]) -> None:
    if not losses.size:
        raise ValueError(f"`losses` must hold a point and a task or more; got the shape {losses.shape}.")
    if np.isnan(losses).any():
        raise ValueError(f"`losses` must be numbers; {np.isnan(losses).sum()} entries are NaN. Leave out trainings that diverged.")
