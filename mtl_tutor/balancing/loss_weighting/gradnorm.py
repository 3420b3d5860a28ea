"""GradNorm: gradients of one length, up to how fast tasks train (Chen et al., 2018)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import HybridBalancing, State
from mtl_tutor.balancing.loss_weighting._adam import adam, start_adam
from mtl_tutor.balancing.loss_weighting._total import same_total
from mtl_tutor.checks import checked

_LEAST, _MOST = 0.001, 1e6  # of a weight; of a loss in units of its first one


@checked
@dataclass(frozen=True)
class GradNorm(HybridBalancing):
    """Learn weights that bring the tasks' weighted gradients to one length, longer for tasks that train slowly.

    With the length G_k of the weighted gradient ``w_k grad L_k`` at the last shared layer, and the rate r_k, a task's loss in
    units of its first one, divided by the mean over tasks, the weights descend ``sum_k |G_k - mean(G) r_k ** alpha|``, where
    the target is held fixed, and are scaled to sum to the number of tasks.

    Parameters
    ----------
    alpha : float
        How much more a slowly training task is pulled, from 0 to 10.
    lr : float
        Learning rate of the weights, which Adam changes.

    Raises
    ------
    ValueError, TypeError
        An alpha or learning rate out of range.

    Notes
    -----
    Losses must be positive; from a million times its first one on, a loss counts as a million times.

    Source: Chen et al. (2018), *GradNorm: gradient normalization for adaptive loss balancing*, Algorithm 1, with its alpha of
    1.5. Departures: the first losses are those of the first batch in which a task has a label; before weights are scaled, those
    below 0.001 are set to it. A task without a label in the batch keeps its weight and is left out of both means.

    Examples
    --------
    A long and a short gradient: the weight of the first falls.

    >>> method = GradNorm(lr=0.1)
    >>> jacobian = torch.tensor([[3.0, 0.0], [0.0, 1.0]])
    >>> *_, state = method.balance(torch.ones(2), jacobian, method.start_for(2, (2,)), torch.zeros(0))
    >>> state[0]
    tensor([0.9000, 1.1000])
    """

    alpha: float = 1.5
    lr: float = 0.025

    def __post_init__(self) -> None:
        if not 0 <= self.alpha <= 10:
            raise ValueError(f"`alpha` must lie in [0, 10]; got {self.alpha}. The paper takes 0.12 to 1.5.")
        if not self.lr > 0:
            raise ValueError(f"`lr` must be positive and finite; got {self.lr}. The paper takes 0.025.")

    def start_for(self, n_tasks: int, layers: Sequence[int]) -> State:
        """Return weights of 1, unknown first losses, where the last shared layer is, and Adam's memory."""
        last = torch.zeros(sum(layers))
        last[sum(layers[:-1]) :] = 1
        return torch.ones(n_tasks), torch.full((n_tasks,), float("nan")), last, *start_adam(n_tasks)

    def balance(
        self, losses: Float[Tensor, "task"], jacobian: Float[Tensor, "task param"], state: Any, noise: Tensor
    ) -> tuple[Float[Tensor, "param"], Float[Tensor, "task"], State]:
        """Descend by the present weights, and move them by one step of Adam."""
        weights, first, last, *memory = state
        there, tiny = ~losses.isnan(), torch.finfo(losses.dtype).tiny
        first = torch.where(first.isnan(), losses, first)
        n_there = there.sum().clamp(min=1)
        length = (jacobian * last).norm(dim=1)
        rate = torch.where(there, (losses / first.clamp(min=tiny)).clamp(0, _MOST), 0)
        rate = rate / (rate.sum() / n_there).clamp(min=tiny)
        weighted = torch.where(there, weights * length, 0)
        target = weighted.sum() / n_there * rate**self.alpha
        slope = torch.where(there, (weighted - target).sign() * length, 0)
        step, memory = adam(slope, tuple(memory), self.lr, there)
        moved = same_total((weights - step).clamp(min=_LEAST), weights, there)
        used = torch.where(there, weights, 0)
        return used @ jacobian, used, (moved, first, last, *memory)
