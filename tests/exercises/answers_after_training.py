"""Answers to the exercises of *Model merging*."""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from mtl_tutor.sharing import HardSharing
from tests.exercises.answers import Answers


def columns(net: HardSharing) -> Tensor:
    """One column for each hidden unit: weights in, bias, weights out."""
    w, bias, v, _ = (one.detach() for one in net.parameters())
    return torch.cat([w.T, bias[None], v])


def matched(net_a: HardSharing, net_b: HardSharing) -> Sequence[int]:
    return linear_sum_assignment(columns(net_a).T @ columns(net_b), maximize=True)[1]


def greedy(net_a: HardSharing, net_b: HardSharing) -> Sequence[int]:
    alike = (columns(net_a).T @ columns(net_b)).numpy().copy()
    order = np.zeros(32, int)
    for _ in order:
        one, other = np.unravel_index(alike.argmax(), alike.shape)
        order[one], alike[one], alike[:, other] = other, -np.inf, -np.inf
    return order


def halved(net_a: HardSharing, net_b: HardSharing, order: Sequence[int], out: Sequence[int] | None = None) -> HardSharing:
    """The mean of two nets, with the second net's units in another order; `out` is the order of their weights out."""
    net, (w, bias, v, c) = copy.deepcopy(net_a), net_b.parameters()
    moved = (w[order], bias[order], v[:, order if out is None else out], c)
    with torch.no_grad():
        for own, other in zip(net.parameters(), moved, strict=True):
            own.lerp_(other, 0.5)
    return net


def in_place(net_a: HardSharing, net_b: HardSharing) -> HardSharing:
    net_a.load_state_dict(halved(net_a, net_b, matched(net_a, net_b)).state_dict())
    return net_a


TABLE = {
    "check_averaged_nets": Answers(
        accepted=[
            lambda a, b: halved(a, b, matched(a, b)),
            lambda a, b: halved(b, a, matched(b, a)),
            lambda a, b: halved(a, b, greedy(a, b)),
            in_place,
        ],
        rejected=[
            (lambda a, b: halved(a, b, range(32)), "take all its weights along"),
            (lambda a, b: halved(a, b, matched(a, b), out=range(32)), "take all its weights along"),
            (lambda a, b: halved(a, b, np.argsort(matched(a, b))), "take all its weights along"),
            (lambda a, b: halved(a, b, range(31, -1, -1)), "take all its weights along"),
            (lambda a, b: a, "as good as"),
            (lambda a, b: torch.nn.ModuleList([a, b]), "as many weights"),
            (lambda a, b: HardSharing(20, 64, n_tasks=1), "weights as those of the two"),
            (lambda a, b: HardSharing(20, 32, n_tasks=1), "take all its weights along"),
            (lambda a, b: columns(a), "return a net"),
        ],
    ),
    "check_order": Answers(
        accepted=[[2, 0, 1], (2, 0, 1), np.array([2, 0, 1]), torch.tensor([2, 0, 1])],
        rejected=[
            ([1, 2, 0], "Of which net are your indices"),
            ([0, 1, 2], "squared distance"),
            ([2, 1, 0], "squared distance"),
            ([0, 0, 1], "listed once"),
            ([3, 1, 2], "listed once"),
            ([2, 0], "listed once"),
        ],
    ),
}
