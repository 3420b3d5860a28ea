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


def by_median(y):
    size = np.median(np.abs(y), axis=1, keepdims=True) / 0.67
    return np.where(np.abs(y) > 3 * size, y, np.maximum(0, 1 - 1 / size**2) * y)


def without_largest(y):
    squares = np.sort(y**2, axis=1)[:, :9].sum(axis=1, keepdims=True)
    return np.where(np.abs(y) == np.abs(y).max(axis=1, keepdims=True), y, np.maximum(0, 1 - 7 / squares) * y)


def near_ones(y):
    found = []
    for row in y:
        near = np.abs(row) < 3.5 * np.median(np.abs(row))
        factor = max(0, 1 - (near.sum() - 2) / (row[near] ** 2).sum())
        found.append(np.where(near, factor * row, row).tolist())
    return found


def james_stein(y):
    return np.maximum(0, 1 - 8 / (y**2).sum(axis=1, keepdims=True)) * y


def cut_off(least):
    return lambda y: np.sign(y) * np.maximum(0, np.abs(y) - least)


TABLE = {
    "check_far_number": Answers(
        accepted=[by_median, without_largest, near_ones, lambda y: torch.from_numpy(by_median(y))],
        rejected=[
            (lambda y: y, "half of the separate risk"),
            (james_stein, "Can one large measurement change"),
            (lambda y: y / 2, "How large is it beside the other nine"),
            (lambda y: 0 * y, "How large is it beside the other nine"),
            (lambda y: np.median(y, axis=1, keepdims=True) + 0 * y, "How large is it beside the other nine"),
            (cut_off(1.5), "How large is it beside the other nine"),
            (cut_off(0.7), "if the nine have size 3"),
            (lambda y: np.where(np.abs(y) > 3, y, 0), "if the nine have size 3"),
            (lambda y: y.mean(axis=1), "one estimate per measurement"),
            (lambda y: y * np.nan, "finite numbers"),
            (lambda y, again: y, "raises TypeError"),
        ],
    ),
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
