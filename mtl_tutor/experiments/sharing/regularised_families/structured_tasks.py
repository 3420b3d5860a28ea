"""Families of linear tasks, one for each structure that a penalty is made for; one of curves; one with nothing to share."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from mtl_tutor.experiments.controls import Sampler
from mtl_tutor.tasks import TaskData, clusters, deviations, shared_rows, shared_subspace
from mtl_tutor.tasks._planted import Planted, sampled

MEAN, INPUTS, PARTLY, SUBSPACE = "one mean", "shared inputs", "partly shared inputs", "shared subspace"
GROUPS, OPPOSITES, CURVES, NOTHING = "groups", "opposites", "mixed curves", "nothing shared"
UNEVEN = "partly shared, uneven"


def structured_tasks(n_tasks: int, n_samples: int, n_features: int, noise: float) -> Mapping[str, Sampler]:
    """Name every structure and how a seed draws its tasks; noise-free labels have variance 1 on average, curves 2 inputs."""
    few, size = (n_tasks, n_samples), {"n_features": n_features, "noise": noise}

    def planted(toy: Callable[..., Planted], **settings: float) -> Sampler:
        return lambda seed: toy(*few, **size, **settings, seed=seed).data

    return {
        MEAN: planted(deviations, spread=0.3),
        INPUTS: planted(shared_rows, n_rows=4),
        PARTLY: partial(partly_shared, *few, **size, even=True),
        SUBSPACE: planted(shared_subspace, rank=2),
        GROUPS: planted(clusters, n_groups=3, opposite=0.0),
        OPPOSITES: planted(clusters, n_groups=2, opposite=-0.9),
        CURVES: partial(mixed_curves, *few, noise=noise),
        NOTHING: planted(deviations, spread=1e6),
        UNEVEN: partial(partly_shared, *few, **size, even=False),
    }


def partly_shared(n_tasks: int, n_samples: int, seed: int, *, n_features: int, noise: float, even: bool) -> TaskData:
    """Let two inputs matter to every task, and two more to each task alone.

    Weights are 1/2 or -1/2 where they are `even`, the case that the dirty model's penalty is made for, and N(0, 1/4) otherwise.
    """
    rng = np.random.default_rng([seed, 0xD127])
    order, matters = rng.permutation(n_features), np.zeros((n_tasks, n_features), dtype=bool)
    matters[:, order[:2]] = True
    for row in matters:
        row[rng.choice(order[2:], 2, replace=False)] = True
    draws = rng.normal(size=matters.shape)
    weights = matters * (np.sign(draws) if even else draws) / 2
    names = [f"task {task + 1}" for task in range(n_tasks)]
    return sampled(lambda x: x @ weights.T, rng.standard_normal, (n_samples, n_features), names, noise=noise, separate=False, rng=rng)


def mixed_curves(n_tasks: int, n_samples: int, seed: int, *, noise: float) -> TaskData:
    """Mix two smooth random functions of two inputs, each a sum of 64 waves: what a Gaussian process for many tasks expects."""
    rng, n_waves = np.random.default_rng([seed, 0x1C3]), 64
    mixtures = rng.normal(size=(2, n_tasks)) / np.sqrt(2)
    waves, phases = rng.normal(size=(2, 2, n_waves)), rng.uniform(0, 2 * np.pi, size=(2, n_waves))

    def answers(x: np.ndarray) -> np.ndarray:
        return np.cos(np.einsum("nd,dcw->ncw", x, waves) + phases).sum(axis=-1) * np.sqrt(2 / n_waves) @ mixtures

    names = [f"mixture {task + 1}" for task in range(n_tasks)]
    return sampled(answers, rng.standard_normal, (n_samples, 2), names, noise=noise, separate=False, rng=rng)
