"""SGD and Adam for many nets at once, with torch.optim's arithmetic.

Own code because building any `torch.optim` object first imports `torch._dynamo`, which takes longer
than training does here; and because every seed may have a learning rate of its own.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from mtl_tutor.checks import checked


@checked
@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent, with momentum if asked for.

    Parameters
    ----------
    momentum : float
        Factor on the previous step's velocity, in [0, 1).

    Raises
    ------
    ValueError, TypeError
        The momentum is no number in [0, 1).

    Notes
    -----
    velocity <- momentum * velocity + gradient; parameter <- parameter - lr * velocity.

    Source: Polyak (1964), as in `torch.optim.SGD`. Departures from the latter: none (no dampening, no Nesterov).
    """

    momentum: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.momentum < 1:
            raise ValueError(f"`momentum` must be in [0, 1); got {self.momentum}. Zero is plain gradient descent.")

    def start(self, parameters: Tensor) -> tuple[Tensor, ...]:
        """Return the optimiser's memory before the first step: the velocity."""
        return (torch.zeros_like(parameters),)

    def step(self, parameters: Tensor, gradient: Tensor, lr: Tensor, memory: tuple[Tensor, ...], t: int) -> None:
        """Change the parameters in place; `t` counts from 1."""
        if self.momentum:
            gradient = memory[0].mul_(self.momentum).add_(gradient)
        parameters.addcmul_(gradient, lr, value=-1)


@checked
@dataclass(frozen=True)
class Adam:
    """Adam: running means of the gradient and of its square decide each parameter's step.

    Parameters
    ----------
    beta1, beta2 : float
        Factors on the previous running means of the gradient and of its square, in [0, 1).
    epsilon : float
        Added to the root of the mean square, so that a parameter without gradient is not divided by zero.

    Raises
    ------
    ValueError, TypeError
        A beta is no number in [0, 1), or epsilon is none of zero or more.

    Notes
    -----
    Source: Kingma and Ba (2015), Algorithm 1. Departures: none; bias correction is applied as in `torch.optim.Adam`.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        for name in ("beta1", "beta2"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"`{name}` must be in [0, 1); got {getattr(self, name)}. The paper takes 0.9 and 0.999.")
        if not self.epsilon >= 0:
            raise ValueError(f"`epsilon` must be zero or more; got {self.epsilon}. The paper takes 1e-8.")

    def start(self, parameters: Tensor) -> tuple[Tensor, ...]:
        """Return the memory before the first step: mean gradient, mean square, a buffer to calculate in, number of steps."""
        page = [torch.zeros_like(parameters) for _ in range(3)]
        return *page, torch.zeros((), device=parameters.device)

    def step(self, parameters: Tensor, gradient: Tensor, lr: Tensor, memory: tuple[Tensor, ...], t: int) -> None:
        """Change the parameters in place; `t` counts from 1."""
        mean, square, move, count = memory
        # mean <- beta1 mean + (1 - beta1) gradient;  square <- beta2 square + (1 - beta2) gradient²;
        # move <- -(mean / (1 - beta1^t)) / (sqrt(square / (1 - beta2^t)) + epsilon), in one pass over memory.
        # torch.optim's own kernel; it knows one learning rate, so it moves a zero by rate 1, and each row scales that.
        torch._fused_adam_(  # pyright: ignore[reportPrivateImportUsage]
            [move.zero_()],
            [gradient],
            [mean],
            [square],
            [],
            [count.fill_(t)],
            lr=1.0,
            beta1=self.beta1,
            beta2=self.beta2,
            weight_decay=0.0,
            eps=self.epsilon,
            amsgrad=False,
            maximize=False,
        )
        parameters.addcmul_(move, lr)


Optimizer = SGD | Adam
