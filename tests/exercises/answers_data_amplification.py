"""Answers to the exercises of *Data amplification*."""

import numpy as np
import torch

from tests.exercises.answers import Answers


def left(c: float, n_views: int) -> float:
    return c + (1 - c) / n_views


def simulated(c: float, n_views: int) -> float:
    rng = np.random.default_rng(1)
    noise = np.sqrt(c) * rng.normal(size=(40_000, 1)) + np.sqrt(1 - c) * rng.normal(size=(40_000, n_views))
    return float(noise.mean(axis=1).var())


def spread(y: np.ndarray) -> float:
    return y.shape[1] * y.var(axis=1).mean()


TABLE = {
    "check_trust": Answers(
        accepted=[
            lambda noise: 1 / noise**2,
            lambda noise: (1 / noise**2 / (1 / noise**2).sum()).tolist(),
            lambda noise: torch.tensor(noise) ** -2,
            lambda noise: noise**-3.0,
            lambda noise: 5 * np.exp(-noise),
        ],
        rejected=[
            (lambda noise: np.ones(8), "noisiest views"),
            (lambda noise: 1 / noise, "noisiest views"),
            (lambda noise: noise, "noisiest views"),
            (lambda noise: noise**2, "noisiest views"),
            (lambda noise: noise.max() + 1 - noise, "noisiest views"),
            (lambda noise: 1.0 * (noise == noise.min()), "all the weight lies on one view"),
            (lambda noise: -noise, "negative weight"),
            (lambda noise: 0 * noise, "not all 0"),
            (lambda noise: 1 / noise.sum(), "one weight for each"),
            (lambda noise: (1 / noise**2)[:, None], "one weight for each"),
        ],
    ),
    "check_common_noise": Answers(
        accepted=[
            left,
            simulated,
            lambda c, n_views: np.array([left(c, n_views)]),
            lambda c, n_views: torch.tensor(left(c, n_views), requires_grad=True),
        ],
        rejected=[
            (lambda c, n_views: 1 / n_views, "a mean of equal numbers"),
            (lambda c, n_views: c, "its own mean"),
            (lambda c, n_views: (1 - c) / n_views, "its own mean"),
            (lambda c, n_views: left(c, n_views) ** 0.5, "return a variance"),
            (lambda c, n_views: 1.0, "mean of independent labels"),
            (lambda c, n_views: c**2 + (1 - c) ** 2 / n_views, "its own mean"),
            (lambda c, n_views: c**2 + (1 - c**2) / n_views, "one at a time"),
            (lambda c, n_views: c / n_views + 1 - c, "independent labels"),
            (lambda c, n_views: c / 8 + left(c, n_views) if c == 0.2 else left(c, n_views), "one at a time"),
        ],
    ),
}
