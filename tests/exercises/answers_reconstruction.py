"""Answers to the exercises of *Auxiliary reconstruction*."""

import numpy as np
import torch

from tests.exercises.answers import Answers


def classes(n, rng, apart=4.0, at=0, large=()):
    """Two classes that differ in one direction; other directions may vary more."""
    y = rng.integers(0, 2, n)
    x = rng.normal(size=(n, 30))
    x[:, large] *= 8
    x[:, at] += apart * y
    return x, y


def alike(n, rng):
    """Two classes that differ in every input."""
    x, y = classes(n, rng)
    return x / 4 + 4 * y[:, None], y


def turned(n, rng):
    """The same in a direction that no single input has."""
    x, y = classes(n, rng, apart=5.0)
    axes = np.linalg.qr(np.random.default_rng(1).normal(size=(30, 30)))[0]
    return torch.tensor(x @ axes), torch.tensor(2 * y - 1)


def scaled(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


def components(x, n=4):
    u, s, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    return u[:, :n] * s[:n]


TABLE = {
    "check_targets": Answers(
        accepted=[
            lambda x: components(scaled(x)),
            lambda x: components(scaled(x), n=1)[:, 0],
            lambda x: x[:, np.argsort(x.var(axis=0))[:10]].mean(axis=1).tolist(),
            lambda x: torch.pca_lowrank(torch.tensor(scaled(x)), 4, niter=20)[0],
        ],
        rejected=[
            (components, "which only vary much"),
            (lambda x: components(x, n=1), "which only vary much"),
            (lambda x: x[:, :4], "which only vary much"),
            (lambda x: x.mean(axis=1), "which only vary much"),
            (lambda x: np.random.default_rng(0).normal(size=(200, 4)), "which only vary much"),
            (lambda x: components(scaled(x).T), "one to 4 numbers"),
            (lambda x: x, "one to 4 numbers"),
            (lambda x: np.ones(200), "should differ between inputs"),
            (lambda x: x[:, :2] * np.nan, "should differ between inputs"),
            (lambda x, y: x, "raises TypeError"),
        ],
    ),
    "check_worth_reconstructing": Answers(
        accepted=[
            classes,
            turned,
            lambda n, rng: [part.tolist() for part in classes(n, rng, apart=6.0)],
            lambda n, rng: (classes(n, rng)[0], np.ones(n)) if n < 0 else tuple(map(torch.tensor, classes(n, rng, apart=5.0))),
        ],
        rejected=[
            (lambda n, rng: classes(n, rng, apart=8.0, at=3, large=slice(5, 15)), "In which directions do your inputs vary most"),
            (lambda n, rng: classes(n, rng, apart=1.0, large=slice(5, 15)), "about as many as a coin"),
            (lambda n, rng: alike(n, rng), "ten labels alone are enough"),
            (lambda n, rng: (rng.normal(size=(n, 30)), rng.integers(0, 2, n)), "about as many as a coin"),
            (lambda n, rng: (classes(n, rng)[0], np.ones(n)), "two different values"),
            (lambda n, rng: (classes(n, rng)[0], np.arange(n) > n // 2), "all alike"),
            (lambda n, rng: (classes(n, rng)[0], rng.normal(size=n)), "two different values"),
            (lambda n, rng: (classes(n, rng)[0][:, :3], classes(n, rng)[1]), "x should have 200 rows"),
            (lambda n, rng: (classes(n, rng)[0].T, classes(n, rng)[1]), "x should have 200 rows"),
            (lambda n, rng: (classes(n, rng)[0], np.ones((n, 1))), "one label for each"),
            (lambda n, rng: (classes(n, rng)[0] * np.nan, classes(n, rng)[1]), "finite"),
            (lambda n, rng: (np.outer(classes(n, rng)[1], np.ones(30)), rng.integers(0, 2, n)), "at least 4 directions"),
            (lambda n, rng: classes(n, rng)[0], "two arrays, x and y"),
            (lambda n: n, "raises TypeError"),
            (classes(20, np.random.default_rng(0)), "must be a function"),
        ],
    ),
}
