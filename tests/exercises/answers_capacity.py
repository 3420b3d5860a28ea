"""Answers to the exercises of *Capacity, overfitting*."""

from dataclasses import replace

import numpy as np
import torch

from mtl_tutor.tasks import Samples, Task, TaskData, copies_of_task, mixtures, only_tasks, shuffled_labels
from tests.exercises.answers import Answers


def by_hand(seed: int) -> TaskData:
    """Six tasks that mix four features in a reader's own way."""
    rng = np.random.default_rng(seed)
    directions, mixed = rng.normal(size=(12, 4)) / 3, rng.normal(size=(4, 6))

    def samples(n: int) -> Samples:
        x = rng.normal(size=(n, 12))
        return Samples(x, np.tanh(x @ directions) @ mixed / 2)

    return TaskData(tuple(Task(str(task)) for task in range(6)), samples(60), samples(60), samples(200))


def classes(seed: int) -> TaskData:
    """Classes in the place of numbers."""
    data = mixtures(4, n_directions=4, seed=seed)
    splits = {name: replace(split, y=(split.y > 0).astype(float)) for name, split in data.splits().items()}
    return TaskData(tuple(replace(task, kind="binary") for task in data.tasks), **splits)


TABLE = {
    "check_same_size": Answers(
        accepted=[23, 23.0, np.int64(23), torch.tensor(23), np.array([23])[0]],
        rejected=[
            (16, "273 parameters"),
            (22, "with one head, 22 units"),
            (24, "with one head, 24 units"),
            (128, "128 units"),
            (0, "too small"),
            (-5, "too small"),
            (10**6, "too large"),
            (22.7, "must be a whole number"),
            ([22, 1], "must be a whole number"),
        ],
    ),
    "check_needs_room": Answers(
        accepted=[
            lambda seed: mixtures(n_tasks=8, n_directions=4, seed=seed),
            lambda seed: mixtures(10, 80, n_directions=4, seed=seed),
            lambda seed: mixtures(6, 100, n_directions=5, n_features=12, seed=seed),
            by_hand,
        ],
        rejected=[
            (lambda seed: mixtures(n_tasks=8, seed=seed), "in two units your tasks save"),
            (lambda seed: mixtures(n_tasks=8, n_directions=1, seed=seed), "in two units your tasks save"),
            (lambda seed: mixtures(n_tasks=8, shared=False, seed=seed), "in common with the main task"),
            (lambda seed: shuffled_labels(mixtures(n_tasks=8, seed=seed), range(1, 8), seed=seed), "in common with the main task"),
            (lambda seed: copies_of_task(mixtures(2, n_directions=1, seed=seed), n_copies=7), "is a copy of the main task"),
            (lambda seed: mixtures(n_tasks=8, n_directions=4), "Pass the seed on"),
            (lambda seed: only_tasks(mixtures(n_directions=4, seed=seed), [0]), "have one task"),
            (lambda seed: replace(mixtures(n_directions=4, seed=seed), test=None), "training, validation and test samples"),
            (lambda seed: mixtures(n_tasks=40, n_directions=4, seed=seed), "40 tasks"),
            (lambda seed: mixtures(8, 5000, n_directions=4, seed=seed), "5000 samples"),
            (lambda seed: mixtures(n_directions=4, seed=seed).train.y, "should return a TaskData"),
            (classes, "use regressions"),
            (lambda: mixtures(), "raises TypeError"),
            (mixtures(n_directions=4), "must be a function"),
        ],
    ),
}
