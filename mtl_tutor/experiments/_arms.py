"""The arms of a trial: who learns from what, and the controls that every trial needs."""

from collections.abc import Callable
from dataclasses import dataclass, field

from mtl_tutor.balancing import EqualWeighting, LossWeighting
from mtl_tutor.results import Role
from mtl_tutor.tasks import TaskData, copies_of_task, only_tasks, shuffled_labels, trivial_task
from mtl_tutor.training.optimizers import Optimizer

Draw = Callable[[int], TaskData]  # from a seed to its data


@dataclass(frozen=True)
class Arm:
    """One way to train the main task, which is the first of its data.

    Attributes
    ----------
    label, role : what pictures call it, and what it stands for there.
    data : what all seeds learn from, or how each seed draws its own.
    shared : one trunk for all tasks, or a net for each.
    method : how the tasks' losses become one.
    optimizer : another than the trial's.
    like : an arm named before, whose setting this one takes over without being tuned.
    """

    label: str
    role: Role
    data: TaskData | Draw
    shared: bool = True
    method: LossWeighting = field(default_factory=EqualWeighting)
    optimizer: Optimizer | None = None
    like: str | None = None


def alone(draw: Draw) -> Draw:
    """Keep the main task only."""
    return lambda seed: only_tasks(draw(seed), [0])


def beside_shuffled(draw: Draw) -> Draw:
    """Shuffle the labels of the other tasks, anew for each seed."""
    return lambda seed: _other_tasks_shuffled(draw(seed), seed)


def beside_copies(draw: Draw) -> Draw:
    """Put a copy of the main task in the place of each other one."""
    return lambda seed: _main_task_copied(draw(seed))


def beside_trivial(draw: Draw) -> Draw:
    """Let each other task ask for an input."""
    return lambda seed: trivial_task(draw(seed))


def _other_tasks_shuffled(data: TaskData, seed: int) -> TaskData:
    return shuffled_labels(data, range(1, len(data.tasks)), seed=seed)


def _main_task_copied(data: TaskData) -> TaskData:
    return copies_of_task(data, n_copies=len(data.tasks) - 1)
