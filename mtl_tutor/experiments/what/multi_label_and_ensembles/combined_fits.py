"""Separate fits of several linear tasks on the same samples, and ways to combine them afterwards."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from mtl_tutor.recipes.canonical import canonical_shrinkage
from mtl_tutor.tasks import LinearTasks

X = Float[np.ndarray, "sample feature"]
Y = Float[np.ndarray, "sample task"]
Weights = Float[np.ndarray, "task feature"]
PENALTIES = np.geomspace(0.1, 300.0, 12)


def excess_risks(tasks: LinearTasks, seed: int) -> dict[str, float]:
    """Fit tasks on the same samples in every way: way -> excess risk per task. The seed decides shuffles and bags."""
    x, y, rng = tasks.x[0], tasks.y.T, np.random.default_rng([seed, 0xC4])
    weights = {
        "apart": least_squares(x, y),
        "ridge": ridge(x, y, tasks.x_validation[0], tasks.y_validation.T),
        "each shrunk": each_alone(canonical_shrinkage, x, y),
        "curds and whey": canonical_shrinkage(x, y),
        "plain form": canonical_shrinkage(x, y, corrected=False),
        "stacked": stacked(x, y),
        "shuffled": beside_shuffled_labels(x, y, rng),
        "bagged": bagged(x, y, rng),
        "averaged": averaged(x, y),
    }
    return {way: tasks.risk(w) for way, w in weights.items()}


def least_squares(x: X, y: Y) -> Weights:
    """Fit every task by itself."""
    return np.linalg.lstsq(x, y, rcond=None)[0].T


def each_alone(fit: Callable[[X, Y], Weights], x: X, y: Y) -> Weights:
    """Fit every task as if there were no other."""
    return np.concatenate([fit(x, y[:, [k]]) for k in range(y.shape[1])])


def beside_shuffled_labels(x: X, y: Y, rng: np.random.Generator) -> Weights:
    """Apply curds and whey to every task with the other tasks' labels shuffled."""
    fits = []
    for k in range(y.shape[1]):
        shuffled = rng.permuted(y, axis=0)
        shuffled[:, k] = y[:, k]
        fits.append(canonical_shrinkage(x, shuffled)[k])
    return np.array(fits)


def ridge(x: X, y: Y, x_validation: X, y_validation: Y) -> Weights:
    """Shrink every task's weights, each by the penalty of its lowest validation error."""
    gram, moment = x.T @ x, x.T @ y
    fits = np.array([np.linalg.solve(gram + penalty * np.eye(len(gram)), moment).T for penalty in PENALTIES])
    errors = ((fits @ x_validation.T - y_validation.T) ** 2).mean(axis=2)
    return fits[errors.argmin(axis=0), np.arange(y.shape[1])]


def stacked(x: X, y: Y, n_folds: int = 5) -> Weights:
    """Regress every label on the cross-validated predictions for all tasks.

    Notes
    -----
    Source: stacking as in Wolpert (1992), over tasks in the place of models. Departures: a least-squares second stage.
    """
    fold, predicted = np.arange(len(x)) % n_folds, np.empty_like(y)
    for k in range(n_folds):
        predicted[fold == k] = x[fold == k] @ least_squares(x[fold != k], y[fold != k]).T
    return least_squares(predicted, y) @ least_squares(x, y)


def bagged(x: X, y: Y, rng: np.random.Generator, n_bags: int = 30) -> Weights:
    """Average separate fits on bootstrap samples."""
    drawn = [rng.integers(len(x), size=len(x)) for _ in range(n_bags)]
    return np.mean([least_squares(x[rows], y[rows]) for rows in drawn], axis=0)


def averaged(x: X, y: Y) -> Weights:
    """Predict the mean of all tasks' predictions for every task."""
    return np.broadcast_to(least_squares(x, y).mean(axis=0), (y.shape[1], x.shape[1])).copy()
