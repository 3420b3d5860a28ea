"""Answers to the exercises of *Representation bias*."""

import numpy as np
import torch

from mtl_tutor.tasks import bit_groups
from tests.exercises.answers import Answers

DATA = bit_groups([("a", "b"), ("a", "c")], others="random")


def share_of_a(net, samples=DATA.test, task=0, limit=0.0):
    """The share of answers that are A's value."""
    known = ~np.isnan(samples.y[:, task])
    says = net(torch.tensor(samples.x[known]).float())[task][:, 0] > limit
    return (says.numpy() == samples.y[known, task]).mean()


def named(share, most=0.75, words=("A", "B", "mixed")):
    return words[0] if share > most else words[1] if share < 1 - most else words[2]


def by_hand(net):
    """All conflicts, without the package's data."""
    bits = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0])] * 6)
    a, b = bits[:, 0] * bits[:, 1], bits[:, 2] * bits[:, 3]
    says = net(bits[a != b])[0].detach()[:, 0].sign()
    return named((says == a[a != b]).float().mean().item(), words=("a", "b", " Mixed "))


TABLE = {
    "check_reads": Answers(
        accepted=[
            lambda net: named(share_of_a(net)),
            by_hand,
            lambda net: np.str_(named(share_of_a(net))),
        ],
        rejected=[
            (lambda net: "A", "B's value is called 'A'"),
            (lambda net: named(share_of_a(net, DATA.train)), "B's value is called 'A'"),
            (lambda net: named(share_of_a(net, task=1)), "On which patterns"),
            (lambda net: named(share_of_a(net, limit=0.5)), "small numbers"),
            (lambda net: named(share_of_a(net), words=("B", "A", "mixed")), "is called 'B'"),
            (lambda net: named(share_of_a(net), most=0.5), "5 of 8 conflicts"),
            (lambda net: named(share_of_a(net), most=0.95), "7 of 8 conflicts"),
            (lambda net: named(share_of_a(net, bit_groups().test)), "depending on C"),
            (lambda net: share_of_a(net), "return 'A', 'B' or 'mixed'"),
        ],
    ),
    "check_turned": Answers(
        accepted=[
            [("b", "c"), ("b", "c")],
            (("b", "c"), ["d", "b"]),
            [["B", "C"]] * 3,
            np.array([["b", "c"], ["b", "c"], ["b", "d"]]),
        ],
        rejected=[
            ([], "one further task or more"),
            ([("b", "c")], "count the tasks"),
            ([("a", "b")], "count the tasks"),
            ([("c", "d"), ("c", "d")], "count the tasks"),
            ([("a", "c"), ("a", "d")], "count the tasks"),
            ([("b", "c")] * 4, "at most 3 further tasks"),
            ([("b", "e"), ("b", "f")], "take the groups a, b, c and d"),
            ([("b", "b"), ("b", "c")], "two different groups"),
            ([("b",), ("b",)], "2 entries"),
        ],
    ),
}
