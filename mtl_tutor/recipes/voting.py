"""Combine nets by a vote."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import checked
from mtl_tutor.recipes._ensembles import Ensemble
from mtl_tutor.tasks import Task


@checked
@dataclass(frozen=True)
class Voting(Ensemble):
    """An ensemble: the majority vote of several nets, or the median of their numbers.

    The nets of an ensemble share no parameters: a task gains from more nets for itself, not from
    other tasks, unless each net shares between tasks. Storage, prediction and training cost
    `n_members` times as much as those of one net.

    Attributes
    ----------
    n_members : int
        Nets per seed, with different initial weights and order of samples. The first has the seed
        itself.
    build : Callable[..., nn.Module]
        Builds the members, as in `Network`; single-task nets by default.

    Raises
    ------
    ValueError
        Fewer than one member.

    Notes
    -----
    Source: Hansen & Salamon (1990) for the vote of a plurality; source text 002 §2.3.

    Departures: the median for numbers; a tie goes to the first of the classes, and in a binary task
    to 0. As a probability a class has its votes plus 1, divided by the members plus the classes.
    Nets are stopped early, as in `Averaging`.

    Examples
    --------
    >>> logits = np.array([2.0, 0.5, -9.0]).reshape(3, 1, 1, 1)
    >>> Voting().joined(Task("coin", "binary"), logits).round(2)  # log of (2 + 1)/(1 + 1)
    array([[[0.41]]])
    """

    def joined(self, task: Task, answers: Float[np.ndarray, "run seed sample output"]) -> Float[np.ndarray, "seed sample output"]:
        """The median of numbers, or the log share of votes of each class, with one vote more for each."""
        if task.kind == "regression":
            return np.median(answers, axis=0)
        if task.kind == "binary":
            yes = (answers > 0).sum(axis=0)
            return np.log((yes + 1) / (len(answers) - yes + 1))
        votes = (answers.argmax(axis=-1)[..., None] == np.arange(task.n_outputs)).sum(axis=0)
        return np.log((votes + 1) / (len(answers) + task.n_outputs))
