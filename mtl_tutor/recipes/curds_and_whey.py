"""Curds and whey: linear fits of several tasks, shrunk in canonical coordinates."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import checked
from mtl_tutor.recipes._base import TrainingConfig
from mtl_tutor.recipes._fits import Answers, Fit
from mtl_tutor.recipes.canonical import shrunk
from mtl_tutor.sharing import Cost
from mtl_tutor.tasks import Task, TaskData

_LEAST = 0.01  # a fitted probability is no less than this
_VARIES = 1e-10  # a combination of labels with a smaller share of the largest variance doesn't vary


@checked
@dataclass(frozen=True)
class CurdsAndWhey(Fit):
    """Ridge regression per task, then shrinkage in the canonical coordinates of the labels.

    Noise of single tasks is shrunk away, what the tasks have in common stays. The fits share
    nothing; the shrinkage is learned from the samples that have the labels of all tasks.

    Attributes
    ----------
    strengths : tuple[float, ...]
        Ridge penalties to try, per sample and squared unit of the inputs. With 0 the fits are the
        paper's, least squares, and need more samples than features to be of use.

    Raises
    ------
    ValueError
        No strength, or one that is negative or not finite, or (when run) too few samples that have
        all labels.

    Notes
    -----
    Source: Breiman & Friedman (1997); the formulas are those of `canonical_shrinkage`, with inputs
    and labels centred.

    Departures: ridge; r = features/samples becomes the fits' mean effective number of features,
    trace(H), per sample. Classes are fitted as columns of 0 and 1, all but the last, and the fits,
    cut off at 0.01, are taken for probabilities. A task is fitted to all samples that have its
    label.

    Examples
    --------
    >>> CurdsAndWhey().settings(TrainingConfig())
    (0.0, 0.01, 0.1, 1.0)
    """

    strengths: tuple[float, ...] = (0.0, 0.01, 0.1, 1.0)

    def __post_init__(self) -> None:
        if not self.strengths or not np.isfinite(self.strengths).all() or min(self.strengths) < 0:
            raise ValueError(f"`strengths` must hold finite numbers, zero or more, one at least; got {self.strengths}.")

    def settings(self, plan: TrainingConfig) -> tuple[float, ...]:
        """The strengths."""
        return self.strengths

    def fitted(self, data: TaskData, setting: float) -> Answers:
        """Fit the training samples with this ridge penalty."""
        return partial(self.answers, data, strength=setting)

    @checked
    def answers(self, data: TaskData, x: Float[np.ndarray, "sample feature"], strength: float = 0.0) -> list[Float[np.ndarray, "sample _"]]:
        """Fit the training samples and predict other ones: numbers or logits, one array per task.

        Raises
        ------
        ValueError
            Too few samples have all labels.
        """
        y = np.concatenate([_columns(task, labels) for task, labels in zip(data.tasks, data.train.y.T, strict=True)], axis=1)
        whole = ~np.isnan(y).any(axis=1)
        if whole.sum() <= y.shape[1]:
            raise ValueError(f"`data` must have more than {y.shape[1]} training samples with the labels of all tasks; got {whole.sum()}.")
        w, level, used = zip(*[_ridge(data.train.x, column, strength) for column in y.T], strict=True)
        seen = data.train.x[whole]
        weights = _shrunk(np.array(w), seen - seen.mean(axis=0), y[whole] - y[whole].mean(axis=0), float(np.mean(used)))
        fitted = np.stack([mean + (x - at) @ one for one, (at, mean) in zip(weights, level, strict=True)], axis=1)
        ends = np.cumsum([max(1, task.n_outputs - 1) for task in data.tasks])[:-1]
        return [_outputs(task, part) for task, part in zip(data.tasks, np.split(fitted, ends, axis=1), strict=True)]

    @checked
    def cost(self, data: TaskData, plan: TrainingConfig) -> Cost:
        """One weight per input and column, and an intercept per column."""
        n = sum(max(1, task.n_outputs - 1) for task in data.tasks)
        return Cost(n * (data.n_features + 1), n * data.n_features)


def _ridge(
    x: Float[np.ndarray, "sample feature"], y: Float[np.ndarray, "sample"], strength: float
) -> tuple[Float[np.ndarray, "feature"], tuple[Float[np.ndarray, "feature"], float], float]:
    """Weights, mean inputs with their mean labels, and effective number of features per sample."""
    known = ~np.isnan(y)
    at, mean, n = x[known].mean(axis=0), float(y[known].mean()), int(known.sum())
    u, s, turn = np.linalg.svd(x[known] - at, full_matrices=False)
    kept = s > s.max(initial=0) * max(n, x.shape[1]) * np.finfo(float).eps
    u, s, turn = u[:, kept], s[kept], turn[kept]
    share = s**2 / (s**2 + n * strength)
    return turn.T @ (share / s * (u.T @ (y[known] - mean))), (at, mean), float(share.sum() / n)


def _shrunk(
    w: Float[np.ndarray, "output feature"], x: Float[np.ndarray, "sample feature"], y: Float[np.ndarray, "sample output"], r: float
) -> Float[np.ndarray, "output feature"]:
    """Shrink in the combinations of labels that vary; the others are constant."""
    spread, turn = np.linalg.eigh(y.T @ y)
    turn = turn[:, spread > spread.max() * _VARIES]
    if not r or not turn.size:
        return 0 * w
    return turn @ shrunk(turn.T @ w, x @ w.T @ turn, y @ turn, r)


def _columns(task: Task, labels: Float[np.ndarray, "sample"]) -> Float[np.ndarray, "sample output"]:
    if task.kind != "multiclass":
        return labels[:, None]
    return np.where(np.isnan(labels)[:, None], np.nan, labels[:, None] == np.arange(task.n_outputs - 1))


def _outputs(task: Task, fitted: Float[np.ndarray, "sample _"]) -> Float[np.ndarray, "sample output"]:
    if task.kind == "regression":
        return fitted
    if task.kind == "binary":
        share = np.clip(fitted, _LEAST, 1 - _LEAST)
        return np.log(share / (1 - share))
    shares = np.maximum(_LEAST, np.concatenate([fitted, 1 - fitted.sum(axis=1, keepdims=True)], axis=1))
    return np.log(shares / shares.sum(axis=1, keepdims=True))
