"""Exercises of *Effective learning rate*."""

from collections.abc import Callable
from copy import deepcopy
from typing import NamedTuple

import torch
from torch import Tensor, nn

from mtl_tutor.checks import shown
from mtl_tutor.exercises._answers import NotYetError, asked, checker
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData, copies_of_task, only_tasks, shared_feature
from mtl_tutor.training import SGD, train

SEEDS = range(3000, 3064)
MAKE = Callable[[nn.Linear, nn.Linear], torch.optim.Optimizer]


@checker
def check_harm(setting: tuple[float, int] | None) -> str:
    """Check a learning rate and a number of steps at which copies of the main task do harm."""
    if setting is None:
        return "Not yet: give a learning rate and a number of steps."
    lr, steps = setting
    if not 0 < lr <= 0.1 or not 1 <= steps <= 600:
        return f"Not yet: take a learning rate above 0, at most 0.1, and 1 to 600 steps; got {lr:g} and {steps}."
    alone = _error(lambda seed: only_tasks(_views(seed), [0]), 1, lr, steps)
    copies = _error(lambda seed: copies_of_task(_views(seed), n_copies=7), 8, lr, steps)
    found = f"after {steps} steps at {lr:g}, the error is {alone:.2f} alone and {copies:.2f} beside copies"
    if not max(alone, copies) < 10:
        return f"Not yet: {found}. Training has diverged: which of your two numbers makes steps too long?"
    if min(alone, copies) > 0.8:
        return f"Not yet: {found}. The mean of the labels would do about as well, so there is little to compare."
    if copies < alone:
        return f"Not yet: {found}. Here copies help. They move the trunk further: when is that too far?"
    if copies < alone + 0.05:
        return f"Not yet: {found}, less than 0.05 apart. Follow both errors over the steps: when has one turned and the other not?"
    return f"Right: {found}. At another rate or step, the same copies help."


@checker
def check_same_steps(optimizer: MAKE | None) -> str:
    """Check an optimiser with which one task takes the same steps as five copies do."""
    if optimizer is None:
        return "Not yet: write a function of the trunk and the head that returns an optimiser for both."
    copies, single = _trained(5, None, 1), _trained(1, optimizer, 1)
    for place, (name, reached) in enumerate({"trunk": "it", "head": "one head"}.items()):
        wanted, moved = (_moved(net, place) for net in (copies, single))
        if not abs(moved / wanted - 1) < 1e-3:
            how_far = "less far" if moved < wanted else "further"
            return (
                f"Not yet: in the first step the {name} moves {how_far} than beside the copies. How many losses' gradients reach {reached}?"
            )
    copies, single = _trained(5, None, 40), _trained(1, optimizer, 40)
    apart = (copies.answers - single.answers).abs().max().item()
    if not apart < 1e-3:
        return (
            f"Not yet: the first step is right, but after 40 steps the answers differ by {apart:.2g}. Does a step depend on earlier ones?"
        )
    return "Right: after 40 steps both nets give the same answers to new samples."


class _Net(NamedTuple):
    """Weights of trunk and head before and after training, and the answers to new samples."""

    start: tuple[Tensor, Tensor]
    end: tuple[Tensor, Tensor]
    answers: Tensor


def _moved(net: _Net, place: int) -> float:
    return (net.end[place] - net.start[place]).norm().item()


def _trained(n_copies: int, make: MAKE | None, steps: int) -> _Net:
    """A trunk with equal heads, trained on the sum of equal losses: plain SGD, or a reader's optimiser."""
    drawn = torch.Generator().manual_seed(0)
    x, y, new = (torch.randn(shape, generator=drawn) for shape in ((20, 6), (20, 1), (50, 6)))
    trunk, head = nn.Linear(6, 3), nn.Linear(3, 1)
    with torch.no_grad():
        for parameter in (*trunk.parameters(), *head.parameters()):
            parameter.copy_(0.5 * torch.randn(parameter.shape, generator=drawn))
    start = trunk.weight.detach().clone(), head.weight.detach().clone()
    heads = [head, *(deepcopy(head) for _ in range(n_copies - 1))]
    if make is None:
        parameters = [*trunk.parameters(), *(p for one in heads for p in one.parameters())]
        method: torch.optim.Optimizer = torch.optim.SGD(parameters, lr=0.02)
    elif not isinstance(method := make(trunk, head), torch.optim.Optimizer):
        raise NotYetError(f"return an optimiser of torch.optim; got {shown(method)}.")
    for _ in range(steps):
        method.zero_grad()
        h = torch.tanh(trunk(x))
        torch.stack([(one(h) - y).square().mean() for one in heads]).sum().backward()
        asked(method.step)
    with torch.no_grad():
        return _Net(start, (trunk.weight.clone(), head.weight.clone()), head(torch.tanh(trunk(new))))


def _views(seed: int) -> TaskData:
    return shared_feature(8, 40, n_features=15, seed=seed)


def _error(data: Callable[[int], TaskData], n_tasks: int, lr: float, steps: int) -> float:
    net = HardSharing(15, 2, n_tasks=n_tasks, activation=nn.Tanh, init_scale=0.3)
    nets = train(net, data, seeds=SEEDS, steps=steps, lr=lr, optimizer=SGD(momentum=0.9), eval_every=steps)
    return float(nets.last()[:, 0].mean())
