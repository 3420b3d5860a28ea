"""Adam for what a weighting learns beside the net: a few numbers per task."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8

Memory = tuple[Tensor, Tensor, Tensor]
"""Adam's mean and mean square, one per task, and its number of steps."""


def start_adam(n_tasks: int) -> Memory:
    """Return the memory before the first step."""
    return torch.zeros(n_tasks), torch.zeros(n_tasks), torch.zeros(())


def adam(
    slope: Float[Tensor, "task"], memory: Memory, lr: float, moves: Bool[Tensor, "task"] | None = None
) -> tuple[Float[Tensor, "task"], Memory]:
    """Return what is to be subtracted, and the next memory; tasks that don't move keep theirs."""
    mean, square, count = memory
    count = count + (1 if moves is None else moves.any())
    new = _BETA1 * mean + (1 - _BETA1) * slope, _BETA2 * square + (1 - _BETA2) * slope**2
    if moves is not None:
        new = torch.where(moves, new[0], mean), torch.where(moves, new[1], square)
    size = (new[1] / (1 - _BETA2**count)).sqrt() + _EPSILON
    step = lr * new[0] / (1 - _BETA1**count) / size
    return (step if moves is None else torch.where(moves, step, 0)), (*new, count)
