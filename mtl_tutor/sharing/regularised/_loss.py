"""The loss of linear tasks, and checks of their data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import softmax

from mtl_tutor.checks import DOUBLE, check_size

Kind = Literal["regression", "binary", "multiclass"]
CURVATURE = {"regression": 1.0, "binary": 0.25, "multiclass": 0.5}  # no loss bends more along its answers; Böhning (1992) for the last


@dataclass(frozen=True, eq=False)
class LinearLoss:
    """The loss of linear tasks: for each task, the mean over its own labelled samples, summed.

    The loss of a regression is half the squared error, that of a classification the cross-entropy
    in nats. With the half all gradients have the same form, the mean of (prediction - label) x.
    Weights act on x - centre, which decouples a task's level (its intercept there) from its
    weights.

    Attributes
    ----------
    x : Float[np.ndarray, "sample feature"]
        Inputs of all samples.
    target : Float[np.ndarray, "sample output"]
        Labels, one column per output: a number, 0 or 1, or one column of 0s and 1s per class. 0
        where the label is missing.
    share : Float[np.ndarray, "sample output"]
        Weight of a sample in its task's mean: 1 / (number of labelled samples), or 0 without a
        label.
    centre : Float[np.ndarray, "output feature"]
        Mean input of each output's labelled samples.
    kinds : tuple[Kind, ...]
        Kind of each task. The outputs lie one task after the other.
    n_outputs : tuple[int, ...]
        Number of outputs of each task.
    """

    x: Float[np.ndarray, "sample feature"]
    target: Float[np.ndarray, "sample output"]
    share: Float[np.ndarray, "sample output"]
    centre: Float[np.ndarray, "output feature"]
    kinds: tuple[Kind, ...]
    n_outputs: tuple[int, ...]

    def value(self, weights: Float[np.ndarray, "output feature"], levels: Float[np.ndarray, "output"]) -> float:
        """The loss, summed over tasks."""
        z = self._answers(weights, levels)
        total = 0.0
        for kind, own in self._tasks():
            lost = 0.5 * (z[:, own] - self.target[:, own]) ** 2 if kind == "regression" else -self.target[:, own] * z[:, own]
            total += float((self.share[:, own] * lost).sum())
            if kind != "regression":
                logits = z[:, own] if kind == "multiclass" else np.insert(z[:, own], 0, 0, axis=1)
                total += float(self.share[:, own.start] @ np.logaddexp.reduce(logits, axis=1))
        return total

    def gradient(
        self, weights: Float[np.ndarray, "output feature"], levels: Float[np.ndarray, "output"]
    ) -> tuple[Float[np.ndarray, "output feature"], Float[np.ndarray, "output"]]:
        """The gradients by weights and by levels."""
        answers = self._answers(weights, levels)
        for kind, own in self._tasks():
            if kind == "binary":
                answers[:, own] = 0.5 + 0.5 * np.tanh(0.5 * answers[:, own])
            elif kind == "multiclass":
                answers[:, own] = softmax(answers[:, own], axis=1)
        wrong = self.share * (answers - self.target)
        by_level = wrong.sum(axis=0)
        return wrong.T @ self.x - by_level[:, None] * self.centre, by_level

    def gram(self) -> Float[np.ndarray, "output feature feature"]:
        """The mean of (x - centre)(x - centre)' over each output's labelled samples.

        It is the Hessian of a regression.
        """
        spread = [(self.x - centre) * np.sqrt(share)[:, None] for centre, share in zip(self.centre, self.share.T, strict=True)]
        return np.stack([rows.T @ rows for rows in spread])

    def curvature(self) -> Float[np.ndarray, "output"]:
        """Upper bound of each output's second derivative, as a multiple of its Gram matrix."""
        return np.repeat([CURVATURE[kind] for kind in self.kinds], self.n_outputs)

    def intercepts(self, weights: Float[np.ndarray, "output feature"], levels: Float[np.ndarray, "output"]) -> Float[np.ndarray, "output"]:
        """The outputs at x = 0."""
        return levels - (self.centre * weights).sum(axis=1)

    def _answers(self, weights: np.ndarray, levels: np.ndarray) -> np.ndarray:
        return self.x @ weights.T + self.intercepts(weights, levels)

    def _tasks(self) -> list[tuple[Kind, slice]]:
        ends = np.cumsum(self.n_outputs).tolist()
        return [(kind, slice(end - n, end)) for kind, n, end in zip(self.kinds, self.n_outputs, ends, strict=True)]


def linear_loss(x: np.ndarray, y: np.ndarray, kinds: Sequence[Kind] | None = None, n_outputs: Sequence[int] | None = None) -> LinearLoss:
    """Check the data of linear tasks and set up their loss.

    Parameters
    ----------
    x, y : np.ndarray
        One row per sample, one column per feature and per task. NaN in `y` is a missing label.
    kinds : Sequence[Kind] | None
        "regression", "binary" or "multiclass" for each task; all regressions when not given.
    n_outputs : Sequence[int] | None
        1, or the number of classes, for each task; as many classes as there are labels when not
        given.

    Raises
    ------
    ValueError
        Shapes that don't match, inputs that aren't finite, labels that their task cannot have, no
        label at all, or a class without a sample, whose intercept would fall for ever.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    _check_arrays(x, y)
    each: tuple[Kind, ...] = ("regression",) * y.shape[1] if kinds is None else tuple(kinds)
    if len(each) != y.shape[1] or not set(each) <= set(CURVATURE):
        raise ValueError(f"`kinds` must be 'regression', 'binary' or 'multiclass' for each of {y.shape[1]} tasks; got {each}.")
    counts = _outputs_of(y, each) if n_outputs is None else tuple(n_outputs)
    if len(counts) != len(each) or any((n < 2) if kind == "multiclass" else (n != 1) for n, kind in zip(counts, each, strict=False)):
        raise ValueError(f"`n_outputs` must be 1 for each task, or its number of classes, 2 or more; got {counts} for {each}.")
    labelled = ~np.isnan(y)
    columns = [_columns(task, y[:, task], kind, n) for task, (kind, n) in enumerate(zip(each, counts, strict=True))]
    share = np.repeat(labelled / np.maximum(labelled.sum(axis=0), 1), counts, axis=1)
    return LinearLoss(x, np.concatenate(columns, axis=1), share, share.T @ x, each, counts)


def _check_arrays(x: np.ndarray, y: np.ndarray) -> None:
    for name, value, axis in (("x", x, "feature"), ("y", y, "task")):
        if value.ndim != 2 or not value.shape[1]:
            raise ValueError(f"`{name}` must have two axes (sample, {axis}), none of them empty; got shape {value.shape}.")
    if len(x) != len(y):
        raise ValueError(f"`x` and `y` must describe the same samples; got {len(x)} and {len(y)}.")
    if not np.isfinite(x).all():
        raise ValueError(f"`x` must be finite; {np.sum(~np.isfinite(x))} entries are not. Impute or drop those samples.")
    if np.isinf(y).any() or np.isnan(y).all():
        raise ValueError("`y` must hold finite labels, or NaN where one is missing; got an infinite one, or none at all.")
    for name, value in (("x", x), ("y", y)):
        check_size(name, value, DOUBLE)


def _outputs_of(y: np.ndarray, kinds: Sequence[Kind]) -> tuple[int, ...]:
    classes = np.nan_to_num(y, nan=0.0).max(axis=0)
    return tuple(max(2, int(last) + 1) if kind == "multiclass" else 1 for kind, last in zip(kinds, classes, strict=True))


def _columns(task: int, labels: Float[np.ndarray, "sample"], kind: Kind, n: int) -> Float[np.ndarray, "sample output"]:
    if kind == "regression":
        return np.nan_to_num(labels, nan=0.0)[:, None]
    n_classes, found = max(n, 2), np.unique(labels[~np.isnan(labels)])
    if (found % 1 != 0).any() or (found < 0).any() or (found >= n_classes).any():
        raise ValueError(f"`y` of task {task} must hold the classes 0 to {n_classes - 1} ({kind}); got {found[:6]}.")
    if 0 < len(found) < n_classes:
        raise ValueError(f"`y` of task {task} must hold each of its {n_classes} classes; got only {found[:6]}. Label one of each.")
    is_class: Bool[np.ndarray, "sample class"] = labels[:, None] == np.arange(n_classes)
    return (is_class[:, 1:] if kind == "binary" else is_class).astype(float)
