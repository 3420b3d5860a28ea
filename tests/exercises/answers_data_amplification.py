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
    "check_spread": Answers(
        accepted=[
            spread,
            lambda y: torch.tensor(spread(y)),
            lambda y: ((y - y.mean(axis=1, keepdims=True)) ** 2).sum(axis=1).mean(),
            lambda y: [sum(y.shape[1] * np.var(row) for row in y) / len(y)],
        ],
        rejected=[
            (lambda y: y.var(axis=1).mean(), "what do you add up"),
            (lambda y: y.shape[1] * y.var(axis=1, ddof=0).sum(), "what do you average"),
            (lambda y: y.shape[1] * y.var(), "From which mean"),
            (lambda y: y.var(axis=0).sum(), "From which mean"),
            (lambda y: (y.shape[1] - 1) * y.var(axis=1).mean(), "what do you add up"),
            (lambda y: 0.0, "is left over"),
            (lambda y: y.var(axis=1), "one number"),
        ],
    ),
    "check_floor": Answers(
        accepted=[
            lambda noise, n_samples, n_parameters: n_parameters * noise**2 / n_samples,
            lambda noise, n_samples, n_parameters: np.array([n_parameters / n_samples * noise**2]),
            lambda noise, n_samples, n_parameters: torch.tensor(noise).square() / n_samples * n_parameters,
        ],
        rejected=[
            (lambda noise, n_samples, n_parameters: noise**2 / n_samples, "with twice the parameters"),
            (lambda noise, n_samples, n_parameters: n_parameters * noise / n_samples, "with twice the noise"),
            (lambda noise, n_samples, n_parameters: n_parameters * noise**2, "with four times the samples"),
            (lambda noise, n_samples, n_parameters: n_parameters * noise**2 / n_samples**0.5, "with four times the samples"),
            (lambda noise, n_samples, n_parameters: n_parameters**2 * noise**2 / n_samples, "with twice the parameters"),
            (lambda noise, n_samples, n_parameters: 2 * n_parameters * noise**2 / n_samples, "single parameter"),
            (lambda noise, n_samples, n_parameters: 0.0, "more than 0"),
        ],
    ),
}
