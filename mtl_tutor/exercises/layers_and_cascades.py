"""Exercises of *Low-level supervision and cascades*."""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from mtl_tutor.exercises._answers import NotYetError, asked, checker, shown
from mtl_tutor.exercises._trained import tensor_of
from mtl_tutor.sharing import LowLevelSupervision, SingleTask
from mtl_tutor.tasks import Samples, TaskData, needed_answer
from mtl_tutor.training import train

SIZE = {"n_features": 10, "n_hidden": (6, 6, 6), "n_tasks": 2}
N_SEEDS = 16


@checker
def check_shuffled_helper(control: Callable[[int], TaskData] | None) -> str:
    """Check a control for the helper's gain: the same data, but the helper's training labels tell nothing about the inputs.

    Parameters
    ----------
    control : function
        From a seed to that seed's `needed_answer(2, 100, seed=seed).data` with the helper's training labels in another order.
    """
    if control is None:
        return "Not yet: write a function from a seed to a TaskData, such as needed_answer(2, 100, seed=seed).data."
    made = {}
    for seed in range(N_SEEDS):
        data, true = asked(control, seed), _true(seed)
        if not isinstance(data, TaskData):
            return f"Not yet: your function should return a TaskData; got {shown(data)}."
        if wrong := _differs(data, true):
            return f"Not yet: {wrong}"
        made[seed] = data
    alone, helped = references()
    kept = (alone - main_error(LowLevelSupervision(**SIZE, depths=(3, 1)), made.__getitem__)) / (alone - helped)
    if kept > 0.2:
        return f"Not yet: {kept:.0%} of the gain is still there. Too many of the helper's labels still stand beside their own inputs."
    saved = f"the true helper saves {1 - helped / alone:.0%} of the error, and the control {max(kept, 0):.0%} of that"
    return f"Right: {saved}. So it is the helper's answer that helps."


def _differs(data: TaskData, true: TaskData) -> str:
    """What is wrong with the reader's data as a control, in one sentence; nothing where they may be one."""
    if data.train.y.shape != true.train.y.shape or data.train.x.shape != true.train.x.shape:
        return f"keep the size of the data: inputs {true.train.x.shape}, labels {true.train.y.shape}."
    if not _same_main(data.train, true.train):
        return "the main task should see the same inputs and labels as before. Change the helper's labels only."
    if set(data.splits()) != set(true.splits()) or not all(_same_main(one, true.splits()[name]) for name, one in data.splits().items()):
        return "keep the validation and test samples of the main task as they are."
    if np.array_equal(data.train.y, true.train.y):
        return "the helper's labels are as they were."
    if not np.allclose(np.sort(data.train.y[:, 1]), np.sort(true.train.y[:, 1])):
        return "a control keeps the helper's labels, with their mean and spread, and changes only which sample has which."
    return ""


def _same_main(one: Samples, other: Samples) -> bool:
    same_size = one.x.shape == other.x.shape and one.y.shape == other.y.shape
    return same_size and np.allclose(one.x, other.x) and np.allclose(one.y[:, 0], other.y[:, 0])


@cache
def _true(seed: int) -> TaskData:
    return needed_answer(2, 100, seed=seed).data


@cache
def references() -> tuple[float, float]:
    """Errors of the main task alone, and with the true helper at layer 1."""
    return main_error(SingleTask(**SIZE), _true), main_error(LowLevelSupervision(**SIZE, depths=(3, 1)), _true)


def main_error(net: nn.Module, data: Callable[[int], TaskData], first_seed: int = 0) -> float:
    """Mean test error of the main task at its best validation step."""
    seeds = range(first_seed, first_seed + N_SEEDS)
    return float(np.nanmean(train(net, data, seeds=list(seeds), steps=200, lr=0.1, eval_every=10).best()[:, 0]))


@checker
def check_one_way(answers: Callable[..., tuple[Tensor, Tensor]] | None) -> str:
    """Check a cascade whose main loss leaves the helper's net alone: answers(x, g, r, f, m) -> (main, helper).

    Parameters
    ----------
    answers : function
        From inputs, the helper's layers g and head r, and the main task's layers f and head m, to the main task's and the helper's answers.
    """
    if answers is None:
        return "Not yet: write answers(x, g, r, f, m), which returns the main task's answers and the helper's answers."
    with torch.random.fork_rng():
        torch.manual_seed(0)
        x, g, r = torch.randn(7, 3), nn.Sequential(nn.Linear(3, 4), nn.Tanh()), nn.Linear(4, 1)
        f, m = nn.Sequential(nn.Linear(3 + 4 + 1, 5), nn.Tanh()), nn.Linear(5, 1)
    read = g(x)
    main, helper = m(f(torch.cat([x, read, r(read)], dim=1))), r(read)
    found = asked(answers, x.clone(), g, r, f, m)
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        return f"Not yet: return two things, the main task's answers and the helper's answers; got {shown(found)}."
    mine = [tensor_of(one, (7, 1), "the answers of both tasks") for one in found]
    if torch.allclose(mine[0], helper) and torch.allclose(mine[1], main):
        return "Not yet: return the main task's answers first."
    for one, right, whose in zip(mine, (main, helper), ("main task", "helper"), strict=True):
        if not torch.allclose(one, right, atol=1e-5):
            return f"Not yet: the {whose} doesn't answer as in the cascade of this page. Check what its net reads, and in which order."
    own, others = [*f.parameters(), *m.parameters()], [*g.parameters(), *r.parameters()]
    if not _moves(mine[0], own):
        return "Not yet: now the main task's loss no longer trains its own net."
    if not _moves(mine[1], others):
        return "Not yet: now nothing trains the helper's net. Its own loss should."
    if any(_moves(mine[0], [one]) for one in others):
        return "Not yet: the main task's loss still reaches the helper's net. There are two things of the helper that the main net reads."
    return "Right: this cascade is the helper's net as it would be alone, and the main task reads it."


def _moves(answers: Tensor, parameters: list[nn.Parameter]) -> bool:
    """Whether a loss of these answers has a gradient for all of these parameters."""
    if not answers.requires_grad:
        return False
    try:
        slopes = torch.autograd.grad(answers.square().sum(), parameters, retain_graph=True, allow_unused=True)
    except RuntimeError as error:
        raise NotYetError("torch can't differentiate your answers. Change nothing in place.") from error
    return all(one is not None for one in slopes)
