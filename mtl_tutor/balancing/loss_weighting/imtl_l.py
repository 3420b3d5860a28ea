"""IMTL-L: learned scales that make all losses alike (Liu et al., 2021)."""

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
class IMTLL(LossWeighting):
    """Learn one scale per task, so that all scaled losses become 1.

    With a number s per task, the net and all s descend ``sum_k (exp(s_k) L_k - s_k)``, which is lowest in s at
    ``exp(s_k) = 1 / L_k``. So it follows the sum of the losses' logarithms, with a delay.

    Parameters
    ----------
    lr : float
        Learning rate of the scales, which Adam changes.

    Raises
    ------
    ValueError, TypeError
        A learning rate that is not positive and finite.

    Notes
    -----
    Losses must be positive: with a negative one, s grows without end.

    Source: Liu et al. (2021), *Towards impartial multi-task learning* (its loss balance; `IMTLG` is its gradient balance).
    Departures: the scales start at 1 and have an Adam of their own. A task without a label in the batch keeps its s.

    Examples
    --------
    >>> method = IMTLL(lr=0.1)
    >>> method.weigh(torch.tensor([4.0, 0.1]), method.start(2), torch.zeros(0))[1][0]
    tensor([-0.1000,  0.1000])
    """

    lr: float = 0.01

    def __post_init__(self) -> None:
        if not self.lr > 0:
            raise ValueError(f"`lr` must be positive and finite; got {self.lr}. It is the learning rate of the scales.")

    def start(self, n_tasks: int) -> State:
        """Return scales of 1 (their logarithm), and Adam's memory."""
        return torch.zeros(n_tasks), *start_adam(n_tasks)

    def weigh(self, losses: Float[Tensor, "task"], state: Any, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Weigh by exp(s), and move s by one step of Adam."""
        scale, *memory = state
        weights = torch.exp(scale)
        step, memory = adam(weights * losses - 1, tuple(memory), self.lr, ~losses.isnan())
        return weights, (scale - step, *memory)
