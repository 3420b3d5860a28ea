"""When is a task learned? When a net does nearly as well as others do that learn nothing else."""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
from jaxtyping import Float
from torch import nn

from mtl_tutor.results import History
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.sharing.cost import cost_of
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import SGD, train

SPENT, STEPS = "multiply-adds of training until all tasks are learned (millions)", "steps until all tasks are learned"
THERE, STORED, PRODUCTS = "share of runs in which all tasks are learned", "parameters", "multiply-adds per sample"
OTHER_STARTS = 1_000_000  # seeds from here on have the data of a seed below, and nets that start elsewhere


def tanh_net(data: TaskData, n_hidden: int) -> HardSharing:
    """Build a trunk of tanh units."""
    return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=nn.Tanh, init_scale=0.5)


@cache
def reached(draw: Callable[[int], TaskData], seeds: tuple[int, ...], steps: int, eval_every: int) -> Float[np.ndarray, "seed task"]:
    """Find the least validation error of single-task nets (16 units, learning rate 0.05) on the same data: the mean of two."""
    net = SingleTask.like(tanh_net(draw(seeds[0]), 16))

    def best(start: int) -> np.ndarray:
        others = [start * OTHER_STARTS + seed for seed in seeds]
        how = {"seeds": others, "steps": steps, "eval_every": eval_every}
        return train(net, draw, lr=0.05, optimizer=SGD(momentum=0.9), **how, n_jobs=1).best("validation")

    return np.mean([best(1), best(2)], axis=0)


def toll(
    history: History, bar: Float[np.ndarray, "seed task"], n_samples: int, net: HardSharing, *, shared: bool
) -> Mapping[str, np.ndarray]:
    """Count what it took until each task's validation error was at the bar or below; what never was counts to the last step.

    A separate net stops when its task is learned, a shared one when its last is. A step takes three times its forward pass.
    """
    low = history.error["validation"] <= bar[:, None]
    steps = np.where(np.any(low, axis=1), history.steps[low.argmax(axis=1)], history.steps[-1])
    last, same = steps.max(axis=1), np.ones(len(steps))
    cost = cost_of(net if shared else SingleTask.like(net))
    spent = 3e-6 * n_samples * cost.multiply_adds * (last if shared else steps.mean(axis=1))
    return {
        SPENT: spent,
        STEPS: 1.0 * last,
        THERE: np.all(np.any(low, axis=1), axis=1),
        STORED: cost.parameters * same,
        PRODUCTS: cost.multiply_adds * same,
    }
