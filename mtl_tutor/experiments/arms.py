"""The arms of a trial: who learns from what, and how."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from torch import nn

from mtl_tutor.balancing import Balancing, EqualWeighting
from mtl_tutor.experiments.controls import Sampler
from mtl_tutor.results import Role
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import FreshNoise
from mtl_tutor.training.optimizers import Optimizer


@dataclass(frozen=True)
class Stage:
    """A training before an arm's own: the arm's nets start with the shared layers that it leaves, and new heads.

    Attributes
    ----------
    steps : int
        Its steps, which are subtracted from the trial's.
    lr : float
        Its learning rate.
    method : Balancing
        How the tasks' losses become one; a weight of 0 leaves a task out.
    data : TaskData or callable, optional
        Other data than the arm's, seed by seed.
    """

    steps: int
    lr: float
    method: Balancing = field(default_factory=EqualWeighting)
    data: TaskData | Sampler | None = None


@dataclass(frozen=True)
class Arm:
    """One way to train the main task, which is the first of its data.

    Attributes
    ----------
    label : str
        What pictures call it.
    role : Role
        What it stands for, which decides its colour.
    data : TaskData or callable
        What all seeds learn from, or from a seed to that seed's own data.
    shared : bool
        One trunk for all tasks, or a net for each.
    method : Balancing
        How the tasks' losses become one.
    optimizer : Optimizer, optional
        Another than the trial's.
    noise, weight_decay, trunk_lr
        As in `train`.
    n_hidden : int, optional
        The one width of this arm, where it isn't tuned.
    net : callable, optional
        Another kind of net than the trial's, from the data and a width.
    first : Stage, optional
        A training before this one.
    like : str, optional
        An arm named before, whose setting this one takes over without being tuned.
    variants : tuple of Arm
        Arms of which tuning chooses the best one; this arm then stands for that one.
    ordered : bool
        Whether variants are listed from the weakest to the strongest, so that the last one is the edge of what was tried.
    """

    label: str
    role: Role
    data: TaskData | Sampler
    shared: bool = True
    method: Balancing = field(default_factory=EqualWeighting)
    optimizer: Optimizer | None = None
    noise: FreshNoise = field(default_factory=FreshNoise)
    weight_decay: float = 0.0
    trunk_lr: float = 1.0
    n_hidden: int | None = None
    net: Callable[[TaskData, int], nn.Module] | None = None
    first: Stage | None = None
    like: str | None = None
    variants: tuple["Arm", ...] = ()
    ordered: bool = True


def best_of(label: str, role: Role, variants: Iterable[Arm], *, ordered: bool = True) -> Arm:
    """Stand for the best of some arms, which tuning will choose; list them from the weakest to the strongest, if they have an order.

    Raises
    ------
    ValueError
        Two variants have one label, by which the chosen one is kept.
    """
    variants = tuple(variants)
    labels = [variant.label for variant in variants]
    if len(set(labels)) < len(labels):
        raise ValueError(f"`variants` must have labels of their own; got {labels}. Name what differs.")
    return Arm(label, role, variants[0].data, variants=variants, ordered=ordered)
