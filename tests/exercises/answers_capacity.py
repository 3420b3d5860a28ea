"""Answers to the exercises of *Capacity, overfitting*."""

from dataclasses import replace

import numpy as np
import torch
from torch import nn

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


class Trunks(nn.Module):
    """Trunks of two units, one for each group of tasks."""

    def __init__(self, act=torch.tanh, bias=True, answer=lambda a, b: torch.cat([a, b], dim=1)):
        super().__init__()
        self.trunks = nn.ModuleList(nn.Linear(15, 2, bias=bias) for _ in range(2))
        self.heads = nn.ModuleList(nn.Linear(2, 4) for _ in range(2))
        self.act, self.answer = act, answer

    def forward(self, x):
        return self.answer(*(head(self.act(trunk(x))) for trunk, head in zip(self.trunks, self.heads, strict=True)))


class Masked(nn.Module):
    """One trunk of four units, of which each head reads two."""

    def __init__(self):
        super().__init__()
        self.trunk, self.heads = nn.Linear(15, 4), nn.Parameter(torch.rand(2, 2, 4) - 0.5)

    def forward(self, x):
        h = torch.tanh(self.trunk(x))
        return torch.cat([h[:, :2] @ self.heads[0], h[:, 2:] @ self.heads[1]], dim=1)


def one_trunk(n_hidden):
    return nn.Sequential(nn.Linear(15, n_hidden), nn.Tanh(), nn.Linear(n_hidden, 8))


TABLE = {
    "check_two_trunks": Answers(
        accepted=[Trunks, lambda: Trunks(bias=False), Masked, lambda: Trunks(act=torch.nn.functional.softsign)],
        rejected=[
            (lambda: one_trunk(3), "Does every task reach two tanh units"),
            (lambda: one_trunk(2), "Does every task reach two tanh units"),
            (lambda: one_trunk(4), "104 parameters"),
            (lambda: nn.Linear(15, 8), "128 parameters"),
            (lambda: nn.Sequential(nn.Linear(15, 3, bias=False), nn.Linear(3, 8)), "Does every task reach two tanh units"),
            (lambda: Trunks(act=torch.relu), "two tanh units that suit it"),
            (lambda: Trunks(answer=lambda a, b: torch.stack([a, b], dim=2).flatten(1)), "Does every task reach two tanh units"),
            (lambda: Trunks(answer=lambda a, b: torch.cat([b, a], dim=1)[:, :4]), "eight answers for each sample"),
            (lambda: nn.Sequential(nn.Linear(10, 2), nn.Linear(2, 8)), "raises RuntimeError"),
            (lambda: Trunks().requires_grad_(False), "0 parameters"),
            (lambda: lambda x: x[:, :8], "should return a net"),
            (one_trunk(3), "raises TypeError"),
        ],
    ),
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
