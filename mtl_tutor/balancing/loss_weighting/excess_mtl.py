"""ExcessMTL: weight by what is still to be learned, not by noise (He et al., 2024)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import HybridBalancing, State
from mtl_tutor.balancing.loss_weighting._total import same_total
from mtl_tutor.checks import checked

_MOST = 30  # times the first excess


@checked
@dataclass(frozen=True)
class ExcessMTL(HybridBalancing):
    """Raise the weight of tasks that are far from their own minimum, however large their loss is there.

    The distance (excess risk) is estimated from the gradient alone: ``g' diag(s)^(-1/2) g`` with the sum s of all squared
    gradients so far. Weights are multiplied by ``exp(lr * excess / first excess)`` and scaled to sum to the number of tasks.

    Parameters
    ----------
    lr : float
        How fast the weights change, above 0 and at most 10.

    Raises
    ------
    ValueError, TypeError
        A learning rate out of range.

    Notes
    -----
    A task with noisy labels has a large loss that no training lowers; its gradient is small in the end, so is its excess.

    Losses may be negative: only whether a task has one is asked.

    Source: He et al. (2024), *Robust multi-task learning with excess risks*. Departures: an excess above 30 times the first one
    counts as 30 times. A task without a label in the batch keeps its weight and its sum of squares.

    Examples
    --------
    >>> method = ExcessMTL(lr=1.0)
    >>> jacobian, state = torch.eye(2), method.start_for(2, (2,))
    >>> for size in (1.0, 0.5):
    ...     *_, state = method.balance(torch.ones(2), torch.tensor([[1.0, 0.0], [0.0, size]]), state, torch.zeros(0))
    >>> bool(state[0][0] > state[0][1])
    True
    """

    lr: float = 0.01

    def __post_init__(self) -> None:
        if not 0 < self.lr <= 10:
            raise ValueError(f"`lr` must be above 0 and at most 10; got {self.lr}. The default is 0.01.")

    def start_for(self, n_tasks: int, layers: Sequence[int]) -> State:
        """Return weights of 1, unknown first excesses, and sums of squares of zero."""
        return torch.ones(n_tasks), torch.full((n_tasks,), float("nan")), torch.zeros(n_tasks, sum(layers))

    def balance(
        self, losses: Float[Tensor, "task"], jacobian: Float[Tensor, "task param"], state: Any, noise: Tensor
    ) -> tuple[Float[Tensor, "param"], Float[Tensor, "task"], State]:
        """Estimate each task's excess, and weigh by it."""
        weights, first, squares = state
        there = ~losses.isnan()
        squares = squares + jacobian**2
        excess = (jacobian**2 / (squares + 1e-7).sqrt()).sum(1)
        first = torch.where(first.isnan() & there, excess, first)
        ratio = torch.where(there, (excess / first.clamp(min=1e-12)).clamp(max=_MOST), -torch.inf)
        above = torch.where(there, ratio - ratio.amax(), 0)  # the largest factor is 1: none overflows
        weights = same_total(weights * torch.exp(self.lr * above), weights, there)
        used = torch.where(there, weights, 0)
        return used @ jacobian, used, (weights, first, squares)
