"""A seed's last digit is the same in a stack of any width: for functions that torch rounds otherwise where a register isn't filled."""

from importlib import import_module

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.balancing import PCGrad, UncertaintyWeighting
from mtl_tutor.comparison.everything import NETWORKS
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import train


class Heads(nn.Module):
    """What turns samples into units, and a head for a number and one for a class."""

    def __init__(self, trunk: nn.Module, n_units: int) -> None:
        super().__init__()
        self.trunk, self.heads = trunk, nn.ModuleList(nn.Linear(n_units, 1) for _ in range(2))

    def forward(self, x):
        units = self.trunk(x)
        return [head(units) for head in self.heads]


class Odd(nn.Module):
    """Functions of which torch has two routines each."""

    def forward(self, x):
        turned = x.mT.contiguous().mT
        return x.sinh() * x.square().neg().exp().pow(1.5) + x[..., :1].cosh() + x.logaddexp(2 * x) + torch.atan2(turned, turned + 1)


class Recurrent(nn.Module):
    """A gated cell in a plain loop, on [sample step feature]."""

    def __init__(self, n_units: int) -> None:
        super().__init__()
        self.n_units, self.gates = n_units, nn.Linear(3 + n_units, 3 * n_units)

    def forward(self, x):
        state = x.new_zeros(len(x), self.n_units)
        for step in x.unbind(1):
            keep, read, new = self.gates(torch.cat([step, state], 1)).chunk(3, -1)
            state = keep.sigmoid() * state + (1 - keep.sigmoid()) * new.tanh() * read.sigmoid()
        return state


class Attending(nn.Module):
    """Tokens that read each other, averaged, on [sample token feature]."""

    def __init__(self, n_units: int) -> None:
        super().__init__()
        self.key, self.value, self.norm = nn.Linear(3, n_units), nn.Linear(3, n_units), nn.LayerNorm(n_units)

    def forward(self, x):
        shares = (self.key(x) @ self.key(x).mT).softmax(-1)
        return nn.functional.gelu(self.norm(shares @ self.value(x))).mean(1)


def dense(function: nn.Module) -> Heads:
    return Heads(nn.Sequential(nn.Linear(3, 5), function, nn.LayerNorm(5)), 5)


FUNCTIONS = (nn.Sigmoid, nn.Softplus, nn.ELU, nn.SELU, nn.SiLU, nn.Mish, nn.GELU, nn.LogSigmoid, nn.Hardswish, Odd)
IMAGES = nn.Sequential(nn.Conv2d(2, 3, 3), nn.SiLU(), nn.MaxPool2d(2, 1), nn.Conv2d(3, 5, 2), nn.GELU(), nn.Flatten())
CASES = {
    **{function.__name__: ((13, 3), dense(function()), {}) for function in FUNCTIONS},
    "in place": ((13, 3), dense(nn.SiLU(inplace=True)), {}),
    "float64": ((13, 3), dense(nn.GELU()), {"dtype": torch.float64}),
    "uncertainty weighting": ((13, 3), dense(nn.Tanh()), {"method": UncertaintyWeighting()}),
    "surgery": ((13, 3), dense(nn.Tanh()), {"method": PCGrad()}),
    "images": ((11, 2, 6, 6), Heads(IMAGES, 20), {}),
    "recurrent": ((11, 4, 3), Heads(Recurrent(5), 5), {}),
    "attending": ((11, 5, 3), Heads(Attending(5), 5), {}),
    **{build.__name__: ((13, 3), build(3, 5, 2), {}) for build in NETWORKS},
}


@pytest.mark.parametrize("case", CASES)
def test_a_seed_is_the_same_in_a_stack_of_any_width(case, monkeypatch):
    shape, model, settings = CASES[case]

    def draw(seed: int) -> TaskData:
        x = np.random.default_rng(seed).standard_normal(shape)
        y = np.stack([x.reshape(len(x), -1).sum(1), x.reshape(len(x), -1)[:, 0] > 0], 1).astype(float)
        return TaskData((Task("number"), Task("coin", "binary")), Samples(x, y), Samples(x[:5], y[:5]))

    monkeypatch.setattr(import_module("mtl_tutor.training.loop"), "is_plain", lambda *_, **__: False)
    found = []
    for width in (64, 36, 4):
        monkeypatch.setattr(import_module("mtl_tutor.training.train"), "width_of", lambda *_, width=width, **__: width)
        found.append(train(model, draw, seeds=4, steps=5, eval_every=5, lr=0.05, **settings))
    for other in found[1:]:
        for name, values in found[0].parameters.items():
            np.testing.assert_array_equal(other.parameters[name], values, err_msg=name)
        np.testing.assert_array_equal(other.loss["validation"], found[0].loss["validation"])
