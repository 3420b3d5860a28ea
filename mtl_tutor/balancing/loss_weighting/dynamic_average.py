"""Dynamic weight average: more weight to tasks whose loss falls slowly (Liu, Johns & Davison, 2019)."""

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.loss_weighting._base import LossWeighting
from mtl_tutor.checks import check_least, checked

_LONGEST, _COLDEST = 10**6, 0.001  # beyond them, single precision counts and divides no more


@checked
@dataclass(frozen=True)
class DynamicWeightAverage(LossWeighting):
    """Weigh tasks by how slowly their losses have fallen from the epoch before the last one to the last.

    With r_k, a task's mean loss in the last epoch divided by that in the epoch before, the weight of task k is
    ``K * exp(r_k / temperature) / sum_j exp(r_j / temperature)`` for K tasks. In the first two epochs all weights are 1.

    Parameters
    ----------
    every : int
        Steps of an epoch: with mini-batches, as many as there are batches in the training samples.
    temperature : float
        The larger, the more equal the weights.

    Raises
    ------
    ValueError, TypeError
        `every` is no whole number from 1 to a million, or the temperature is no finite number of at least 0.001.

    Notes
    -----
    Only the ratios count, not the units. But a task counts as slow also if it cannot be learned, or is learned already.

    Source: Liu, Johns & Davison (2019), *End-to-end multi-task learning with attention*, equation 7, with their temperature
    of 2. Departures: a task without a label in a whole epoch keeps the mean of the epoch before, and counts as one whose loss
    stayed until two epochs are known.

    Examples
    --------
    The first loss stays, the second halves at every step, which is an epoch here.

    >>> method, state = DynamicWeightAverage(), DynamicWeightAverage().start(2)
    >>> for losses in ([1.0, 1.0], [1.0, 0.5], [1.0, 0.25]):
    ...     weights, state = method.weigh(torch.tensor(losses), state, torch.zeros(0))
    >>> weights
    tensor([1.1244, 0.8756])
    """

    every: int = 1
    temperature: float = 2.0

    def __post_init__(self) -> None:
        check_least("every", self.every)
        if self.every > _LONGEST:
            raise ValueError(f"`every` must be at most {_LONGEST}; got {self.every}. It is a number of steps.")
        if not self.temperature >= _COLDEST:
            raise ValueError(f"`temperature` must be at least {_COLDEST} and finite; got {self.temperature}. The paper takes 2.")

    def start(self, n_tasks: int) -> State:
        """Return the means of the last two epochs, the sum and the number of this one's losses, and the number of steps."""
        unknown, nothing = torch.full((n_tasks,), float("nan")), torch.zeros(n_tasks)
        return unknown, unknown, nothing, nothing, torch.zeros(())

    def weigh(self, losses: Float[Tensor, "task"], state: Any, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Weigh by the last two epochs' means, then add the losses to this epoch's."""
        before, last, total, known, step = state
        ratio = (last / before.clamp(min=torch.finfo(before.dtype).tiny)).nan_to_num(1.0)  # of an unknown loss: it stayed
        weights = len(losses) * (ratio / self.temperature).softmax(0)
        there = ~losses.isnan()
        total, known, step = total + losses.where(there, 0), known + there, step + 1
        ends = step % self.every == 0
        mean = torch.where(known > 0, total / known.clamp(min=1), last)
        before, last = before.where(~ends, last), last.where(~ends, mean)
        return weights, (before, last, total.where(~ends, 0), known.where(~ends, 0), step)
