"""Exercises of *Capacity, overfitting*."""

from collections.abc import Callable

import numpy as np

from mtl_tutor.exercises._answers import checker
from mtl_tutor.exercises._main_task import drawn, main_error
from mtl_tutor.tasks import TaskData, only_tasks
from mtl_tutor.training import SGD


@checker
def check_same_size(n_hidden: int | None) -> str:
    """Check the width of a single-task net with as many parameters as 16 units have for eight tasks, on fifteen inputs."""
    if n_hidden is None:
        return "Not yet: give a width."
    if not 1 <= n_hidden <= 1000:
        return f"Not yet: a width is a number of units; {n_hidden} is too {'small' if n_hidden < 1 else 'large'}."
    wanted, found = _size(16, 8), _size(n_hidden, 1)
    if abs(found - wanted) > min(abs(_size(h, 1) - wanted) for h in range(1, 65)):
        return f"Not yet: with one head, {n_hidden} units make {found} parameters; the joint net has {wanted}."
    return f"Right: {found} parameters against {wanted}."


def _size(n_hidden: int, n_tasks: int) -> int:
    """Weights and biases of a net with fifteen inputs."""
    return 16 * n_hidden + n_tasks * (n_hidden + 1)


@checker
def check_needs_room(family: Callable[[int], TaskData] | None) -> str:
    """Check tasks beside which the main task errs more in two units and less in twelve.

    Parameters
    ----------
    family : function
        From a seed to the data; the first task is the main task. Nets are trained on those of 32 seeds.
    """
    if family is None:
        return "Not yet: write a function of a seed that returns a TaskData, and pass the function itself."
    joint = drawn(family, {seed: seed for seed in range(32)})
    if len(joint[0].tasks) < 2:
        return "Not yet: your data have one task. Give the main task at least one other task."
    if any(task.kind != "regression" for task in joint[0].tasks):
        return "Not yet: use regressions, whose labels are numbers, not classes."
    if np.isclose(joint[0].train.y[:, 1:], joint[0].train.y[:, :1]).all(axis=0).any():
        return "Not yet: some other task is a copy of the main task. Give it labels of its own."
    if np.array_equal(joint[0].train.x, joint[1].train.x):
        return "Not yet: seeds 0 and 1 have the same inputs. Pass the seed on, so that each seed has its own data."
    narrow, wide = (_saved(joint, n_hidden) for n_hidden in (2, 12))
    if narrow > -0.05:
        does = f"save {narrow:.0%} of the error" if narrow > 0 else f"raise the error by only {-narrow:.0%}"
        return f"Not yet: in two units your tasks {does}. How many features do all your tasks need together?"
    if wide < 0.1:
        does = f"save only {wide:.0%} of the error" if wide > 0 else f"raise the error by {-wide:.0%}"
        return f"Not yet: in twelve units your tasks {does}. What do they have in common with the main task?"
    return f"Right: in two units your tasks raise the error by {-narrow:.0%}, in twelve they save {wide:.0%} of it."


def _saved(joint: dict[int, TaskData], n_hidden: int) -> float:
    """The share of the single-task error that joint training saves."""
    alone = {seed: only_tasks(data, [0]) for seed, data in joint.items()}
    single, shared = (main_error(data, n_hidden, lr=0.01, steps=250, optimizer=SGD(0.9)) for data in (alone, joint))
    return 1 - shared / max(single, 1e-9)
