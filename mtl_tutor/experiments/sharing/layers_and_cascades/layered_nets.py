"""Where an auxiliary task answers, in which order tasks are learned, and from which labels."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from torch import nn

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.experiments import Arm, Stage
from mtl_tutor.experiments.controls import Sampler
from mtl_tutor.results import Role
from mtl_tutor.sharing import Cascade, LowLevelSupervision, SingleTask, cost_of, width_within
from mtl_tutor.tasks import Samples, TaskData, needed_answer, only_tasks

AUXILIARY_FIRST = Stage(100, lr=0.03, method=FixedWeighting((0.0, 1.0)))  # enough for a task that is nearly a line
BuildNet = Callable[[TaskData, int], nn.Module]


def supervised_at(layer: int, depth: int = 3) -> BuildNet:
    """Answer the main task from the last layer, and auxiliary tasks from the given one."""

    def build(data: TaskData, width: int) -> nn.Module:
        depths = (depth, *(len(data.tasks) - 1) * (layer,))
        return LowLevelSupervision(data.n_features, (width,) * depth, n_outputs=data.n_outputs, depths=depths)

    return build


def cascade(data: TaskData, width: int) -> nn.Module:
    """Let the main task read the auxiliary task's answer and last layer, in nets of three layers."""
    return Cascade(data.n_features, (width,) * 3, n_outputs=data.n_outputs, feeds=[(1,), ()])


def as_large_as_two_nets(build: Callable[..., nn.Module]) -> BuildNet:
    """Make an architecture as wide as fits into the parameters of separate nets with two layers of the given width.

    Parameters
    ----------
    build : callable
        From sizes to a network, such as `CrossStitch`.
    """

    def built(data: TaskData, width: int) -> nn.Module:
        sizes: dict[str, Any] = {"n_features": data.n_features, "n_outputs": data.n_outputs}
        budget = cost_of(SingleTask(**sizes, n_hidden=(width, width))).parameters
        widest = width_within(lambda n: build(**sizes, n_hidden=(n, n)), budget)
        return build(**sizes, n_hidden=(widest, widest))

    return built


def in_turn(label: str, role: Role, draw: Sampler, net: BuildNet, *, trunk_lr: float = 1.0) -> Arm:
    """Learn the auxiliary task first, for a third of the steps, then the main task alone.

    Parameters
    ----------
    label, role, draw, net
        As in `Arm`.
    trunk_lr : float
        Of the second stage; 0 freezes the shared layers.
    """
    return Arm(label, role, draw, method=FixedWeighting((1.0, 0.0)), net=net, first=AUXILIARY_FIRST, trunk_lr=trunk_lr)


def needed(n_samples: int, helper: int = 1) -> Sampler:
    """Draw a main task and the one whose answer it needs; or, with 2 for `helper`, an unrelated one."""
    return lambda seed: only_tasks(needed_answer(3, n_samples, seed=seed).data, [0, helper])


def few_answers(draw: Sampler, n_labels: int) -> Sampler:
    """Leave the second task the labels of its first training and validation samples only."""
    return lambda seed: _masked(draw(seed), lambda n: np.array([[True, i < n_labels] for i in range(n)]))


def own_samples(draw: Sampler) -> Sampler:
    """Give each of two tasks one half of the samples."""
    return lambda seed: _masked(draw(seed), lambda n: np.array([[i < n // 2, i >= n // 2] for i in range(n)]))


def _masked(data: TaskData, asked: Callable[[int], np.ndarray]) -> TaskData:
    parts = {name: s for name, s in data.splits().items() if name != "test"}
    kept = {name: replace(s, y=np.where(asked(len(s)), s.y, np.nan)) for name, s in parts.items()}
    return replace(data, **kept)  # type: ignore[arg-type]


def told(n_samples: int) -> Sampler:
    """Keep the main task, and append the needed task's true answer to the inputs of every sample, in all splits."""

    def draw(seed: int) -> TaskData:
        planted = needed_answer(3, n_samples, seed=seed)
        direction, data = planted.truth["directions"][1], only_tasks(planted.data, [0])

        def with_answer(samples: Samples) -> Samples:
            answer = np.tanh(1.5 * samples.x @ direction) / 0.7353
            return Samples(np.column_stack([samples.x, answer]), samples.y)

        parts = {name: with_answer(samples) for name, samples in data.splits().items()}
        return TaskData(data.tasks, **parts)  # type: ignore[arg-type]

    return draw
