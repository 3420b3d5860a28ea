"""Answers to the exercises of *Summary: why MTL works*."""

from dataclasses import replace

import numpy as np
import torch

from mtl_tutor.tasks import copies_of_task, mixtures, noise_tasks, only_tasks, shuffled_labels
from tests.exercises.answers import Answers


def changed(order, *, columns=slice(1, None), inputs=False, splits=("train", "validation")):
    """A control that reorders some labels, or the inputs, of some splits."""

    def control(data):
        made = {}
        for name, split in data.splits().items():
            x, y = split.x.copy(), split.y.copy()
            if name in splits:
                y[:, columns] = order(y[:, columns])
                x = order(x) if inputs else x
            made[name] = replace(split, x=x, y=y)
        return replace(data, **made)

    return control


def mixed(y):
    """All columns in one new order."""
    return np.random.default_rng(0).permutation(y)


def in_place(data):
    """Shuffle the main task, too, in the very arrays that were given."""
    data.train.y.flags.writeable = True
    np.random.default_rng(0).shuffle(data.train.y)
    return data


TABLE = {
    "check_no_information": Answers(
        accepted=[
            lambda data: shuffled_labels(data, range(1, len(data.tasks))),
            lambda data: shuffled_labels(data, [5, 4, 3, 2, 1], seed=7),
            changed(mixed),
            changed(lambda y: y[::-1]),
            changed(mixed, splits=("train",)),
            changed(lambda y: np.roll(y, 1, axis=0), splits=("train", "validation", "test")),
        ],
        rejected=[
            (lambda data: data, "still say something"),
            (lambda data: shuffled_labels(data, [1]), "still say something"),
            (lambda data: shuffled_labels(data, range(6)), "the main task, column 0"),
            (changed(mixed, columns=slice(0, 1)), "the main task, column 0"),
            (changed(mixed, columns=slice(0, 0), inputs=True), "inputs have changed"),
            (lambda data: copies_of_task(data, n_copies=5), "other labels than before"),
            (lambda data: noise_tasks(only_tasks(data, [0]), 5), "other labels than before"),
            (changed(lambda y: -y), "other labels than before"),
            (lambda data: only_tasks(data, [0]), "keep the shape"),
            (changed(mixed, columns=slice(0, 1), splits=("test",)), "test labels have changed"),
            (in_place, "the main task, column 0"),
            (lambda data: data.train.y, "should return a TaskData"),
            (lambda data: replace(data, test=None), "training, validation and test"),
            (lambda: None, "raises TypeError"),
            (mixtures(6), "must be a function"),
        ],
    ),
    "check_second_task": Answers(
        accepted=[
            lambda x: x[:, 0] * x[:, 2],
            lambda x: (x[:, 0] * x[:, 4] > 0).astype(int)[:, None],
            lambda x: torch.tensor(np.where(x[:, 3] > 0, x[:, 0], -x[:, 0]), requires_grad=True),
            lambda x: (-5.0 * x[:, 0] * x[:, 5]).tolist(),
            lambda x: [row[0] * row[2] for row in x],
        ],
        rejected=[
            (lambda x: x[:, 0], "the main task again"),
            (lambda x: -3 * x[:, 0], "the main task again"),
            (lambda x: x[:, 1], "prefers another input"),
            (lambda x: x[:, 1] * x[:, 2], "prefers another input"),
            (lambda x: x[:, 0] + x[:, 1], "without the first input"),
            (lambda x: x[:, 0] * x[:, 1], "Not yet: where the two inputs differ"),
            (lambda x: x.sum(axis=1), "Not yet: where the two inputs differ"),
            (lambda x: x[:, 2], "Not yet: where the two inputs differ"),
            (lambda x: np.random.default_rng(0).normal(size=len(x)), "Not yet: where the two inputs differ"),
            (lambda x: np.ones(len(x)), "all labels are alike"),
            (lambda x: x, "one label per sample"),
            (lambda x: np.nan * x[:, 0], "finite numbers"),
            (lambda x: x[:, 9], "raises IndexError"),
            (np.ones(200), "must be a function"),
        ],
    ),
}
