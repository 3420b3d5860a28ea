"""Average what several nets answer."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.recipes._ensembles import Ensemble, pooled
from mtl_tutor.tasks import Task


@dataclass(frozen=True)
class Averaging(Ensemble):
    """Average several nets' numbers, or their probabilities of a class, so that their accidents
    cancel.

    An ensemble shares no parameters: a task gains from more nets for itself, not from other tasks,
    unless the members themselves share. It stores and calculates, and takes to train, `n_members`
    times as much as one of them.

    Attributes
    ----------
    n_members : int
        Nets per seed, which differ in their first weights and their order of samples. The first has
        the seed itself.
    build : Callable[..., nn.Module]
        What the members are, as in `Network`: single-task nets, unless told otherwise.

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
