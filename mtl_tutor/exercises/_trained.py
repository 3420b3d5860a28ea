"""What checkers that train have in common: a reader's numbers as tensors, and gradient steps on a reader's loss."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from mtl_tutor.checks import shown
from mtl_tutor.exercises._answers import NotYetError
from mtl_tutor.tasks import Samples

Split = tuple[Tensor, Tensor]
"""Inputs [seed sample feature] and labels [seed sample task]."""


def tensor_of(found: object, shape: tuple[int, ...], what: str) -> Tensor:
    """What a reader's function returned, as a finite tensor of this shape; a NotYetError says what else it is."""
    try:
        if isinstance(found, (list, tuple)) and all(isinstance(one, Tensor) for one in found):
            found = torch.stack(list(found))
        tensor = found.to_dense() if isinstance(found, Tensor) else torch.as_tensor(np.asarray(found))
        tensor = tensor.float() if tensor.dtype.is_floating_point or tensor.dtype in (torch.int64, torch.int32, torch.bool) else None
    except Exception:
        tensor = None
    if tensor is None or tuple(tensor.shape) != shape:
        raise NotYetError(f"return {what}, an array of shape {shape}; got {shown(found)}.")
    if not tensor.isfinite().all():
        raise NotYetError(f"return {what} without NaN and infinity.")
    return tensor


def penalty_of(found: object) -> Tensor:
    """What a reader's penalty returned: one finite number that torch can differentiate."""
    if not isinstance(found, Tensor) or found.numel() != 1 or not found.dtype.is_floating_point:
        raise NotYetError(f"your penalty should return one number, calculated in torch; got {shown(found)}.")
    if not found.requires_grad:
        raise NotYetError("the number that you return doesn't depend on the weights, or torch can't follow how. Don't detach them.")
    if not found.isfinite().all():
        raise NotYetError("your penalty should be a finite number, also where weights are equal or zero.")
    return found.reshape(()).float()


def descend(loss_of: Callable[[], Tensor], optimizer: torch.optim.Optimizer, steps: int) -> None:
    """Gradient steps on a loss that a reader had a hand in."""
    for _ in range(steps):
        loss = loss_of()
        optimizer.zero_grad()
        try:
            loss.backward()
        except RuntimeError as error:
            raise NotYetError(f"torch can't differentiate what you wrote: {' '.join(str(error).split())[:120]}") from error
        optimizer.step()


def stacked(samples: Sequence[Samples]) -> Split:
    """Inputs and labels of one split of several draws."""
    x, y = (np.stack([getattr(one, name) for one in samples]) for name in ("x", "y"))
    return torch.from_numpy(x).float(), torch.from_numpy(y).float()


def drawn(generator: torch.Generator, *shape: int, fan_in: int) -> Tensor:
    """First weights, uniform and of torch's usual size for so many inputs."""
    return (2 * torch.rand(*shape, generator=generator) - 1) / fan_in**0.5
