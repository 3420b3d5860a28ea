"""Uncertainty weighting: weights from learned noise variances (Kendall, Gal & Cipolla, 2018)."""

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
class UncertaintyWeighting(LossWeighting):
    """Learn one noise variance per task, and weigh each task loss by the inverse of its variance.

    With the log-variance s = log σ² of each task, the network and all s descend together::

        sum over regressions      of  exp(-s) / 2 * loss + s / 2      (loss: mean squared error)
        sum over classifications  of  exp(-s)     * loss + s / 2      (loss: cross-entropy in nats)

    Parameters
    ----------
    kinds : tuple of str
        "regression" or "classification", one per task ("binary" and "multiclass" count as the latter). If
        empty, every task is weighed as a regression.
    lr : float
        Learning rate of the log-variances, which Adam changes.

    Raises
    ------
    ValueError, TypeError
        An unknown kind, a learning rate that is not positive and finite, or, in training, another number of tasks.

    Notes
    -----
    Source: Kendall, Gal & Cipolla (2018), *Multi-task learning using uncertainty to weigh losses*, equations
    7 and 10, with log-variances as in their section 3.2 for numerical stability. Departures: the log-variances
    start at 0 and have an Adam of their own, with their own learning rate, which no schedule changes; with Adam,
    no weight decay and the network's learning rate this equals one optimiser over both. A task without a label
    in the batch keeps its s.

    Examples
    --------
    >>> method = UncertaintyWeighting(("regression", "classification"), lr=0.1)
    >>> weights, state = method.weigh(torch.tensor([4.0, 0.1]), method.start(2), torch.zeros(0))
    >>> weights, state[0]
    (tensor([0.5000, 1.0000]), tensor([ 0.1000, -0.1000]))
    """

    kinds: tuple[str, ...] = ()
    lr: float = 0.01

    def __post_init__(self) -> None:
        if unknown := set(self.kinds) - {"regression", "classification", "binary", "multiclass"}:
            raise ValueError(f"`kinds` must be 'regression' or 'classification'; got {sorted(unknown)[0]!r}. Name one kind per task.")
        if not self.lr > 0:
            raise ValueError(f"`lr` must be positive and finite; got {self.lr}. It is the learning rate of the log-variances.")

    def start(self, n_tasks: int) -> State:
        """Return log-variances 0, and Adam's mean, mean square and number of steps."""
        if self.kinds and len(self.kinds) != n_tasks:
            raise ValueError(f"`kinds` must name one kind per task, {n_tasks}; got {len(self.kinds)}. Leave it out for regressions.")
        return torch.zeros(n_tasks), *start_adam(n_tasks)

    def weigh(self, losses: Float[Tensor, "task"], state: Any, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Weigh by exp(-s) / 2 or exp(-s), and move s by one step of Adam."""
        log_variance, *memory = state
        factor = losses.new_tensor([0.5 if kind == "regression" else 1.0 for kind in self.kinds or ["regression"] * len(losses)])
        weights = factor * torch.exp(-log_variance)
        step, memory = adam(0.5 - weights * losses, tuple(memory), self.lr, ~losses.isnan())
        return weights, (log_variance - step, *memory)
