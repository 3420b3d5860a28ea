"""Answers to the exercises of *Effective learning rate*."""

import numpy as np
import torch
from torch import nn
from torch.optim import SGD, Adam

from tests.exercises.answers import Answers


def rates(of_trunk, of_head, **how):
    def optimizer(trunk, head):
        groups = [{"params": trunk.parameters(), "lr": of_trunk}, {"params": head.parameters(), "lr": of_head}]
        return SGD(groups, lr=1.0, **how)

    return optimizer


def with_larger_gradients(trunk, head):
    """One rate, and hooks that multiply the trunk's gradients."""
    for parameter in trunk.parameters():
        parameter.register_hook(lambda gradient: 5 * gradient)
    return SGD([*trunk.parameters(), *head.parameters()], lr=0.02)


def with_a_default(trunk, head):
    return SGD([{"params": trunk.parameters(), "lr": 0.1}, {"params": list(head.parameters())}], lr=0.02)


def cut(g, direction):
    """A direction, as long as the main task's gradient."""
    return direction * g[0].norm() / direction.norm()


TABLE = {
    "check_same_distance": Answers(
        accepted=[
            lambda g: cut(g, g.sum(dim=0)),
            lambda g: nn.functional.normalize(g.mean(dim=0), dim=0) * g[0].norm(),
            lambda g: cut(g, nn.functional.normalize(g, dim=1).sum(dim=0)).tolist(),
            lambda g: cut(g, g[1:].sum(dim=0)).numpy(),
        ],
        rejected=[
            (lambda g: g[0], "do they use all gradients"),
            (lambda g: cut(g, g[0] + g[1]), "do they use all gradients"),
            (lambda g: -g[0], "do they use all gradients"),
            (lambda g: cut(g, torch.ones_like(g[0])), "do they use all gradients"),
            (lambda g: g.sum(dim=0), "times as long as the main task's gradient"),
            (lambda g: g.mean(dim=0), "times as long as the main task's gradient"),
            (lambda g: 8 * g[0], "8.00 times as long"),
            (lambda g: g / 8, "an array of shape (32,)"),
            (lambda g: g.sum(dim=1), "an array of shape (32,)"),
            (lambda g: g.sum(dim=0) / 0, "without NaN"),
            (lambda g, lr: g, "raises TypeError"),
        ],
    ),
    "check_harm": Answers(
        accepted=[
            (0.003, 200),
            [0.003, 300],
            np.array([0.001, 600]),
            torch.tensor([0.01, 100.0], dtype=torch.float64),
        ],
        rejected=[
            ((0.001, 100), "Here copies help"),
            ((0.0003, 600), "Here copies help"),
            ((0.0001, 10), "would do about as well"),
            ((0.1, 600), "would do about as well"),
            ((0.001, 230), "less than 0.05 apart"),
            ((0.5, 100), "at most 0.1"),
            ((0.003, 0), "1 to 600 steps"),
            ((-0.003, 200), "above 0"),
            ((200, 0.003), "whole number"),
            ((0.003,), "2 entries"),
        ],
    ),
    "check_same_steps": Answers(
        accepted=[rates(0.1, 0.02), with_a_default, with_larger_gradients, rates(0.1, 0.02, momentum=0.0, nesterov=False)],
        rejected=[
            (rates(0.02, 0.02), "the trunk moves less far"),
            (rates(0.1, 0.1), "the head moves further"),
            (rates(0.02, 0.1), "the trunk moves less far"),
            (rates(0.02 * 5**0.5, 0.02), "the trunk moves less far"),
            (rates(0.1, 0.02, momentum=0.9), "the first step is right"),
            (lambda trunk, head: Adam([*trunk.parameters(), *head.parameters()], lr=0.02), "in the first step"),
            (lambda trunk, head: SGD(trunk.parameters(), lr=0.1), "the head moves less far"),
            (lambda trunk, head: SGD, "return an optimiser"),
            (lambda trunk, head: (0.1, 0.02), "return an optimiser"),
            (lambda net: SGD(net.parameters(), lr=0.1), "raises TypeError"),
        ],
    ),
}
