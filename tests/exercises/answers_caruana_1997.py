"""Answers to the exercises of *Caruana (1997), repeated*."""

import numpy as np
import torch

from tests.exercises.answers import Answers

TABLE = {
    "check_strangers": Answers(
        accepted=[360, 360.0, np.int64(360), torch.tensor(360), 120 * 6 / 2],
        rejected=[
            (720, "twice"),
            (6, "of one function"),
            (10, "sets of letters"),
            (7140, "share a letter"),
            (100, "functions have none of the letters"),
            (-6, "functions have none of the letters"),
            (60, "functions have none of the letters"),
            (12.5, "must be a whole number"),
            ([12, 0], "must be a whole number"),
        ],
    ),
    "check_gain_of_copies": Answers(
        accepted=[(0.001, 100), [0.001, 100.0], np.array([0.001, 100]), torch.tensor([0.001, 100]), (0.003, 50), (0.0003, 300)],
        rejected=[
            ((0.01, 250), "which net learns faster"),
            ((0.03, 250), "which net learns faster"),
            ((0.0001, 20), "hardly begun"),
            ((1e-9, 1000), "hardly begun"),
            ((0.1, 1000), "which net learns faster"),
            ((100, 0.001), "the first number is the learning rate"),
            ((0.0, 100), "the first number is the learning rate"),
            ((0.001, 20.5), "a whole number from 1"),
            ((0.001, 100_000), "a whole number from 1"),
            ((0.001, 0), "a whole number from 1"),
            ((0.001,), "must have 2 entries"),
            (0.001, "must be a sequence"),
        ],
    ),
    "check_correlation": Answers(
        accepted=[0.0894, 0.09, np.float32(0.0888), torch.tensor(0.091), np.array(0.0899), np.sqrt(0.4 / 50)],
        rejected=[
            (1 / 7, "are not independent"),
            (0.01, "too small"),
            (0.008, "the variance"),
            (0.0, "too small"),
            (1.0, "too large"),
            (0.4, "too large"),
            (-0.09, "not negative"),
            ([0.09, 0.09], "must be a number"),
        ],
    ),
}
