"""CAGrad: near the mean gradient, the direction that is best for the worst task (Liu et al., 2021)."""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.gradient_surgery._base import GramianSurgery
from mtl_tutor.balancing.gradient_surgery._quadratic import inverse_of, lengths_and_cosines, settled
from mtl_tutor.checks import checked


@checked
@dataclass(frozen=True)
class CAGrad(GramianSurgery):
    """In a ball around the mean gradient, descend the direction whose smallest gain over tasks is the largest.

    With the mean gradient g_0, the direction d maximises ``min_i g_i · d`` over ``|d - g_0| <= c |g_0|``. It is
    ``g_0 + c |g_0| g_w / |g_w|``, where the mixture g_w of the gradients minimises ``g_w · g_0 + c |g_0| |g_w|``.

    Parameters
    ----------
    c : float
        Radius of the ball, from 0 (the mean gradient) to just below 1 (for MGDA's aim it would have to be large).
    normalize : bool
        Whether to scale the direction to the length of the sum of the gradients.

    Raises
    ------
    ValueError, TypeError
        A radius outside [0, 1).

    Notes
    -----
    Size: the mean gradient's, more or less by the share c.

    Source: Liu et al. (2021), *Conflict-averse gradient descent for multi-task learning*, Algorithm 1, with their c of 0.5.
    Departures: the mixture is exact (no iterative solver); a task whose gradient is zero is left out
    of mean and mixture; the direction is not divided by ``1 + c²``, as the published code does.

    Examples
    --------
    >>> CAGrad(c=0.0).weigh(torch.tensor([[1.0, 0.0], [0.0, 4.0]]), (), torch.zeros(0))[0]
    tensor([0.5000, 0.5000])
    """

    c: float = 0.5
    normalize: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if not 0 <= self.c < 1:
            raise ValueError(f"`c` must lie in [0, 1); got {self.c}. 0 is the mean gradient, the paper takes 0.5.")

    def weigh(self, gramian: Float[Tensor, "task task"], state: State, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Find the least gain t over tasks, and the gradients that are added to the mean to reach it, by principal pivoting."""
        length, cosines = lengths_and_cosines(gramian)
        there, inverse = length > 0, inverse_of(length)
        mean = there.to(gramian.dtype) / there.sum().clamp(min=1)
        if self.c == 0:
            return mean, state
        tiny = torch.finfo(gramian.dtype).tiny
        size = (mean @ gramian @ mean).clamp(min=tiny).sqrt()
        eye = torch.eye(len(gramian), dtype=gramian.dtype, device=gramian.device)
        number = torch.arange(len(gramian), device=gramian.device)
        # in units of the mean gradient: gains of the mean, and what a gain of 1 asks of each unit gradient
        gains, asked = cosines @ (mean * length) / size, inverse * size
        low, right, added = there, torch.stack([asked, gains], 1), torch.zeros_like(length)
        n_turns = len(gramian) + 4
        for turn in range(n_turns):
            both = low[:, None] & low[None, :]
            solved = torch.linalg.solve_ex(torch.where(both, cosines, eye), torch.where(low[:, None], right, 0))[0]
            per_gain, given = solved[:, 0], solved[:, 1]
            square, mixed, rest = per_gain @ right[:, 0], given @ right[:, 0], given @ right[:, 1] - self.c**2
            least = (mixed + (mixed**2 - square * rest).clamp(min=0).sqrt()) / square.clamp(min=tiny)
            added = least * per_gain - given
            if turn == n_turns - 1:
                break
            slack = cosines @ added + gains - least * asked
            wrong = there & (torch.where(low, added, slack) < -1e-12)
            if settled(wrong):
                break
            if turn >= len(gramian):
                wrong = wrong & (number == torch.where(wrong, number, -1).amax())
            low = low ^ wrong
        added = torch.where(low, added, 0).clamp(min=0)
        reach = (added @ cosines @ added).clamp(min=tiny).sqrt()
        return mean + self.c / reach * added * asked, state
