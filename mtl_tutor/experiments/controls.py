"""Controls that every claim about several tasks needs: the main task alone, or beside tasks from which nothing can be learned."""

from collections.abc import Callable
from dataclasses import replace

from mtl_tutor.tasks import TaskData, copies_of_task, noise_tasks, only_tasks, shuffled_labels, trivial_task

Sampler = Callable[[int], TaskData]
"""From a seed to that seed's data."""


def alone(draw: Sampler) -> Sampler:
    """Keep the main task only."""
    return lambda seed: only_tasks(draw(seed), [0])


def beside_shuffled(draw: Sampler) -> Sampler:
    """Shuffle the labels of the other tasks, anew for each seed."""
    return lambda seed: _others_shuffled(draw(seed), seed)


def beside_renamed_shuffled(draw: Sampler) -> Sampler:
    """Shuffle the labels of the other tasks, and say so in their names, so that nobody mistakes them for the true ones."""
    return lambda seed: _renamed(_others_shuffled(draw(seed), seed))


def beside_copies(draw: Sampler) -> Sampler:
    """Replace each auxiliary task by a copy of the main one."""
    return lambda seed: _others_replaced_by_copies(draw(seed))


def beside_trivial(draw: Sampler) -> Sampler:
    """Replace auxiliary tasks by predicting an input feature."""
    return lambda seed: trivial_task(draw(seed))


def beside_noise(draw: Sampler, n_tasks: int, sd: float = 1.0) -> Sampler:
    """Keep the main task, and put tasks beside it whose labels are noise, drawn once for each seed."""
    return lambda seed: noise_tasks(only_tasks(draw(seed), [0]), n_tasks, sd=sd, seed=seed)


def _others_shuffled(data: TaskData, seed: int) -> TaskData:
    return shuffled_labels(data, range(1, len(data.tasks)), seed=seed)


def _renamed(data: TaskData) -> TaskData:
    return replace(data, tasks=(data.tasks[0], *(replace(task, name=f"{task.name}, shuffled") for task in data.tasks[1:])))


def _others_replaced_by_copies(data: TaskData) -> TaskData:
    return copies_of_task(data, n_copies=len(data.tasks) - 1)
