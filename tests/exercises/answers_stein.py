"""Answers to the exercises of *Stein's paradox*."""

import numpy as np
import torch

from tests.exercises.answers import Answers


def towards_average(y, used=3, least=0.0):
    """Shrink the distances from the average of each row."""
    average = y.mean(axis=1, keepdims=True)
    squares = ((y - average) ** 2).sum(axis=1, keepdims=True)
    return average + np.maximum(least, 1 - (y.shape[1] - used) / squares) * (y - average)


def row_by_row(y):
    """The same for one row after the other, as lists."""
    rows = []
    for row in y.tolist():
        average = sum(row) / len(row)
        factor = 1 - (len(row) - 3) / sum((one - average) ** 2 for one in row)
        rows.append([average + factor * (one - average) for one in row])
    return rows


def trained(y, again, lr=0.1, steps=100):
    """Learn one factor by gradient descent."""
    y, again = torch.tensor(y), torch.tensor(again)
    factor = torch.ones((), dtype=y.dtype, requires_grad=True)
    sgd = torch.optim.SGD([factor], lr=lr)
    for _ in range(steps):
        sgd.zero_grad()
        (factor * y - again).square().mean().backward()
        sgd.step()
    return factor


TABLE = {
    "check_shrinkage": Answers(
        accepted=[
            towards_average,
            lambda y: towards_average(y, least=-np.inf),
            lambda y: towards_average(torch.tensor(y).numpy()).tolist(),
            lambda y: torch.tensor(towards_average(y), requires_grad=True),
            row_by_row,
        ],
        rejected=[
            (lambda y: y, "the risk per mean is 1.0"),
            (lambda y: 0.9 * y, "move by 7"),
            (lambda y: np.full(y.shape, 20.0), "move by 7"),
            (lambda y: y.mean(axis=1, keepdims=True) + 0 * y, "Not yet"),
            (lambda y: y.mean(axis=1), "one estimate per measurement"),
            (lambda y: towards_average(y, used=2, least=-np.inf), "your factor is about 1 - 8"),
            (lambda y: towards_average(y, used=0, least=-np.inf), "your factor is about 1 - 10"),
            (lambda y: (y + y.mean(axis=1, keepdims=True)) / 2, "it does harm"),
            (lambda y: y / 0, "raises"),
            (np.ones((2, 10)), "must be a function"),
        ],
    ),
    "check_learned_factor": Answers(
        accepted=[
            trained,
            lambda y, again: y @ again / (y @ y),
            lambda y, again: [max(0.0, float(np.linalg.lstsq(y[:, None], again, rcond=None)[0][0]))],
            lambda y, again: max(0.0, 1 - ((y - again) ** 2).sum() / 2 / (y @ y)),
        ],
        rejected=[
            (lambda y, again: 1.0, "first measurements themselves"),
            (lambda y, again: 0.5, "What must y predict"),
            (lambda y, again: 1 - 98 / (y @ y), "standard deviation 0.5"),
            (lambda y, again: trained(y, again, steps=3), "Has your training ended"),
            (lambda y, again: trained(y, y), "What must y predict"),
            (lambda y, again: y @ again / (again @ again) * 0, "What must y predict"),
            (lambda y, again: again / y, "return one number"),
            (lambda y, again: trained(y, again).item() * again, "return one number"),
            (lambda y: 1.0, "raises TypeError"),
            (0.5, "must be a function"),
        ],
    ),
}
