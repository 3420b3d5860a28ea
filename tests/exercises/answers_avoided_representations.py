"""Answers to the exercises of *Avoided representations*."""

import numpy as np
import torch

from tests.exercises.answers import Answers


def times(**factors):
    """First weights with some groups' inputs multiplied."""

    def change(w):
        for group, factor in factors.items():
            w[:, 2 * "abc".index(group) :][:, :2] *= factor
        return w

    return change


TABLE = {
    "check_can_change": Answers(
        accepted=[
            lambda x: (x != 0).any(axis=0),
            lambda x: np.abs(x).sum(axis=0) > 0,
            lambda x: [bool(column.any()) for column in x.T],
            lambda x: torch.from_numpy(x).square().sum(0) > 0,
            lambda x: (1 * (x.std(axis=0) > 0)) | (x.mean(axis=0) != 0),
        ],
        rejected=[
            (lambda x: x.mean(axis=0) != 0, "has the mean 0"),
            (lambda x: x.std(axis=0) > 0, "one is always 1"),
            (lambda x: (x != 0).all(axis=0), "in all samples but one"),
            (lambda x: x[0] != 0, "in all samples but one"),
            (lambda x: x.max(axis=0) > 0, "is wrong for samples"),
            (lambda x: (x == 0).all(axis=0), "is wrong for samples"),
            (lambda x: np.ones(x.shape[1]), "one input is zero in all samples"),
            (lambda x: x != 0, "for each of 3 inputs"),
            (lambda x: (x != 0).any(), "for each of 3 inputs"),
            (lambda x: np.abs(x).sum(axis=0), "True or False"),
        ],
    ),
    "check_first_weights": Answers(
        accepted=[
            times(c=0.1),
            times(a=3),
            lambda w: torch.from_numpy(w) * torch.tensor([2.0, 2, 1, 1, 0.5, 0.5]),
            lambda w: (w * [1, 1, 1, 1, 0, 0]).tolist(),
        ],
        rejected=[
            (lambda w: w, "Which group's weights"),
            (times(a=0.1), "Which group's weights"),
            (times(c=3), "Which group's weights"),
            (times(a=0.2, b=0.2, c=0.2), "Which group's weights"),
            (lambda w: w[:, [4, 5, 2, 3, 0, 1]], "Which group's weights"),
            (times(b=0), "should still prefer B"),
            (times(a=20), "should still prefer B"),
            (times(a=1e6), "below 100"),
            (lambda w: w[:, :4], "16 units and 6 inputs"),
            (lambda w: w.T, "16 units and 6 inputs"),
        ],
    ),
}
