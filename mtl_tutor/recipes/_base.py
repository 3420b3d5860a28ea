"""What every recipe has to do, and what all contestants of a comparison have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.balancing import EqualWeighting, GradientSurgery, LossWeighting
from mtl_tutor.sharing import Cost
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import SGD, Adam

Draw = TaskData | Callable[[int], TaskData]
"""What is learned from: one data set for all seeds, or a function from a seed to that seed's own."""


@dataclass(frozen=True)
class Plan:
    """What all contestants have in common.

    Attributes
    ----------
    n_hidden : tuple[int, ...]
        Widths of the hidden layers, before a budget changes them.
    parameters : int | None
        How many numbers a network may store; None lets every network have `n_hidden`.
    steps : int
        Of each training, as in `train`.
    optimizer : Adam | SGD
        Of each training, as in `train`.
    batch_size : int | None
        Of each training, as in `train`.
    weight_decay : float
        Of each training, as in `train`.
    rates : tuple[float, ...]
        The learning rates that are tried.
    method : LossWeighting | GradientSurgery
        How one update is made from the tasks' losses.
    """

    n_hidden: tuple[int, ...] = (32,)
    parameters: int | None = None
    steps: int = 300
    rates: tuple[float, ...] = (0.001, 0.003, 0.01, 0.03, 0.1)
    method: LossWeighting | GradientSurgery = EqualWeighting()  # noqa: RUF009 (frozen, as its class is)
    optimizer: Adam | SGD = Adam()  # noqa: RUF009
    batch_size: int | None = None
    weight_decay: float = 0.0

    @property
    def eval_every(self) -> int:
        """Steps between looks at the validation samples: some twenty-five looks per training."""
        return max(1, self.steps // 25)


@dataclass(frozen=True, eq=False)
class Outcome:
    """How a contestant did: one row per seed; not finite where its training diverged.

    Attributes
    ----------
    validation : Float[np.ndarray, "seed task"]
        Each task's loss on the validation samples, by which settings are chosen.
    test : Float[np.ndarray, "seed task"]
        Each task's error on the test samples: mean squared error, or the share of wrong answers.
    """

    validation: Float[np.ndarray, "seed task"]
    test: Float[np.ndarray, "seed task"]


class Recipe(ABC):
    """Say how answers for several tasks come about: which trainings, in which order, and what is done with them."""

    @abstractmethod
    def settings(self, plan: Plan) -> tuple[float, ...]:
        """The values of its one knob that are tried: learning rates, or strengths of a penalty."""

    @abstractmethod
    def run(self, data: Draw, seeds: Sequence[int], settings: Sequence[float], plan: Plan) -> Outcome:
        """Train and judge one row per seed and setting: both lists have the same length, and a seed may come more than once."""

    @abstractmethod
    def cost(self, data: TaskData, plan: Plan) -> Cost:
        """What the finished thing stores, and what it calculates for the answers to one sample."""

    def is_separate(self, data: TaskData, plan: Plan) -> bool:
        """Whether no task hears of another, so that each task's setting may be chosen by itself."""
        return False

    @property
    def name(self) -> str:
        """What a table calls it."""
        return type(self).__name__


def data_of(data: Draw, seed: int) -> TaskData:
    """One seed's data."""
    return data if isinstance(data, TaskData) else data(seed)
