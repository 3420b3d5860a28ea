"""Standardised data, seed by seed, and the units of their errors."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.recipes import Draw
from mtl_tutor.recipes._base import data_of
from mtl_tutor.tasks import TaskData
from mtl_tutor.training.checks import first_of

HELD_OUT = 0.25  # the share of a table that is for the test, and of the rest that is for validation


@dataclass(frozen=True)
class Source:
    """Standardised data, seed by seed.

    Attributes
    ----------
    data : Draw
        What the reader gave, with its test samples held out.
    varies : str
        What differs between seeds, apart from the first weights.
    """

    data: Draw
    varies: str

    @property
    def draw(self) -> Draw:
        """One data set for all seeds, or a function from a seed to its data."""
        return self.data.scaled()[0] if isinstance(self.data, TaskData) else self

    def __call__(self, seed: int) -> TaskData:
        return data_of(self.data, seed).scaled()[0]

    def units(self, seed: int) -> Float[np.ndarray, "task"]:
        """The labels' units per standardised unit of error."""
        data, scaling = data_of(self.data, seed).scaled()
        return scaling.undo_errors(np.ones(len(data.tasks)))


@dataclass(frozen=True)
class _Redrawn:
    """A table whose test samples are fixed, and whose other samples are split anew for every seed."""

    data: TaskData

    def __call__(self, seed: int) -> TaskData:
        return self.data.redraw(seed=seed, validation=HELD_OUT)


def source_of(data: Draw) -> Source:
    """Hold out test samples where there are none, and say what differs between seeds."""
    if not isinstance(data, TaskData):
        first_of(data, 0).check_classes()
        return Source(data, "the draw of the data")
    data = data if data.test else data.split(test=HELD_OUT, validation=0)
    data.check_classes()
    if data.validation:
        return Source(data, "")
    return Source(_Redrawn(data), "which samples are for training and which for validation; the test samples are the same for all")
