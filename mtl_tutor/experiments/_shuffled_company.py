"""Beside shuffled labels that say so: a control whose extra tasks nobody mistakes for the true ones."""

from dataclasses import replace

from mtl_tutor.experiments._arms import Draw, beside_shuffled
from mtl_tutor.tasks import TaskData


def among_shuffled(draw: Draw) -> Draw:
    """Shuffle the labels of all tasks but the first, and say so in their names."""
    shuffled = beside_shuffled(draw)
    return lambda seed: _renamed(shuffled(seed))


def _renamed(data: TaskData) -> TaskData:
    return replace(data, tasks=(data.tasks[0], *(replace(task, name=f"{task.name}, shuffled") for task in data.tasks[1:])))
