"""Weights that sum to the number of tasks, also where some task has no label."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def same_total(moved: Float[Tensor, "task"], weights: Float[Tensor, "task"], there: Bool[Tensor, "task"]) -> Float[Tensor, "task"]:
    """Scale the moved weights of the tasks that are there, so that all sum to the number of tasks; the others keep theirs."""
    moved = torch.where(there, moved, 0)
    left = len(weights) - torch.where(there, 0, weights).sum()
    return torch.where(there, moved * (left / moved.sum().clamp(min=torch.finfo(moved.dtype).tiny)), weights)
