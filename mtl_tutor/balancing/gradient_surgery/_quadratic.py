"""Small quadratic problems of a few tasks, exactly, with the same operations whatever the numbers are."""

import torch
from jaxtyping import Float
from torch import Tensor

RIDGE = 1e-10
"""Added to each cosine of a gradient with itself, so that parallel and opposite gradients leave one solution."""


def lengths_and_cosines(gramian: Float[Tensor, "task task"]) -> tuple[Float[Tensor, "task"], Float[Tensor, "task task"]]:
    """Split a Gramian into lengths and cosines; a task without a gradient has the length 0 and no cosine with others.

    Lengths in far different units spoil no digit of what is solved with the cosines alone.
    """
    length = gramian.diagonal().clamp(min=0).sqrt()
    there = length > 0
    safe = torch.where(there, length, 1)
    cosines = gramian / safe[:, None] / safe
    eye = torch.eye(len(gramian), dtype=gramian.dtype, device=gramian.device)
    return length, torch.where(eye > 0, 1 + RIDGE, cosines)


def inverse_of(length: Float[Tensor, "task"]) -> Float[Tensor, "task"]:
    """One over each length, and 0 for a length of 0."""
    return torch.where(length > 0, 1 / torch.where(length > 0, length, 1), 0)


def settled(wrong: Tensor) -> bool:
    """Whether nothing is wrong any more, so that a plain loop can stop; never while all seeds are calculated at once.

    `torch.func.vmap` and a recording, which is replayed with other numbers, refuse to look at a number.
    """
    try:
        return not bool(wrong.any())
    except RuntimeError:
        return False


def least_over_positive(
    matrix: Float[Tensor, "task task"], linear: Float[Tensor, "*task task"]
) -> Float[Tensor, "*task task"]:
    """Minimise x' matrix x / 2 - linear' x over x >= 0, for one or several `linear`.

    Principal pivoting: guess which x are positive, solve for them, exchange all whose sign is wrong, and in the end only
    the last of them, which ends in any case (Murty, 1974). Two exchanges a task suffice for up to eight tasks in all that we tried.
    """
    n = linear.shape[-1]
    eye = torch.eye(n, dtype=matrix.dtype, device=matrix.device)
    number = torch.arange(n, device=matrix.device)
    free = linear > 0
    x = linear
    for turn in range(2 * n + 2):
        both = free[..., :, None] & free[..., None, :]
        x = torch.linalg.solve_ex(torch.where(both, matrix, eye), torch.where(free, linear, 0)[..., None])[0][..., 0]
        if turn == 2 * n + 1:
            break
        slack = (matrix @ x[..., None])[..., 0] - linear
        wrong = torch.where(free, x, slack) < -1e-12 * (1 + x.abs().amax(-1, keepdim=True))
        if settled(wrong):
            break
        if turn >= n:
            wrong = wrong & (number == torch.where(wrong, number, -1).amax(-1, keepdim=True))
        free = free ^ wrong
    return x.clamp(min=0)


def fair_share(cosines: Float[Tensor, "task task"], size: Float[Tensor, "task"], power: float) -> Float[Tensor, "task"]:
    """Solve (cosines x)_i = size_i * x_i ** power for x > 0, where the power is negative.

    The solution minimises a convex function. Newton steps go at most four fifths of the way to where an x would be zero, and
    start from the best point of their ray. They stop when they change nothing, or after 20, which suffices for gradients within
    half a degree of opposite.
    """
    eye = torch.eye(len(size), dtype=size.dtype, device=size.device)
    x = size ** (1 / (1 - power))  # right if all gradients were at right angles
    for _ in range(20):
        gain, pull = (cosines * x).sum(1), size * x**power
        ray = ((x * pull).sum() / (x * gain).sum()) ** (1 / (1 - power))
        x, gain, pull = ray * x, ray * gain, ray**power * pull
        step = torch.linalg.solve_ex(cosines - eye * (power * pull / x), gain - pull)[0]
        change = step / x
        if settled(change.abs() > 1e-7):
            return x - step
        x = x - 0.8 / change.amax().clamp(min=0.8) * step
    return x
