"""Exercises of *Effective learning rate*."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor, nn

from mtl_tutor.exercises._answers import NotYetError, asked, checker, shown
from mtl_tutor.exercises._trained import descend, first_weights, stacked, tensor_of
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData, copies_of_task, only_tasks, shared_feature
from mtl_tutor.training import SGD, train

SEEDS = range(3000, 3064)
N_NETS = 12
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
    generator = torch.Generator().manual_seed(0)
    x, y, new = (torch.randn(shape, generator=generator) for shape in ((20, 6), (20, 1), (50, 6)))
    trunk, head = nn.Linear(6, 3), nn.Linear(3, 1)
    with torch.no_grad():
        for parameter in (*trunk.parameters(), *head.parameters()):
            parameter.copy_(0.5 * torch.randn(parameter.shape, generator=generator))
    start = trunk.weight.detach().clone(), head.weight.detach().clone()
    heads = [head, *(deepcopy(head) for _ in range(n_copies - 1))]
    if make is None:
        parameters = [*trunk.parameters(), *(p for one in heads for p in one.parameters())]
        method: torch.optim.Optimizer = torch.optim.SGD(parameters, lr=0.02)
    elif not isinstance(method := make(trunk, head), torch.optim.Optimizer):
        raise NotYetError(f"return an optimiser of torch.optim; got {shown(method)}.")
    descend(lambda: torch.stack([(one(torch.tanh(trunk(x))) - y).square().mean() for one in heads]).sum(), method, steps)
    with torch.no_grad():
        return _Net(start, (trunk.weight.clone(), head.weight.clone()), head(torch.tanh(trunk(new))))


def _views(seed: int) -> TaskData:
    return shared_feature(8, 40, n_features=15, seed=seed)


def _error(data: Callable[[int], TaskData], n_tasks: int, lr: float, steps: int) -> float:
    net = HardSharing(15, 2, n_tasks=n_tasks, activation=nn.Tanh, init_scale=0.3)
    nets = train(net, data, seeds=SEEDS, steps=steps, lr=lr, optimizer=SGD(momentum=0.9), eval_every=steps)
    return float(nets.last()[:, 0].mean())


@checker
def check_same_distance(update: Callable[[Tensor], Tensor] | None) -> str:
    """Check a step of the trunk that is as long as the main task's own step, and uses what eight tasks know.

    Parameters
    ----------
    update : function
        From the tasks' gradients of the trunk [task parameter], the main task first, to one direction [parameter].
    """
    if update is None:
        return "Not yet: write a function of the gradients g [task, parameter] that returns one direction [parameter]."
    alone, yours = own_gradient(), trained_error(update)
    found = f"the main task's error is {yours:.2f}, with its own gradient {alone:.2f}"
    if yours > 2 / 3 * alone:  # the sum of all, cut to length: 0.33 to 0.51 of it in five blocks of seeds; of the first two: 0.73 to 0.84
        return f"Not yet: {found}; at most two thirds of that is wanted. Your steps have the right length: do they use all gradients?"
    return f"Right: {found}. No step was longer than the main task's own, so here it isn't the learning rate that helps."


@cache
def own_gradient() -> float:
    """The main task's error with its own gradient."""
    return trained_error(lambda g: g[0])


def trained_error(update: Callable[[Tensor], Tensor], first_seed: int = 0) -> float:
    """Test error of the main task, at the best step, of nets of two tanh units whose trunk takes a reader's steps."""
    draws = [shared_feature(8, 40, n_features=15, seed=seed) for seed in range(first_seed, first_seed + N_NETS)]
    (x, y), (new_x, new_y) = (stacked([draw.splits()[name] for draw in draws]) for name in ("train", "test"))
    x, new_x = (torch.cat([one, torch.ones_like(one[..., :1])], dim=-1) for one in (x, new_x))
    generator = torch.Generator().manual_seed(first_seed)
    w, v = 0.3 * first_weights(generator, N_NETS, 16, 2, fan_in=16), first_weights(generator, N_NETS, 3, 8, fan_in=2)
    found = []
    for step in range(150):
        h, read = _read(x, w)
        wrong = 2 * (read @ v - y) / x.shape[1]
        slopes = torch.einsum("snd,snh,snt,sht->stdh", x, 1 - h.square(), wrong, v[:, :2]).flatten(2)
        w = w - 0.1 * torch.stack([_step(update, one) for one in slopes]).view_as(w)
        v = v - 0.1 * read.transpose(1, 2) @ wrong
        if step % 10 == 9:
            found.append((_read(new_x, w)[1] @ v - new_y)[..., 0].square().mean().item())
    return min(found)


def _read(x: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
    """The hidden activations, and what the heads read: these and 1."""
    h = torch.tanh(x @ w)
    return h, torch.cat([h, torch.ones_like(h[..., :1])], dim=-1)


def _step(update: Callable[[Tensor], Tensor], slopes: Tensor) -> Tensor:
    """A reader's direction for one net, which has to be as long as the main task's gradient."""
    found = tensor_of(asked(update, slopes.clone()), tuple(slopes.shape[1:]), "one direction").detach()
    length, own = found.norm().item(), slopes[0].norm().item()
    if abs(length - own) > 1e-3 * own + 1e-6:
        raise NotYetError(
            f"your direction is {length / max(own, 1e-9):.2f} times as long as the main task's gradient, g[0]. Make it exactly as long."
        )
    return found
