"""The arms of a trial: who learns from what, and the controls that every trial needs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from torch import nn

from mtl_tutor.balancing import EqualWeighting, LossWeighting
from mtl_tutor.results import Role
from mtl_tutor.tasks import TaskData, copies_of_task, noise_tasks, only_tasks, shuffled_labels, trivial_task
from mtl_tutor.training import FreshNoise
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
    noise, weight_decay, trunk_lr : as in `train`.
    n_hidden : the one width of this arm, where it isn't tuned.
    net : another kind of net than the trial's, from the data and a width.
    like : an arm named before, whose setting this one takes over without being tuned.
    variants : arms of which tuning chooses the best one, in the order of their strength; this arm then stands for that one.
    """

    label: str
    role: Role
    data: TaskData | Draw
    shared: bool = True
    method: LossWeighting = field(default_factory=EqualWeighting)
    optimizer: Optimizer | None = None
    noise: FreshNoise = field(default_factory=FreshNoise)
    weight_decay: float = 0.0
    trunk_lr: float = 1.0
    n_hidden: int | None = None
    net: Callable[[TaskData, int], nn.Module] | None = None
    like: str | None = None
    variants: tuple["Arm", ...] = ()


def best_of(label: str, role: Role, variants: Iterable[Arm]) -> Arm:
    """Stand for the best of some arms, which tuning will choose; list them from the weakest to the strongest."""
    variants = tuple(variants)
    return Arm(label, role, variants[0].data, variants=variants)


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


def beside_noise(draw: Draw, n_tasks: int, sd: float = 1.0) -> Draw:
    """Keep the main task, and put tasks beside it whose labels are noise, drawn once for each seed."""
    return lambda seed: noise_tasks(only_tasks(draw(seed), [0]), n_tasks, sd=sd, seed=seed)


def _other_tasks_shuffled(data: TaskData, seed: int) -> TaskData:
    return shuffled_labels(data, range(1, len(data.tasks)), seed=seed)


def _main_task_copied(data: TaskData) -> TaskData:
    return copies_of_task(data, n_copies=len(data.tasks) - 1)
