"""Answers to the exercises of *Task conditioning*."""

from collections.abc import Callable
from itertools import product

import numpy as np
import torch
from torch import Tensor

from tests.exercises.answers import Answers

Answer = Callable[[Tensor, Tensor], Tensor]
GRID = [torch.tensor(code) for code in product(np.linspace(-2, 2, 21).tolist(), repeat=2)]


def misfit(answer: Answer, x: Tensor, y: Tensor, code: Tensor) -> float:
    return (answer(x, code) - y).square().mean().item()


def by_descent(answer: Answer, x: Tensor, y: Tensor) -> Tensor:
    code = torch.zeros(2, requires_grad=True)
    adam = torch.optim.Adam([code], lr=0.1)
    for _ in range(100):
        adam.zero_grad()
        (answer(x, code) - y).square().mean().backward()
        adam.step()
    return code


def by_grid(answer: Answer, x: Tensor, y: Tensor) -> tuple[float, float]:
    a, b = min(GRID, key=lambda code: misfit(answer, x, y, code)).tolist()
    return a, b


def by_chance(answer: Answer, x: Tensor, y: Tensor) -> np.ndarray:
    codes = torch.randn(300, 2)
    return codes[np.argmin([misfit(answer, x, y, code) for code in codes])].numpy()


TABLE = {
    "check_find_code": Answers(
        accepted=[by_descent, by_grid, by_chance, lambda *given: list(by_descent(*given))],
        rejected=[
            (lambda answer, x, y: torch.zeros(2), "for all curves"),
            (lambda answer, x, y: (1.0, 0.0), "for all curves"),
            (lambda answer, x, y: max(GRID, key=lambda code: misfit(answer, x, y, code)), "for all curves"),
            (lambda answer, x, y: torch.randn(2), "for all curves"),
            (lambda answer, x, y: torch.tensor([y.mean(), y.std()]), "for all curves"),
            (lambda answer, x, y: answer(x, torch.zeros(2)), "a code of two numbers"),
            (lambda answer, x, y: misfit(answer, x, y, torch.zeros(2)), "a code of two numbers"),
            (lambda answer, x, y: answer(x, torch.zeros(3)), "raises ValueError"),
        ],
    ),
    "check_own_numbers": Answers(
        accepted=[(49, 17, 2, 56), [49, 17, 2, 56], np.array([49, 17, 2, 56]), torch.tensor([49, 17, 2, 56]), (49.0, 17.0, 2.0, 56.0)],
        rejected=[
            ((32, 17, 2, 56), "both layers"),
            ((48, 17, 2, 56), "both layers"),
            ((49, 16, 2, 56), "its bias"),
            ((49, 17, 32, 56), "is shared"),
            ((49, 17, 2, 192), "whole matrix"),
            ((49, 17, 2, 28), "Which shapes"),
            ((49, 17), "four counts"),
        ],
    ),
    "check_slopes": Answers(
        accepted=[(2, 3), [2.0, 3.0], np.array([2.0, 3.0]), torch.tensor([2.0, 3.0])],
        rejected=[
            ((5, 3), "still contain"),
            ((3, 3), "still contain"),
            ((2, 2), "Differentiate"),
            ((2, 6), "Differentiate"),
            ((2, 1), "Differentiate"),
            ((2,), "two slopes"),
        ],
    ),
}
