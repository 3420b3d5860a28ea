"""The base class of recipes, and the settings that all contestants of a comparison share."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.balancing import Balancing, EqualWeighting
from mtl_tutor.checks import checked, shown
from mtl_tutor.sharing import Cost
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import SGD, Adam

Draw = TaskData | Callable[[int], TaskData]
"""What is learned from: one data set for all seeds, or a function from a seed to that seed's own."""


@checked
@dataclass(frozen=True)
class TrainingConfig:
    """Settings that all contestants of a comparison share.

    Attributes
    ----------
    n_hidden : tuple[int, ...]
        Widths of the hidden layers, before a budget of parameters changes them.
    parameters : int | None
        Largest number of parameters of a network; None leaves every network at `n_hidden`.
    steps : int
        Of each training, as in `train`.
    optimizer : Adam | SGD
        Of each training, as in `train`.
    batch_size : int | None
        Of each training, as in `train`.
    weight_decay : float
        Of each training, as in `train`.
    rates : tuple[float, ...]
        Learning rates to try.
    method : Balancing
        How an update is computed from the tasks' losses.
    """

    n_hidden: tuple[int, ...] = (32,)
    parameters: int | None = None
    steps: int = 300
    rates: tuple[float, ...] = (0.001, 0.003, 0.01, 0.03, 0.1)
    method: Balancing = EqualWeighting()  # noqa: RUF009 (frozen, as its class is)
    optimizer: Adam | SGD = Adam()  # noqa: RUF009
    batch_size: int | None = None
    weight_decay: float = 0.0

    @property
    def eval_every(self) -> int:
        """Steps between evaluations on the validation samples, some twenty-five per training."""
        return max(1, self.steps // 25)


@checked
@dataclass(frozen=True, eq=False)
class Scores:
    """Losses and errors of a contestant, one row per seed; not finite where training diverged.

    Attributes
    ----------
    validation : Float[np.ndarray, "seed task"]
        Each task's loss on the validation samples, by which settings are chosen.
    test : Float[np.ndarray, "seed task"]
        Each task's error on the test samples: mean squared error, or the error rate.
    """

    validation: Float[np.ndarray, "seed task"]
    test: Float[np.ndarray, "seed task"]


class Recipe(ABC):
    """Base class: a way to train or fit predictions of several tasks."""

    @abstractmethod
    def settings(self, plan: TrainingConfig) -> tuple[float, ...]:
        """The values of its one tuned setting to try: learning rates, or strengths of a penalty."""

    @abstractmethod
    def run(self, data: Draw, seeds: Sequence[int], settings: Sequence[float], plan: TrainingConfig) -> Scores:
        """Train and evaluate one row per pair of seed and setting.

        Both lists have the same length, and a seed may occur more than once.
        """

    @abstractmethod
    def cost(self, data: TaskData, plan: TrainingConfig) -> Cost:
        """Parameters of the result, and its multiply-adds for one sample."""

    def is_separate(self, data: TaskData, plan: TrainingConfig) -> bool:
        """Whether the tasks share nothing, so that each task's setting may be chosen by itself."""
        return False

    @property
    def name(self) -> str:
        """Name in a table."""
        return type(self).__name__


def data_of(data: Draw, seed: int) -> TaskData:
    """The data of one seed."""
    found = data if isinstance(data, TaskData | type) else data(seed)
    if not isinstance(found, TaskData):
        raise TypeError(f"`data` must be a TaskData, or a function from a seed to one; got {shown(found)}.")
    return found


def check_rows(seeds: Sequence[int], settings: Sequence[float]) -> None:
    """Require one setting for each of some seeds."""
    if not len(seeds) or len(seeds) != len(settings):
        raise ValueError(f"`settings` must have an entry for each of `seeds`; got {len(settings)} and {len(seeds)}.")
