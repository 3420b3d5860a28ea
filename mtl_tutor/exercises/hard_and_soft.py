"""Exercises of *Hard and soft sharing*."""

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from mtl_tutor.exercises._answers import asked, checker
from mtl_tutor.exercises._trained import Split, descend, first_weights, stacked, tensor_of
from mtl_tutor.tasks import deviations

N_TASKS, N_UNITS, N_SEEDS = 6, 8, 16
SHAPE = (N_TASKS, 21 * N_UNITS)
STRENGTH = 0.5


@checker
def check_start_control(start: Callable[[Tensor], Tensor] | None) -> str:
    """Check a control for a penalty: first weights from which separate nets without a penalty have the same gain.

    Parameters
    ----------
    start : function
        From the first weights of six trunks [task parameter] to others of the same shape.
    """
    if start is None:
        return "Not yet: write a function from the first weights of six trunks [task parameter] to new first weights."
    kept = share_kept(start)
    if kept > 0.75:
        return f"Right: these nets have no penalty, and {kept:.0%} of the gain. So the tasks have given each other nothing."
    if kept < -0.25:
        return "Not yet: from these weights, nets without a penalty have more error than from the usual ones."
    if kept < 0.35:
        return "Not yet: next to nothing of the gain is there. What does a strong penalty do to large trunks within its first few steps?"
    return f"Not yet: {kept:.0%} of the gain is there. The direction is right; go further."


def share_kept(start: Callable[[Tensor], Tensor], first_seed: int = 0) -> float:
    """Share of the penalty's gain that separate nets have from a reader's start."""
    starts = [tensor_of(asked(start, trunks.clone()), SHAPE, "the trunks' first weights").detach() for trunks in _first(first_seed)[0]]
    usual, tied = _references(first_seed)
    return (usual - _error(torch.stack(starts), 0.0, first_seed)) / (usual - tied)


@cache
def _references(first_seed: int) -> tuple[float, float]:
    """Errors from the usual start: without a penalty, and with one."""
    trunks = _first(first_seed)[0]
    return _error(trunks, 0.0, first_seed), _error(trunks, STRENGTH, first_seed)


def _first(first_seed: int) -> tuple[Tensor, Tensor]:
    """Large first weights of trunks [seed task parameter], and those of heads."""
    generator = torch.Generator().manual_seed(first_seed)
    trunks = 2.5 * first_weights(generator, N_SEEDS, *SHAPE, fan_in=20)
    return trunks, first_weights(generator, N_SEEDS, N_TASKS, N_UNITS + 1, fan_in=N_UNITS)


@cache
def _data(first_seed: int) -> list[Split]:
    draws = [deviations(N_TASKS, 30, spread=10, seed=seed).data for seed in range(first_seed, first_seed + N_SEEDS)]
    return [stacked([data.splits()[name] for data in draws]) for name in ("train", "validation", "test")]


def _error(trunks: Tensor, strength: float, first_seed: int) -> float:
    """Mean test error at each task's best validation step."""
    (x, y), *others = _data(first_seed)
    w = trunks.reshape(N_SEEDS, N_TASKS, 21, N_UNITS).clone().requires_grad_()
    v = _first(first_seed)[1].requires_grad_()
    optimizer = torch.optim.SGD([w, v], lr=0.005, momentum=0.9)

    def errors(x: Tensor, y: Tensor) -> Tensor:
        hidden = torch.tanh(torch.einsum("snd,stdh->stnh", x, w[:, :, :20]) + w[:, :, 20:])
        return (torch.einsum("stnh,sth->snt", hidden, v[:, :, :-1]) + v[:, None, :, -1] - y).square().mean(dim=1)

    def loss() -> Tensor:
        return errors(x, y).sum() + strength * (w - w.mean(dim=1, keepdim=True)).square().sum()

    found = []
    for _ in range(20):
        descend(loss, optimizer, 10)
        with torch.no_grad():
            found.append(torch.stack([errors(*split) for split in others]))
    validation, test = torch.stack(found, dim=1)
    return test.gather(0, validation.argmin(dim=0, keepdim=True)).mean().item()


@checker
def check_step_to_mean(strength: float | None) -> str:
    """Check the strength at which one step of gradient descent, rate 0.05, moves every trunk all the way to the mean of the trunks."""
    if strength is None:
        return "Not yet: give a number, the strength of the penalty. The learning rate is 0.05."
    if strength <= 0:
        return "Not yet: with no penalty, or a negative one, no trunk comes nearer to the mean."
    if abs(strength - 10) > 0.01:
        where = "beyond the mean" if strength > 10 else "short of the mean"
        return f"Not yet: after one step every trunk is {where}. What is the slope of the penalty for one trunk?"
    return "Right: and a penalty twice as strong throws trunks from side to side for ever. A strong one asks for a small rate."
