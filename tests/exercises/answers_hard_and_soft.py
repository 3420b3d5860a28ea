"""Answers to the exercises of *Hard and soft sharing*."""

import numpy as np
import torch

from tests.exercises.answers import Answers

TABLE = {
    "check_start_control": Answers(
        accepted=[
            lambda trunks: trunks / 3,
            lambda trunks: trunks.mean(dim=0, keepdim=True).expand_as(trunks),
            lambda trunks: np.tile(trunks.numpy().mean(axis=0), (6, 1)),
            lambda trunks: (0.2 * trunks).tolist(),
        ],
        rejected=[
            (lambda trunks: trunks, "next to nothing"),
            (lambda trunks: trunks[:1].expand_as(trunks), "next to nothing"),
            (lambda trunks: trunks.roll(1, dims=0), "next to nothing"),
            (lambda trunks: trunks - trunks.mean(dim=0), "next to nothing"),
            (lambda trunks: 0.75 * trunks, "go further"),
            (lambda trunks: 2.0 * trunks, "more error"),
            (lambda trunks: trunks.mean(dim=0), "an array of shape (6, 168)"),
            (lambda trunks: trunks / 0, "without NaN"),
            (lambda trunks: trunks + torch.ones(5), "raises RuntimeError"),
        ],
    ),
    "check_step_to_mean": Answers(
        accepted=[10, 10.0, np.float64(10), torch.tensor(10.0), 1 / (2 * 0.05)],
        rejected=[
            (20, "beyond the mean"),
            (0.05, "short of the mean"),
            (1.0, "short of the mean"),
            (5, "short of the mean"),
            (40, "beyond the mean"),
            (0, "no trunk comes nearer"),
        ],
    ),
}
