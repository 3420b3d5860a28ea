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
        if turn >= n:
            wrong = wrong & (number == torch.where(wrong, number, -1).amax(-1, keepdim=True))
        free = free ^ wrong
    return x.clamp(min=0)
