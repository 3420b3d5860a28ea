"""Average nets that were trained on bootstrap samples."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import checked
from mtl_tutor.recipes._base import Draw
from mtl_tutor.recipes._ensembles import Ensemble, pooled
from mtl_tutor.recipes._nets import varied
from mtl_tutor.tasks import Task, TaskData

_STREAM = 0xBA6  # any number: it keeps the bootstraps apart from other streams that begin with the seed
_TRIES = 1000


@checked
@dataclass(frozen=True)
class Bagging(Ensemble):
    """An ensemble of nets trained on bootstrap samples; their predictions are averaged.

    The nets of an ensemble share no parameters: a task gains from more nets for itself, not from
    other tasks, unless each net shares between tasks. Storage, prediction and training cost
    `n_members` times as much as those of one net.

    Attributes
    ----------
    n_members : int
        Nets per seed, each with training samples of its own.
    build : Callable[..., nn.Module]
        Builds the members, as in `Network`; single-task nets by default.

    Raises
    ------
    ValueError
        Fewer than one member.

    Notes
    -----
    Source: Breiman (1996a), *Bagging predictors*; source text 002 §2.3.

    Departures: a sample is drawn with all its labels; a bootstrap that would leave a task without
    label is drawn again; numbers and probabilities are averaged, not votes. Nets are stopped early,
    as in `Averaging`.

    Examples
    --------
    >>> Bagging(3).name
    'Bagging'
    """

    def joined(self, task: Task, answers: Float[np.ndarray, "run seed sample output"]) -> Float[np.ndarray, "seed sample output"]:
        """The mean of numbers, or the logits of the mean probabilities."""
        return pooled(task, answers)

    def learned_from(self, data: Draw) -> Draw:
        """A bootstrap sample for each member."""
        return varied(data, bootstrap_of)


def bootstrap_of(data: TaskData, seed: int, number: int = 0) -> TaskData:
    """Draw as many training samples as there are, with replacement, each with all its labels.

    Parameters
    ----------
    data : TaskData
        Data whose training samples are drawn; validation and test samples stay.
    seed, number : int
        Seed of the data, and number of the net.

    Raises
    ------
    ValueError
        In a thousand draws some task never had a label.
    """
    rng = np.random.default_rng([seed, number, _STREAM])
    for _ in range(_TRIES):
        rows = rng.integers(len(data.train), size=len(data.train))
        if not np.isnan(data.train.y[rows]).all(axis=0).any():
            return replace(data, train=data.train.at(rows))
    n = (~np.isnan(data.train.y)).sum(axis=0)
    raise ValueError(f"`data` must have enough labels per task for a bootstrap to hold some of each; got {n.tolist()}. Label more.")
