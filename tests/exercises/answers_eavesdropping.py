"""Answers to the exercises of *Eavesdropping, hints*."""

from dataclasses import replace

import numpy as np
import torch

from mtl_tutor.tasks import copies_of_task, only_tasks, products, shuffled_labels, trivial_task
from tests.exercises.answers import Answers


def posed(seed):
    return products(n_samples=80, seed=seed)


def in_another_order(order):
    """A control that puts T's labels into another order, by hand."""

    def control(seed):
        data = posed(seed)
        train = replace(data.train, y=np.column_stack([data.train.y[:, 0], order(data.train.y[:, 1])]))
        return replace(data, train=train)

    return control


def with_fresh_labels(seed):
    """T's labels replaced by noise, which is another control than the one asked for."""
    data = posed(seed)
    noise = np.random.default_rng(seed).normal(size=80)
    return replace(data, train=replace(data.train, y=np.column_stack([data.train.y[:, 0], noise])))


TABLE = {
    "check_neighbour": Answers(
        accepted=[
            lambda x: np.maximum(x[:, 0], x[:, 1]),
            lambda x: [int(a > 0 and b > 0) for a, b in x[:, :2]],
            lambda x: torch.from_numpy(x[:, 0] * x[:, 1] + x[:, 9] / 2),
            lambda x: 100 * (x[:, 0] + x[:, 1]),
        ],
        rejected=[
            (lambda x: x[:, 0] * x[:, 1], "that is F itself"),
            (lambda x: x[:, 0] == x[:, 1], "that is F itself"),
            (lambda x: x[:, 0] * x[:, 1] + x[:, 3], "that is T itself"),
            (lambda x: x[:, :3].prod(axis=1), "that is T′ itself"),
            (lambda x: x[:, 0] * x[:, 1] * x[:, 3], "correlation with F is 0.00"),
            (lambda x: x[:, 4], "What does T′ need"),
            (lambda x: np.random.default_rng(0).normal(size=len(x)), "What does T′ need"),
            (lambda x: np.ones(len(x)), "the same for all samples"),
            (lambda x: x, "one label for each"),
        ],
    ),
    "check_nothing_to_hear": Answers(
        accepted=[
            lambda seed: shuffled_labels(posed(seed), [1], seed=seed),
            lambda seed: shuffled_labels(posed(seed), (1,), seed=7),
            in_another_order(lambda y: np.roll(y, 1)),
            in_another_order(np.sort),
        ],
        rejected=[
            (posed, "Part of the gain is left"),
            (lambda seed: shuffled_labels(posed(seed), [0, 1], seed=seed), "labels of T′ have changed"),
            (lambda seed: shuffled_labels(posed(seed), [0], seed=seed), "labels of T′ have changed"),
            (lambda seed: shuffled_labels(posed(0), [1], seed=seed), "differ from seed to seed"),
            (lambda seed: only_tasks(posed(seed), [0]), "keep both tasks"),
            (lambda seed: products(n_samples=40, seed=seed), "keep both tasks"),
            (lambda seed: copies_of_task(posed(seed), n_copies=1), "other labels than before"),
            (lambda seed: trivial_task(posed(seed)), "other labels than before"),
            (with_fresh_labels, "other labels than before"),
            (lambda seed: posed(seed).train, "return a TaskData"),
        ],
    ),
}
