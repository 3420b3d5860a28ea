"""A second-level linear fit on the predictions of nets, for many seeds at once. NumPy only."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import softmax

from mtl_tutor.tasks import Task

_CURVATURE = {"regression": 1.0, "binary": 0.25, "multiclass": 0.5}  # no loss bends more along its answers; Böhning (1992) for the last
_STEPS = {"regression": 1, "binary": 100, "multiclass": 100}  # for squared errors one step is the solution
_LEAST = 1e-12


@dataclass(frozen=True, eq=False)
class Correction:
    """A linear function of all tasks' predictions, added to one task's predictions.

    Attributes
    ----------
    centre, scale : Float[np.ndarray, "seed feature"]
        Mean and standard deviation of the predictions that it was fitted to.
    weights : Float[np.ndarray, "seed param output"]
        For each output of the task one weight per prediction, and the intercept last.
    """

    centre: Float[np.ndarray, "seed feature"]
    scale: Float[np.ndarray, "seed feature"]
    weights: Float[np.ndarray, "seed param output"]

    def __call__(
        self, answers: Float[np.ndarray, "seed sample feature"], own: Float[np.ndarray, "seed sample output"]
    ) -> Float[np.ndarray, "seed sample output"]:
        """Correct a task's predictions."""
        return own + _columns(answers, self.centre, self.scale) @ self.weights


def correction(
    task: Task,
    answers: Float[np.ndarray, "seed sample feature"],
    own: Float[np.ndarray, "seed sample output"],
    labels: Float[np.ndarray, "seed sample"],
    strength: float,
) -> Correction:
    """Fit a linear correction of a task's predictions, with a ridge penalty.

    Minimise the mean over labelled samples of (y - prediction)²/2, or of the cross-entropy in nats,
    plus strength/2 times the squared weights, on standardised predictions of all tasks.

    Parameters
    ----------
    answers : Float[np.ndarray, "seed sample feature"]
        Predictions of all tasks, side by side, by nets that were not trained on the sample.
    own : Float[np.ndarray, "seed sample output"]
        The task's own predictions.
    labels : Float[np.ndarray, "seed sample"]
        Numbers or classes; NaN where a label is missing.
    strength : float
        Strength of the penalty, 0 or more; with infinity nothing is added.

    Notes
    -----
    Source: the fixed bound on the curvature of cross-entropy is Böhning's (1992).

    Departures: none.
    """
    centre, scale = answers.mean(axis=1), answers.std(axis=1)
    scale = np.where(scale > _LEAST, scale, 1.0)
    columns = _columns(answers, centre, scale)
    weights = np.zeros((len(own), columns.shape[2], own.shape[2]))
    if strength < np.inf:
        share = ~np.isnan(labels) / np.maximum(1, (~np.isnan(labels)).sum(axis=1, keepdims=True))
        pull = strength * np.eye(columns.shape[2])
        bend = _CURVATURE[task.kind] * columns.mT @ (share[:, :, None] * columns) + pull
        inverse, wanted = np.linalg.pinv(bend, hermitian=True), _targets(task, labels)
        for _ in range(_STEPS[task.kind]):
            wrong = share[:, :, None] * (_means(task, own + columns @ weights) - wanted)
            weights = weights - inverse @ (columns.mT @ wrong + strength * weights)
    return Correction(centre, scale, weights)


def _columns(answers: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> Float[np.ndarray, "seed sample param"]:
    standard = (answers - centre[:, None]) / scale[:, None]
    return np.concatenate([standard, np.ones_like(standard[:, :, :1])], axis=2)


def _means(task: Task, outputs: Float[np.ndarray, "seed sample output"]) -> Float[np.ndarray, "seed sample output"]:
    if task.kind == "regression":
        return outputs
    if task.kind == "binary":
        return 0.5 + 0.5 * np.tanh(0.5 * outputs)
    return softmax(outputs, axis=2)


def _targets(task: Task, labels: Float[np.ndarray, "seed sample"]) -> Float[np.ndarray, "seed sample output"]:
    truth = np.nan_to_num(labels)[:, :, None]
    return (truth == np.arange(task.n_outputs)).astype(float) if task.kind == "multiclass" else truth
