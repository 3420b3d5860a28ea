"""Average the predictions of several nets."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import checked
from mtl_tutor.recipes._ensembles import Ensemble, pooled
from mtl_tutor.tasks import Task


@checked
@dataclass(frozen=True)
class Averaging(Ensemble):
    """An ensemble: the mean of several nets' numbers, or of their class probabilities.

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
    Source: Hansen & Salamon (1990), *Neural network ensembles*; Lakshminarayanan et al. (2017) for
    the mean of probabilities.

    Source text 002 §2.3 calls it a structure of multi-task learning.:

    Departures: each task's nets are stopped early, at an eighth, a quarter, half or the whole of
    their steps.

    Examples
    --------
    >>> Averaging(3).name
    'Averaging'
    """

    def joined(self, task: Task, answers: Float[np.ndarray, "run seed sample output"]) -> Float[np.ndarray, "seed sample output"]:
        """The mean of numbers, or the logits of the mean probabilities."""
        return pooled(task, answers)
