"""Adam for what a weighting learns beside the net: a few numbers per task."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8

Memory = tuple[Tensor, Tensor, Tensor]
"""Adam's mean, mean square and number of steps, each one per task."""


def start_adam(n_tasks: int) -> Memory:
    """Return the memory before the first step."""
    return torch.zeros(n_tasks), torch.zeros(n_tasks), torch.zeros(n_tasks)


def adam(slope: Float[Tensor, "task"], memory: Memory, lr: float, moves: Bool[Tensor, "task"]) -> tuple[Float[Tensor, "task"], Memory]:
    """Return what is to be subtracted, and the next memory; a task that doesn't move keeps its own."""
    mean, square, count = memory
    mean = torch.where(moves, _BETA1 * mean + (1 - _BETA1) * slope, mean)
    square = torch.where(moves, _BETA2 * square + (1 - _BETA2) * slope**2, square)
    count = count + moves
    steps = count.clamp(min=1)  # before a task's first step there is nothing to correct
    size = (square / (1 - _BETA2**steps)).sqrt() + _EPSILON
    step = lr * mean / (1 - _BETA1**steps) / size
    return torch.where(moves, step, 0), (mean, square, count)
