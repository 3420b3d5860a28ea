"""Answers to the exercises of *Local minima*."""

import numpy as np
import torch

from tests.exercises.answers import Answers


def on(x, bits=4):
    return (x[:, :bits] > 0).sum(axis=1)


def at_least(*numbers, bits=4):
    return lambda x: np.column_stack([on(x, bits) >= k for k in numbers])


def relu(*columns):
    return lambda x: np.maximum(np.column_stack([column(x) for column in columns]), 0)


def both(x):
    return x[:, 0] + x[:, 1]


TABLE = {
    "check_hints": Answers(
        accepted=[
            at_least(1, 2, 3, 4),
            lambda x: (on(x)[:, None] >= [1, 2, 3, 4]).astype(float).tolist(),
            lambda x: torch.from_numpy(x[:, :4] > 0).sum(1, keepdim=True) < torch.arange(1, 5),
            at_least(1, 4),
        ],
        rejected=[
            (at_least(1, 2, 3, 4, bits=5), "On which bits does it depend"),
            (lambda x: x[:, :4] > 0, "Can a unit answer each hint"),
            (at_least(2, 3), "weighted sum"),
            (lambda x: np.column_stack([on(x) % 2] * 4), "Can a unit answer each hint"),
            (lambda x: np.random.default_rng(0).random((32, 4)) < 0.5, "Can a unit answer each hint"),
            (lambda x: np.ones((32, 4)), "Can a unit answer each hint"),
            (lambda x: on(x, 3) % 2, "Can a unit answer each hint"),
            (at_least(1, 2, 3, 4, 5, bits=5), "one to four hints"),
            (lambda x: x[:, :4], "zeros and ones"),
            (on, "zeros and ones"),
            (lambda x: at_least(1, 2, 3, 4)(x[:16]), "32 patterns"),
        ],
    ),
    "check_units": Answers(
        accepted=[
            relu(both, lambda x: -both(x)),
            relu(lambda x: x[:, 0] - x[:, 1], lambda x: x[:, 1] - x[:, 0]),
            relu(lambda x: both(x) + 2, both),
            lambda x: torch.relu(torch.from_numpy(x) @ torch.tensor([[1.0, -1.0], [1.0, -1.0]], dtype=torch.float64)),
            lambda x: [[max(a + b, 0), max(-a - b, 0)] for a, b in x],
        ],
        rejected=[
            (lambda x: np.maximum(x, 0), "no linear function of your 2 units"),
            (relu(both), "no linear function of your 1 units"),
            (relu(both, lambda x: -both(x), lambda x: x[:, 0]), "fewer can"),
            (lambda x: x, "zero or more"),
            (lambda x: (x[:, 0] != x[:, 1])[:, None], "unit 1 is no ReLU"),
            (lambda x: abs(x[:, :1] + x[:, 1:]), "unit 1 is no ReLU"),
            (lambda x: np.tanh(np.maximum(both(x), 0))[:, None], "unit 1 is no ReLU"),
            (lambda x: np.maximum(both(x), 0), "one row per pattern"),
        ],
    ),
}
