"""Task vectors: what training on each task changes in a common trunk, and sums of these changes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.experiments.sharing.after_training.mlp_batch import MLPBatch, fit, init, repeat
from mtl_tutor.experiments.sharing.after_training.net_pairs import Batch, tensor
from mtl_tutor.tasks import shared_subspace

N_TASKS, N_FEATURES = 4, 20
HEAD = ("v", "c")
PRE_STEPS, PRE_LR, RIDGE = 100, 0.01, 3.0  # of the start, and of its heads


class TaskDraws(NamedTuple):
    """Samples of four tasks per seed, a row each; and of four source tasks, on which the start is trained."""

    train: Batch
    validation: Batch
    test: Batch
    sources: Batch


def draw_tasks(family: str, seeds: Sequence[int], n_samples: int, noise: float) -> TaskDraws:
    """Draw tasks of a family.

    Parameters
    ----------
    family : str
        "one subspace", "no subspace in common", or "own inputs" (each task's inputs are zero for all others).
    seeds : sequence of int
        One draw each.
    n_samples : int
        Training samples of each task, and as many for validation.
    noise : float
        Standard deviation of the labels' noise.
    """
    n_features = N_FEATURES // N_TASKS if family == "own inputs" else N_FEATURES
    size = {"n_tasks": 2 * N_TASKS, "n_features": n_features, "curved": True, "shared": family == "one subspace", "separate": True}
    data = [shared_subspace(n_samples=n_samples, **size, noise=noise, seed=seed).data for seed in seeds]
    found = {}
    for split, length in (("train", n_samples), ("validation", n_samples), ("test", None)):
        x, y = (np.stack([getattr(each.splits()[split], axis) for each in data]) for axis in ("x", "y"))
        if length:
            x = x.reshape(len(data), 2 * N_TASKS, length, n_features)
            y = np.stack([y[:, task * length : (task + 1) * length, task] for task in range(2 * N_TASKS)], axis=1)
        else:
            x, y = np.repeat(x[:, None], 2 * N_TASKS, axis=1), y.transpose(0, 2, 1)
        found[split] = (_in_own_columns(x) if family == "own inputs" else x), y
    parts = {split: _rows(x[:, :N_TASKS], y[:, :N_TASKS]) for split, (x, y) in found.items()}
    x, y = found["train"]
    return TaskDraws(**parts, sources=_rows(x[:, N_TASKS:], y[:, N_TASKS:]))


def _rows(x: np.ndarray, y: np.ndarray) -> Batch:
    return tensor(x).flatten(0, 1), tensor(y).flatten(0, 1)[..., None]


def _in_own_columns(x: np.ndarray) -> np.ndarray:
    """Give every fourth task the same columns, and zeros elsewhere."""
    wide = np.zeros((*x.shape[:3], N_FEATURES))
    for task in range(x.shape[1]):
        first = task % N_TASKS * x.shape[3]
        wide[:, task, :, first : first + x.shape[3]] = x[:, task]
    return wide


def common_start(seeds: Sequence[int], draws: TaskDraws, n_hidden: int) -> MLPBatch:
    """Train a trunk on the source tasks together; then fit a head per task on it, by ridge regression.

    Returns
    -------
    MLPBatch
        One row per seed and task; the rows of a seed have one trunk.
    """
    first = repeat(init(seeds, N_FEATURES, n_hidden), N_TASKS)
    trunk = fit(first, *draws.sources, lr=PRE_LR, keep_at=(PRE_STEPS,), tied_rows=N_TASKS)[0]
    x, y = draws.train
    a = trunk.hidden(x)
    a = torch.cat([a, torch.ones_like(a[..., :1])], -1)
    heads = torch.linalg.solve(a.mT @ a + RIDGE * torch.eye(n_hidden + 1), a.mT @ y)
    return MLPBatch(trunk.w, trunk.b, heads[:, :-1], heads[:, -1:])


class TaskVectors(NamedTuple):
    """The change of every row's trunk."""

    w: Float[Tensor, "row feature hidden"]
    b: Float[Tensor, "row 1 hidden"]

    @classmethod
    def of(cls, end: MLPBatch, start: MLPBatch) -> "TaskVectors":
        """Subtract the trunk before training from the trunk after it."""
        return cls(end.w - start.w, end.b - start.b)

    def flat(self) -> Float[Tensor, "row param"]:
        """List all numbers of a vector in a row."""
        return torch.cat([self.w, self.b], 1).flatten(1)

    def of_other_tasks(self) -> "TaskVectors":
        """Sum the other tasks' vectors, for each task."""
        return TaskVectors(*(_summed(part) - part for part in self))

    def of_task_after(self, places: int) -> "TaskVectors":
        """Take the vector of the task that comes so many places after each task, in a circle."""
        return TaskVectors(*(part.unflatten(0, (-1, N_TASKS)).roll(-places, 1).flatten(0, 1) for part in self))

    def random(self, seeds: Sequence[int]) -> "TaskVectors":
        """Draw random vectors, each as long as the one in its place."""
        rngs = [torch.Generator().manual_seed(int(seed)) for seed in seeds]
        w, b = (torch.stack([torch.randn(N_TASKS, *part.shape[1:], generator=g) for g in rngs]).flatten(0, 1) for part in self)
        drawn = TaskVectors(w, b)
        scale = (self.flat().norm(dim=1) / drawn.flat().norm(dim=1))[:, None, None]
        return TaskVectors(w * scale, b * scale)


def _summed(part: Tensor) -> Tensor:
    return part.unflatten(0, (-1, N_TASKS)).sum(1).repeat_interleave(N_TASKS, 0)


def added(start: MLPBatch, coefficient: float, *vectors: TaskVectors) -> MLPBatch:
    """Add vectors to the trunks, all times a coefficient; the heads stay."""
    w, b = (sum(parts) for parts in zip(*vectors, strict=True))
    return MLPBatch(start.w + coefficient * w, start.b + coefficient * b, start.v, start.c)


def per_task(values: Float[np.ndarray, "row"]) -> Float[np.ndarray, "seed task"]:
    """Put the tasks of a seed side by side."""
    return values.reshape(-1, N_TASKS)


def with_shuffled_labels(samples: Batch, seeds: Sequence[int]) -> Batch:
    """Shuffle every row's labels."""
    x, y = samples
    rngs = [np.random.default_rng([seed, task, 0x5F]) for seed in seeds for task in range(N_TASKS)]
    orders = [torch.from_numpy(rng.permutation(y.shape[1])) for rng in rngs]
    return x, torch.stack([labels[order] for labels, order in zip(y, orders, strict=True)])


def mean_errors(nets: MLPBatch, samples: Batch) -> Float[np.ndarray, "seed"]:
    """Average the errors of a seed's tasks."""
    return per_task(nets.errors(*samples)).mean(axis=1)


def explained(nets: MLPBatch, samples: Batch) -> Float[np.ndarray, "seed task"]:
    """Measure the variance of the labels that a net explains: that of the labels less the squared error."""
    return per_task(samples[1].var(dim=(1, 2), correction=0).numpy().astype(float) - nets.errors(*samples))


def explained_by_others(start: MLPBatch, coefficient: float, vectors: TaskVectors, samples: Batch) -> Float[np.ndarray, "seed task"]:
    """For each task whose vector is added times a coefficient, sum what the other tasks of its seed still explain."""
    total = np.zeros((len(start.w) // N_TASKS, N_TASKS))
    for places in range(1, N_TASKS):  # each row's net with the vector of the task so many places after it
        moved = explained(added(start, coefficient, vectors.of_task_after(places)), samples)
        total += np.roll(moved, places, axis=1)
    return total
