"""What checkers that train have in common: a reader's numbers as tensors, and gradient steps on a reader's loss."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from mtl_tutor.exercises._answers import NotYetError, asked, shown
from mtl_tutor.tasks import Samples
from mtl_tutor.training import Adam

_ADAM = Adam()
Split = tuple[Tensor, Tensor]
"""Inputs [seed sample feature] and labels [seed sample task]."""


def tensor_of(found: object, shape: tuple[int, ...], what: str) -> Tensor:
    """What a reader's function returned, as a finite tensor of this shape; a NotYetError says what else it is."""
    try:
        if isinstance(found, (list, tuple)) and all(isinstance(one, Tensor) for one in found):
            found = torch.stack(list(found))
        tensor = found.to_dense() if isinstance(found, Tensor) else torch.as_tensor(np.asarray(found))
        tensor = tensor.float() if tensor.dtype.is_floating_point or tensor.dtype in (torch.int64, torch.int32, torch.bool) else None
        fits = tensor is not None and tuple(tensor.shape) == shape and tensor.device.type == "cpu"
        is_finite = tensor is not None and fits and bool(tensor.isfinite().all())
    except Exception:
        fits = is_finite = False
    if not fits:
        raise NotYetError(f"return {what}, an array of shape {shape}; got {shown(found)}.")
    if not is_finite:
        raise NotYetError(f"return {what} without NaN and infinity.")
    return tensor  # type: ignore[return-value]


def number_of(found: object, what: str, source: str) -> Tensor:
    """What a reader's loss or penalty returned: one number that torch can differentiate; a NotYetError says what else it is.

    Parameters
    ----------
    found : object
        What was returned.
    what, source : str
        What it should be, and what it should depend on: ``your penalty``, ``the weights``.
    """
    try:
        fits = isinstance(found, Tensor) and found.numel() == 1 and found.dtype.is_floating_point and found.device.type == "cpu"
        number = found.to_dense().reshape(()).float() if fits else None  # type: ignore[attr-defined]
    except Exception:
        number = None
    if number is None:
        raise NotYetError(f"{what} should return one number, calculated in torch; got {shown(found)}.")
    if not number.requires_grad:
        raise NotYetError(f"the number that you return doesn't depend on {source}, or torch can't follow how. Don't detach anything.")
    return number


def penalty_of(found: object) -> Tensor:
    """What a reader's penalty returned: one finite number that torch can differentiate."""
    number = number_of(found, "your penalty", "the weights")
    if not number.isfinite():
        raise NotYetError("your penalty should be a finite number, also where weights are equal or zero.")
    return number


class AdamOn:
    """The package's Adam on the parameters of one net: `torch.optim` takes a second to load, and twice as long for a step."""

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        self.parameters, self.lr, self.n_steps = list(parameters), torch.tensor(lr), 0
        self.memories = [_ADAM.start(one.detach()) for one in self.parameters]

    def zero_grad(self) -> None:
        """Forget the gradients, as an optimiser of torch does."""
        for one in self.parameters:
            one.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Change every parameter that has a gradient."""
        self.n_steps += 1
        for one, memory in zip(self.parameters, self.memories, strict=True):
            if one.grad is not None:
                _ADAM.step(one, one.grad, self.lr, memory, self.n_steps)


def descend(loss_of: Callable[[], Tensor], optimizer: torch.optim.Optimizer | AdamOn, steps: int) -> None:
    """Gradient steps on a loss that a reader had a hand in."""
    for _ in range(steps):
        loss = loss_of()
        optimizer.zero_grad()
        try:
            loss.backward()
        except RuntimeError as error:
            raise NotYetError(f"torch can't differentiate what you wrote: {' '.join(str(error).split())[:120]}") from error
        asked(optimizer.step)


def stacked(samples: Sequence[Samples]) -> Split:
    """Inputs and labels of one split of several draws."""
    x, y = (np.stack([getattr(one, name) for one in samples]) for name in ("x", "y"))
    return torch.from_numpy(x).float(), torch.from_numpy(y).float()


def first_weights(generator: torch.Generator, *shape: int, fan_in: int) -> Tensor:
    """First weights, uniform and of torch's usual size for so many inputs."""
    return (2 * torch.rand(*shape, generator=generator) - 1) / fan_in**0.5
