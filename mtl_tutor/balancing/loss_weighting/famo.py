"""FAMO: equal relative progress, without a backward pass per task (Liu et al., 2023)."""

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.loss_weighting._adam import adam, start_adam
from mtl_tutor.balancing.loss_weighting._base import LossWeighting
from mtl_tutor.checks import checked


@checked
@dataclass(frozen=True)
class FAMO(LossWeighting):
    """Give more weight to the tasks whose losses' logarithms fall least, learned from the losses alone.

    With a softmax z of learned numbers, the net descends ``sum_k z_k log L_k``, scaled so that the weights ``z_k / L_k`` sum to 1.
    After the step, the numbers of tasks move by how much less than others their ``log L_k`` fell.

    Parameters
    ----------
    lr : float
        Learning rate of the numbers behind the softmax, which Adam changes.
    decay : float
        How strongly these numbers are pulled back to zero, zero or more.

    Raises
    ------
    ValueError, TypeError
        A learning rate that is not positive and finite, or a decay out of [0, 1].

    Notes
    -----
    Losses must be positive; one below 1e-8 counts as 1e-8.

    Source: Liu et al. (2023), *FAMO: fast adaptive multitask optimization*, Algorithm 1. Departures: the losses after a step are
    those of the next step, which on full batches are the same ones; on mini-batches another batch's, which is noisier. Nothing is
    subtracted from losses before their logarithm. A task without a label in the batch keeps its number; when it has one again,
    its fall since the last one counts per step.

    Examples
    --------
    The first task's loss stays, the second one's halves; the first one's weight grows.

    >>> method, state = FAMO(lr=0.1), FAMO().start(2)
    >>> for losses in ([1.0, 1.0], [1.0, 0.5]):
    ...     weights, state = method.weigh(torch.tensor(losses), state, torch.zeros(0))
    >>> state[0]
    tensor([ 0.1000, -0.1000])
    """

    lr: float = 0.025
    decay: float = 0.001

    def __post_init__(self) -> None:
        if not self.lr > 0:
            raise ValueError(f"`lr` must be positive and finite; got {self.lr}. The paper takes 0.025.")
        if not 0 <= self.decay <= 1:
            raise ValueError(f"`decay` must lie in [0, 1]; got {self.decay}. The paper takes 0.001.")

    def start(self, n_tasks: int) -> State:
        """Return equal numbers, unknown last losses and their steps, the present step, and Adam's memory."""
        unknown = torch.full((n_tasks,), float("nan"))
        return torch.zeros(n_tasks), unknown, torch.zeros(n_tasks), torch.zeros(()), *start_adam(n_tasks)

    def weigh(self, losses: Float[Tensor, "task"], state: Any, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Learn from what the last step did to the losses, then weigh."""
        numbers, before, seen, step, *memory = state
        there, tiny = ~losses.isnan(), torch.finfo(losses.dtype).tiny
        now = losses.clamp(min=1e-8).log()
        known = there & ~before.isnan()
        fallen = torch.where(known, (before - now) / (step - seen).clamp(min=1), 0)
        share = torch.where(known, (numbers - numbers.amax()).exp(), 0)
        share = share / share.sum().clamp(min=tiny)
        slope = share * (fallen - (share * fallen).sum()) + self.decay * numbers
        moved, memory = adam(slope, tuple(memory), self.lr, known)
        numbers = numbers - moved
        weights = torch.where(there, numbers.softmax(0) / losses.clamp(min=1e-8), 0)
        last = torch.where(there, now, before), torch.where(there, step, seen)
        return weights / weights.sum().clamp(min=tiny), (numbers, *last, step + 1, *memory)
