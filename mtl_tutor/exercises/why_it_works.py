"""Exercises of *Summary: why MTL works*."""

from collections.abc import Callable
from copy import deepcopy

import numpy as np

from mtl_tutor.exercises._answers import checker
from mtl_tutor.exercises._main_task import data_of, main_error
from mtl_tutor.tasks import Samples, Task, TaskData, mixtures, only_tasks
from mtl_tutor.training import SGD, Adam


@checker
def check_no_information(control: Callable[[TaskData], TaskData] | None) -> str:
    """Check a control in which the other tasks keep their labels and lose what these say about the inputs.

    Parameters
    ----------
    control : function
        From the data of six related tasks, the first of which is the main task, to those of the control. Nets are trained
        on the data of 24 seeds.
    """
    if control is None:
        return "Not yet: write a function of data, a TaskData, that returns another TaskData; pass the function itself."
    related = {seed: mixtures(6, seed=seed) for seed in range(24)}
    changed = data_of(control, deepcopy(related))
    for seed, data in related.items():
        if wrong := _difference(data, changed[seed]):
            return f"Not yet: {wrong}"
    settings = {"lr": 0.01, "steps": 250, "optimizer": SGD(0.9)}
    alone = {seed: only_tasks(data, [0]) for seed, data in related.items()}
    single, joint, beside = (main_error(data, 4, **settings) for data in (alone, related, changed))  # type: ignore[arg-type]
    found = f"alone the error is {single:.3f}, beside the related tasks {joint:.3f}, beside your control {beside:.3f}"
    if beside < 0.9 * single:
        return f"Not yet: {found}. So the labels of your control still say something about the inputs."
    return f"Right: {found}. So the gain comes from what the labels say about the inputs."


def _difference(data: TaskData, changed: TaskData) -> str:
    """What the control changed that it should have left alone."""
    for name, split in list(data.splits().items())[:2]:
        found = changed.splits()[name]
        if found.y.shape != split.y.shape:
            return f"the {name} labels should keep the shape {split.y.shape}; got {found.y.shape}."
        if not np.array_equal(found.x, split.x):
            return f"the {name} inputs have changed. Change labels only."
        if not np.array_equal(found.y[:, 0], split.y[:, 0]):
            return f"the {name} labels of the main task, column 0, have changed. Change the other columns only."
        if not np.allclose(np.sort(found.y[:, 1:], axis=0), np.sort(split.y[:, 1:], axis=0)):
            return f"in {name}, some other task has other labels than before. Keep its labels; only who has which may change."
    if not (np.array_equal(changed.test.x, data.test.x) and np.array_equal(changed.test.y[:, :1], data.test.y[:, :1])):  # type: ignore[union-attr]
        return "the test inputs or the main task's test labels have changed. They measure the error: leave them alone."
    return ""


@checker
def check_second_task(second: Callable[[np.ndarray], np.ndarray] | None) -> str:
    """Check a second task that makes a net use the first of two inputs which are equal in all samples of the main task.

    Parameters
    ----------
    second : function
        From six inputs, +1 or -1, x [sample feature], to one label per sample. Nets are trained on the data of 24 seeds.
    """
    if second is None:
        return "Not yet: write a function of x that returns one label per sample, and pass the function itself."
    data = {}
    for seed in range(24):
        rng = np.random.default_rng([seed, 0x2D])
        x, new_x = (rng.choice([-1.0, 1.0], size=(200, 6)) for _ in range(2))
        x[:40, 1], new_x[:, 1] = x[:40, 0], -new_x[:, 0]
        labels = second(x)
        if labels.shape not in ((200,), (200, 1)):
            return f"Not yet: return one label per sample, shape (200,); got {labels.shape}."
        labels = labels.reshape(200)
        if labels.std() < 1e-9:
            return "Not yet: all labels are alike, so there is nothing to learn."
        if abs(np.corrcoef(labels, x[:, 0])[0, 1]) > 0.95:
            return "Not yet: that is the main task again. Write a task of its own that needs the same input."
        main = np.where(np.arange(200) < 40, x[:, 0], np.nan)
        y = np.column_stack([main, (labels - labels.mean()) / labels.std()])
        test = Samples(new_x, np.column_stack([new_x[:, 0], np.zeros(200)]))
        data[seed] = TaskData((Task("main"), Task("second")), Samples(x, y), None, test)
    alone = {seed: only_tasks(one, [0]) for seed, one in data.items()}
    single, joint = (main_error(one, 2, lr=0.03, steps=200, optimizer=Adam()) for one in (alone, data))
    found = f"where the two inputs differ, the main task's error is {single:.2f} alone and {joint:.2f} beside your task"
    if joint > 1.8 * single:
        return f"Not yet: {found}. Your task prefers another input, and the net follows it."
    if joint > 0.5 * single:
        return f"Not yet: {found}. Can your labels be predicted without the first input, or by a sum in which it counts little?"
    return f"Right: {found}. Your task is a good inductive bias."
