"""Exercises of *Model merging*."""

import copy
from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np
import torch
from torch import Tensor, nn

from mtl_tutor.exercises._answers import NotYetError, asked, checker, shown
from mtl_tutor.exercises._trained import AdamOn, descend, tensor_of
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import shared_subspace

N_PAIRS = 6


@checker
def check_averaged_nets(average: Callable[[HardSharing, HardSharing], HardSharing] | None) -> str:
    """Check the average of two nets from different starts: it has to err less than both nets do on the average.

    Parameters
    ----------
    average : function
        From two trained nets, each with one hidden layer of 32 ReLU units and one task, to a net of the same size.
    """
    if average is None:
        return "Not yet: write average(net_a, net_b), which returns a net. list(net_a.parameters()) are its four arrays of weights."
    change = averaged_change(average)
    if change < -0.05:
        return f"Right: on new samples, your nets have {-change:.0%} less error than the nets that they are made of."
    if abs(change) < 1e-4:
        return "Not yet: that errs just as much as one net does. Half of what you return should come from each net."
    if change < 0.1:
        return (
            "Not yet: your nets are about as good as those that they are made of. An average can be better: is each unit beside its like?"
        )
    return f"Not yet: your nets have {change:.0%} more error than the two they are made of. Does a unit take all its weights along?"


def averaged_change(average: Callable[[HardSharing, HardSharing], HardSharing], first_seed: int = 0) -> float:
    """Relative change of the test error, from the mean of the two nets to what a reader makes of them."""
    before, after = [], []
    for net_a, net_b, x, y in _pairs(first_seed):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            made = asked(average, copy.deepcopy(net_a), copy.deepcopy(net_b))
        if not isinstance(made, nn.Module):
            raise NotYetError(f"return a net, such as a changed net_a; got {shown(made)}.")
        judged = copy.deepcopy(net_a)
        with torch.no_grad():
            for own, new in zip(judged.parameters(), _weights_of(made, net_a), strict=True):
                own.copy_(new)
            error_a, error_b, error = ((net(x)[0] - y).square().mean().item() for net in (net_a, net_b, judged))
        before.append((error_a + error_b) / 2)
        after.append(error)
    return float(np.mean(after) / np.mean(before) - 1)


def _weights_of(made: nn.Module, net: HardSharing) -> list[Tensor]:
    """The weights of a reader's net, if they are as those of this net."""
    found, own = asked(lambda: list(made.parameters())), list(net.parameters())
    if len(found) != len(own):
        raise NotYetError("return one net, with as many weights as each of the two, in arrays of the same shapes.")
    what = "a net with weights as those of the two"
    return [tensor_of(one, tuple(mine.shape), what).detach() for one, mine in zip(found, own, strict=True)]


@cache
def _pairs(first_seed: int) -> list[tuple[HardSharing, HardSharing, Tensor, Tensor]]:
    """Nets from different starts, trained on different halves of the samples; and test samples."""
    found = []
    for seed in range(first_seed, first_seed + N_PAIRS):
        splits = shared_subspace(n_tasks=1, n_samples=300, curved=True, noise=0.3, seed=seed).data.splits()
        (x, y), (x_new, y_new) = (
            (torch.from_numpy(splits[name].x).float(), torch.from_numpy(splits[name].y).float()) for name in ("train", "test")
        )
        nets = []
        for half in (slice(150), slice(150, None)):
            with torch.random.fork_rng():
                torch.manual_seed(2 * seed + len(nets))
                net = HardSharing(20, 32, n_tasks=1)
            optimizer = AdamOn(net.parameters(), lr=0.01)
            descend(partial(_loss, net, x[half], y[half]), optimizer, 40)
            nets.append(net)
        found.append((*nets, x_new, y_new))
    return found


def _loss(net: HardSharing, x: Tensor, y: Tensor) -> Tensor:
    return (net(x)[0] - y).square().mean()


@checker
def check_order(order: Sequence[int] | None) -> str:
    """Check in which order a second net's units have to be listed to meet those of a first net, `FIRST`, given `SECOND`."""
    if order is None:
        return f"Not yet: the units of the first net are {FIRST.tolist()}, those of the second {SECOND.tolist()}. Give three indices."
    if sorted(np.asarray(order).tolist()) != [0, 1, 2]:
        return "Not yet: each unit of the second net is listed once: an order of 0, 1, 2."
    if not np.array_equal(order, ORDER):
        distance = ((FIRST - SECOND[list(order)]) ** 2).sum()
        return f"Not yet: in this order the squared distance is {distance:.2f}, and there is one with less. Of which net are your indices?"
    return "Right: half-way between them now lies a net like both."


FIRST = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
SECOND = np.array([[0.1, 0.9], [-0.9, -1.1], [1.1, 0.1]])
ORDER = (2, 0, 1)
