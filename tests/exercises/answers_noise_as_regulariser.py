"""Answers to the exercises of *Noise as a regulariser*."""

import numpy as np
import torch
from torch import nn

from tests.exercises.answers import Answers


def squared(net, x, y):
    return (net(x) - y).square().mean()


def decayed(strength):
    return lambda net, x, y: squared(net, x, y) + strength * sum(w.square().sum() for w in net.parameters())


def dropped(net, x, y):
    return (net[2](nn.functional.dropout(net[1](net[0](x)), 0.5)) - y).square().mean()


def simulated(w, sd):
    noise = np.random.default_rng(0).normal(size=(200_000, len(w)))
    return ((sd * noise @ w) ** 2).mean()


TABLE = {
    "check_regulariser": Answers(
        accepted=[
            decayed(0.1),
            decayed(0.2),
            dropped,
            lambda net, x, y: nn.functional.mse_loss(net(x), y) + 0.2 * sum(w.pow(2).sum() for w in (net[0].weight, net[2].weight)),
        ],
        rejected=[
            (squared, "what keeps the net"),
            (lambda net, x, y: squared(net, x, y + torch.randn_like(y)), "what keeps the net"),
            (lambda net, x, y: squared(net, x, y + 3 * torch.randn_like(y)), "what keeps the net"),
            (lambda net, x, y: squared(net, x + 0.7 * torch.randn_like(x), y), "what keeps the net"),
            (decayed(0.001), "what keeps the net"),
            (decayed(-0.001), "what keeps the net"),
            (lambda net, x, y: squared(net, x, y) + 1, "what keeps the net"),
            (decayed(10.0), "too strong"),
            (lambda net, x, y: (net(x) - y).square(), "return one number"),
            (lambda net, x, y: squared(net, x, y).item(), "return one number"),
            (lambda net, x, y: squared(net, x, y).detach(), "depend on what the net returns"),
            (lambda net, x, y: squared(net, x, y) / 0, "stopped being finite"),
            (lambda net, x: squared(net, x, x), "raises TypeError"),
        ],
    ),
    "check_added": Answers(
        accepted=[
            lambda w, sd: sd**2 * (w**2).sum(),
            lambda w, sd: float(np.dot(sd * w, sd * w)),
            lambda w, sd: (sd * torch.from_numpy(w).norm()) ** 2,
            lambda w, sd: [sd**2 * sum(one * one for one in w)],
            simulated,
        ],
        rejected=[
            (lambda w, sd: sd**2, "if all weights are doubled"),
            (lambda w, sd: sd * (w**2).sum(), "with twice the noise"),
            (lambda w, sd: sd**2 * np.linalg.norm(w), "if all weights are doubled"),
            (lambda w, sd: sd**2 * abs(w).sum(), "if all weights are doubled"),
            (lambda w, sd: sd**2 * w.sum() ** 2, "what of them adds up"),
            (lambda w, sd: 2 * sd**2 * (w**2).sum(), "what of them adds up"),
            (lambda w, sd: 0.0, "with twice the noise"),
            (lambda w, sd: 1 + sd**2 * (w**2).sum(), "without noise"),
            (lambda w, sd: sd**2 * (w**2).mean(), "what of them adds up"),
            (lambda w, sd: 2 * sd**2 * (w**2).mean(), "number of inputs"),
            (lambda w, sd: sd**2 * w**2, "return one number"),
        ],
    ),
}
