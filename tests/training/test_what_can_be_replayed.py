"""What a stack of nets cannot do is refused by one sentence before training; anomaly mode is no obstacle."""

import re

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.balancing import GradientSurgery, LossWeighting, StatelessWeighting
from mtl_tutor.sharing import HardSharing, MMoE
from mtl_tutor.tasks import sine_family
from mtl_tutor.training import train

DATA = sine_family(n_tasks=2, n_samples=12, seed=0)


def own(calculate, **parts):
    """A net whose hidden layer is what a function makes of (net, x)."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.head = nn.Linear(1, 4), nn.Linear(4, 2)
            for name, part in parts.items():
                self.register_buffer(name, part) if isinstance(part, torch.Tensor) else setattr(self, name, part)

        def forward(self, x):
            return list(self.head(calculate(self, x)).split(1, -1))

    return Net()


def in_place(net, x):
    net.count += 1
    return net.layer(x) * net.count


def counts(net, x):
    net.calls += 1
    return net.layer(x)


def recurrent(net, x):
    return net.inner(x[:, None].repeat(1, 3, 1))[0][:, -1]


NETS = {
    "gru": (lambda: own(recurrent, inner=nn.GRU(1, 4, batch_first=True)), "without GRU .`inner`.*with nn.Linear in a loop"),
    "lstm": (lambda: own(recurrent, inner=nn.LSTM(1, 4, batch_first=True)), "without LSTM .`inner`.*with nn.Linear in a loop"),
    "rnn": (lambda: own(recurrent, inner=nn.RNN(1, 4, batch_first=True)), "without RNN .`inner`.*with nn.Linear in a loop"),
    "if": (lambda: own(lambda net, x: net.layer(x) if net.head.bias.sum() > 0 else -net.layer(x)), "Use torch.where in place of `if`"),
    "item": (lambda: own(lambda net, x: net.layer(x) * net.head.bias.sum().item()), "Keep numbers in tensors"),
    "random": (lambda: own(lambda net, x: net.layer(x) + torch.randn(4)), "alike at every call.*FreshNoise"),
    "numpy random": (lambda: own(lambda net, x: net.layer(x) + np.random.normal()), "alike at every call.*FreshNoise"),  # noqa: NPY002
    "buffer": (lambda: own(in_place, count=torch.zeros(())), "must not change its buffers in forward; `count` changes"),
    "counter": (lambda: own(counts, calls=0), "must not count or remember in forward; `calls` changes"),
    "batch": (lambda: own(lambda net, x: net.layer(x - x.mean(0))), "must answer each sample by itself"),
    "batch norm": (lambda: own(lambda net, x: net.inner(net.layer(x)), inner=nn.BatchNorm1d(4, track_running_stats=False)), "GroupNorm"),
    "key error": (lambda: own(lambda net, x: net.layer({}["x"])), "its forward raised KeyError: 'x'"),
    "inner": (lambda: own(lambda net, x: net.inner(x), inner=nn.Linear(3, 4)), r"\(`inner`, Linear\) raised RuntimeError"),
}


@pytest.mark.messages
@pytest.mark.parametrize("case", NETS)
def test_a_net_that_cannot_be_replayed_is_refused_by_a_sentence(case):
    build, words = NETS[case]
    with pytest.raises(ValueError, match="`model` must") as caught:
        train(build(), DATA, seeds=2, steps=3)
    assert re.search(words, str(caught.value)), caught.value
    assert "\n" not in str(caught.value)


def test_the_loop_that_the_sentence_names_trains():
    def steps(net, x):
        state = x.new_zeros(len(x), 4)
        for _ in range(3):
            state = (net.layer(x) + net.inner(state)).tanh()
        return state

    assert not train(own(steps, inner=nn.Linear(4, 4)), DATA, seeds=2, steps=3).diverged.any()


def test_fixed_norms_and_dropout_that_is_off_are_welcome():
    trunk = nn.Sequential(nn.Linear(1, 8), nn.BatchNorm1d(8), nn.Dropout(0.5)).requires_grad_(False).eval()
    trunk[1].running_mean.fill_(0.5)
    history = train(HardSharing(1, 8, 2, trunk=trunk), DATA, seeds=2, steps=3)
    np.testing.assert_array_equal(history.parameters["trunk.module.1.running_mean"], np.full((2, 8), 0.5))


def test_anomaly_mode_changes_nothing():
    plain = train(MMoE(1, 4, 2, n_experts=2), DATA, seeds=2, steps=3)
    with torch.autograd.set_detect_anomaly(True):
        found = train(MMoE(1, 4, 2, n_experts=2), DATA, seeds=2, steps=3)
    np.testing.assert_array_equal(found.last("train"), plain.last("train"))


def weighting(calculate, **attributes):
    class Method(StatelessWeighting):
        def weights_for(self, losses):
            return calculate(self, losses)

    method = Method()
    vars(method).update(attributes)
    return method


def surgery(calculate):
    class Method(GradientSurgery):
        def combine(self, jacobian, state, noise):
            return calculate(jacobian, state)

    return Method()


class OldStyle(LossWeighting):
    """Forgets the state and the noise."""

    def weigh(self, losses):
        return torch.ones_like(losses)


def alternate(method, losses):
    method.t += 1
    return losses.new_tensor([1.0, 0.0] if method.t % 2 else [0.0, 1.0])


def late(method, losses):
    method.t += 1
    return torch.ones_like(losses) * (1 + method.t // 50)


METHODS = {
    "alternate": (lambda: weighting(alternate, t=0), "must return the same from the same arguments"),
    "late": (lambda: weighting(late, t=0), "must return the same from the same arguments"),
    "random": (lambda: weighting(lambda method, losses: torch.rand(2)), "draw from `noise`"),
    "numpy": (lambda: weighting(lambda method, losses: losses * np.random.normal()), "draw from `noise`"),  # noqa: NPY002
    "list": (lambda: weighting(lambda method, losses: [1.0, 1.0]), r"as a tensor of shape \(2,\); got \[1.0, 1.0\]"),
    "float": (lambda: weighting(lambda method, losses: 1.0), "as a tensor of shape .* got 1.0"),
    "three": (lambda: weighting(lambda method, losses: torch.ones(3)), r"weights of shape \(2,\); got \(3,\)"),
    "item": (lambda: weighting(lambda method, losses: losses * losses.sum().item()), "Keep numbers in tensors"),
    "if": (lambda: weighting(lambda method, losses: losses if losses[0] > losses[1] else -losses), "torch.where"),
    "old": (OldStyle, r"must take \(losses, state, noise\); it raised TypeError"),
    "short": (lambda: surgery(lambda jacobian, state: (jacobian[0, :3], state)), r"direction of shape \(8,\); got \(3,\)"),
    "long": (lambda: surgery(lambda jacobian, state: (jacobian.flatten(), state)), r"direction of shape \(8,\); got \(16,\)"),
    "no state": (lambda: surgery(lambda jacobian, state: jacobian.sum(0)), "a tuple of two"),
    "other state": (lambda: surgery(lambda jacobian, state: (jacobian.sum(0), (jacobian,))), "state of the same form"),
}


@pytest.mark.messages
@pytest.mark.parametrize("case", METHODS)
def test_a_method_that_cannot_be_replayed_is_refused_by_a_sentence(case):
    build, words = METHODS[case]
    with pytest.raises((ValueError, TypeError), match="`method`") as caught:
        train(HardSharing(1, 4, 2), DATA, build(), seeds=2, steps=3)
    assert re.search(words, str(caught.value)), caught.value
    assert "\n" not in str(caught.value)
