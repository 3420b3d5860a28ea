"""Dynamic task priority: hard tasks first (Guo et al., 2018)."""

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.loss_weighting._base import LossWeighting
from mtl_tutor.checks import checked


@checked
@dataclass(frozen=True)
class DynamicTaskPriority(LossWeighting):
    """Weigh a task the more, the worse it is done: ``-(1 - k) ** gamma * log k`` for its performance k between 0 and 1.

    The performance is a running mean of ``exp(-loss)``: for a cross-entropy, the (geometric) mean probability of the right class.

    Parameters
    ----------
    gamma : float
        How much more than in proportion hard tasks count, from 0 to 10.
    decay : float
        How much of the way to the present performance the running mean goes at each step, above 0 and at most 1.

    Raises
    ------
    ValueError, TypeError
        A gamma or decay out of range.

    Notes
    -----
    Units count: a squared error in a small unit makes its task look hopeless. Divide losses first. They must not be negative:
    a negative one counts as 0, and a loss of 0 has the weight 0.

    Source: Guo et al. (2018), *Dynamic task prioritization for multitask learning*. Departures: performance comes from the
    loss, where the paper takes accuracy or average precision; no focal loss within a task. A task without a label in the batch keeps
    its performance.

    Examples
    --------
    >>> method = DynamicTaskPriority(decay=1.0)
    >>> method.weigh(torch.tensor([0.1, 1.0]), method.start(2), torch.zeros(0))[0]
    tensor([0.0095, 0.6321])
    """

    gamma: float = 1.0
    decay: float = 0.1

    def __post_init__(self) -> None:
        if not 0 <= self.gamma <= 10:
            raise ValueError(f"`gamma` must lie in [0, 10]; got {self.gamma}.")
        if not 0 < self.decay <= 1:
            raise ValueError(f"`decay` must be above 0 and at most 1; got {self.decay}.")

    def start(self, n_tasks: int) -> State:
        """Return unknown performances."""
        return (torch.full((n_tasks,), float("nan")),)

    def weigh(self, losses: Float[Tensor, "task"], state: Any, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Move the running means, and weigh by them."""
        (usual,) = state
        now = torch.exp(-losses.clamp(min=0))
        moved = torch.where(usual.isnan(), now, usual + self.decay * (now - usual))
        usual = torch.where(losses.isnan(), usual, moved)
        performance = usual.nan_to_num(1.0).clamp(1e-6, 1)
        return -((1 - performance) ** self.gamma) * performance.log(), (usual,)
