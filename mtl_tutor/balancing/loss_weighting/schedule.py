"""Weights that change with the step, as planned."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.loss_weighting._base import LossWeighting
from mtl_tutor.checks import check_least, checked


@checked
@dataclass(frozen=True)
class WeightSchedule(LossWeighting):
    """Go from one set of fixed weights to another over the first steps, then stay there.

    Parameters
    ----------
    first, last : tuple of float
        One weight per task, zero or more: at the first step, and from step `steps` on.
    steps : int
        How many steps the way takes.
    shape : "linear" or "cosine"
        A straight way, or one that starts and ends slowly.

    Raises
    ------
    ValueError, TypeError
        Weights below zero, all zero, or of different numbers of tasks; no steps.

    Notes
    -----
    An auxiliary task may matter first and be faded out, or the other way round.

    Source: a common practice without one. Departures: none.

    Examples
    --------
    >>> method, state = WeightSchedule((1.0, 1.0), (1.0, 0.0), steps=4), (torch.tensor(2.0),)
    >>> method.weigh(torch.ones(2), state, torch.zeros(0))
    (tensor([1.0000, 0.5000]), (tensor(3.),))
    """

    first: tuple[float, ...]
    last: tuple[float, ...]
    steps: int = 100
    shape: Literal["linear", "cosine"] = "linear"

    def __post_init__(self) -> None:
        check_least("steps", self.steps)
        for name in ("first", "last"):
            weights = tuple(float(weight) for weight in getattr(self, name))
            object.__setattr__(self, name, weights)
            if not any(weights) or min(weights) < 0:
                raise ValueError(f"`{name}` must be zero or more, not all zero; got {weights}. Give one weight per task.")
        if len(self.first) != len(self.last):
            raise ValueError(f"`last` must have as many weights as `first`, {len(self.first)}; got {len(self.last)}.")

    def start(self, n_tasks: int) -> State:
        """Return step 0."""
        if len(self.first) != n_tasks:
            raise ValueError(f"`first` must have one weight per task, {n_tasks}; got {len(self.first)}.")
        return (torch.zeros(()),)

    def weigh(self, losses: Float[Tensor, "task"], state: Any, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Return the weights of this step, and count it."""
        (step,) = state
        way = (step / self.steps).clamp(max=1)
        way = (1 - torch.cos(math.pi * way)) / 2 if self.shape == "cosine" else way
        first, last = losses.new_tensor(self.first), losses.new_tensor(self.last)
        return first + (last - first) * way, (step + 1,)
