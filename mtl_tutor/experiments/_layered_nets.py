"""Where a helper task is supervised, in what order, and what it is: the nets, stages and company that layered trials compare."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from torch import nn

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.experiments._arms import Arm, Draw
from mtl_tutor.results import History
from mtl_tutor.sharing import Cascade, LowLevelSupervision, SingleTask, cost_of, width_within
from mtl_tutor.tasks import Planted, Samples, TaskData, needed_answer, only_tasks
from mtl_tutor.training import train

FIRST_STEPS, FIRST_LR = 100, 0.03  # of the first stage, where there are two: enough for a task that is nearly a line
Build = Callable[[TaskData, int], nn.Module]


def supervised_at(layer: int, depth: int = 3) -> Build:
    """Answer the main task from the last of the layers, and the helper from the given one."""
    return lambda data, width: LowLevelSupervision(
        data.n_features, (width,) * depth, n_outputs=data.n_outputs, depths=(depth, *(len(data.tasks) - 1) * (layer,))
    )


def cascade(data: TaskData, width: int, depth: int = 3) -> nn.Module:
    """Let the main task read what the helper's own net answers and represents."""
    return Cascade(data.n_features, (width,) * depth, n_outputs=data.n_outputs, feeds=[(1,), ()])


def as_large_as_two_nets(build: Callable[..., nn.Module], depth: int = 2) -> Build:
    """Make an architecture as wide as lets it store what separate nets of the given width store together.

    Parameters
    ----------
    build : from sizes to a network, such as `CrossStitch`.
    """

    def made(data: TaskData, width: int) -> nn.Module:
        sizes: dict[str, Any] = {"n_features": data.n_features, "n_outputs": data.n_outputs}
        budget = cost_of(SingleTask(**sizes, n_hidden=(width,) * depth)).parameters
        return build(**sizes, n_hidden=(width_within(lambda n: build(**sizes, n_hidden=(n,) * depth), budget),) * depth)

    return made


@dataclass(frozen=True)
class InTurn:
    """The same data, but the helper is learned first, and the main task after it.

    Attributes
    ----------
    draw : from a seed to its data.
    """

    draw: Draw

    def __call__(self, seed: int) -> TaskData:
        """One seed's data."""
        return self.draw(seed)


def train_in_turn(
    net: nn.Module, arm: Arm, seeds: Int[np.ndarray, "seed"], lr: float | Float[np.ndarray, "seed"], *, steps: int, eval_every: int | None
) -> History:
    """Let the helper alone move the net for a third of its steps, then the main task alone, which may find the shared layers frozen."""
    helper, main = FixedWeighting((0.0, 1.0)), FixedWeighting((1.0, 0.0))
    first = train(net, arm.data, helper, seeds=np.unique(seeds), steps=FIRST_STEPS, lr=FIRST_LR, eval_every=eval_every)
    rest = steps - FIRST_STEPS
    return train(net, arm.data, main, seeds=seeds, steps=rest, lr=lr, trunk_from=first, trunk_lr=arm.trunk_lr, eval_every=eval_every)


def needed(n_samples: int, helper: int = 1) -> Draw:
    """Draw a main task and the one whose answer it needs; or, with 2 for helper, a stranger in the place of that one."""
    return lambda seed: only_tasks(_three(n_samples, seed).data, [0, helper])


def few_answers(draw: Draw, n_labels: int) -> Draw:
    """Leave the second task the labels of its first training and validation samples only."""
    return lambda seed: _masked(draw(seed), lambda n: np.array([[True, i < n_labels] for i in range(n)]))


def own_samples(draw: Draw) -> Draw:
    """Give each of two tasks one half of the samples."""
    return lambda seed: _masked(draw(seed), lambda n: np.array([[i < n // 2, i >= n // 2] for i in range(n)]))


def told(n_samples: int) -> Draw:
    """Keep the main task, and write the helper's true answer beside the inputs of every sample, the test's included."""
    return lambda seed: _told(_three(n_samples, seed))


def _three(n_samples: int, seed: int) -> Planted:
    return needed_answer(3, n_samples, seed=seed)


def _told(planted: Planted) -> TaskData:
    def known(samples: Samples) -> Samples:
        return Samples(np.column_stack([samples.x, np.tanh(1.5 * samples.x @ direction) / 0.7353]), samples.y)

    direction, data = planted.truth["directions"][1], only_tasks(planted.data, [0])
    return TaskData(data.tasks, **{name: known(samples) for name, samples in data.splits().items()})  # type: ignore[arg-type]


def _masked(data: TaskData, asked: Callable[[int], np.ndarray]) -> TaskData:
    parts = {name: s for name, s in data.splits().items() if name != "test"}
    return replace(data, **{name: replace(s, y=np.where(asked(len(s)), s.y, np.nan)) for name, s in parts.items()})  # type: ignore[arg-type]
