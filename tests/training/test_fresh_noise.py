"""Fresh noise: new at every step, gone when nets are judged, and the same whoever trains beside a seed."""

from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.balancing import EqualWeighting
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.tasks import Samples, Task, TaskData, digits
from mtl_tutor.training import SGD, FreshNoise, train

X = np.random.default_rng(0).standard_normal((24, 3))
DATA = TaskData((Task("sum"), Task("square")), Samples(X, np.stack([X.sum(1), X[:, 0] ** 2], 1)), validation=Samples(X[:6], X[:6, :2]))
ALL = FreshNoise(inputs=0.5, labels=(0.3, 1.0), dropout=0.4)
HOW = {"steps": 40, "eval_every": 10, "lr": 0.02}


class Unknown(HardSharing):
    """A net for the general path."""


def same(one, other, rows=slice(None)):
    return all(np.array_equal(values[rows], other.parameters[name]) for name, values in one.parameters.items())


@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize("noise", [ALL, FreshNoise(inputs=0.5), FreshNoise(labels=(0, 1.0)), FreshNoise(dropout=0.4)])
def test_a_seeds_noise_does_not_depend_on_its_company(noise, batch_size):
    net = HardSharing(3, (9, 6), activation=nn.Tanh)
    many = train(net, DATA, seeds=[4, 2, 9], noise=noise, batch_size=batch_size, **HOW)
    alone = train(net, DATA, seeds=[9], noise=noise, batch_size=batch_size, **HOW)
    assert same(many, alone, [2])


@pytest.mark.parametrize("net", [HardSharing(3, 8), SingleTask(3, 8, 2), Unknown(3, 8)], ids=lambda net: type(net).__name__)
def test_noise_changes_the_nets_and_no_noise_is_none(net):
    plain = train(net, DATA, seeds=3, **HOW)
    assert same(plain, train(net, DATA, seeds=3, noise=FreshNoise(labels=(0, 0)), **HOW))
    assert not same(plain, train(net, DATA, seeds=3, noise=FreshNoise(inputs=0.1), **HOW))


def test_nets_are_judged_without_noise():
    net = HardSharing(3, 8)
    one = train(net, DATA, seeds=5, noise=ALL, steps=1, eval_every=1, lr=1e-12)
    clear = train(net, DATA, seeds=5, steps=1, eval_every=1, lr=1e-12)
    np.testing.assert_allclose(one.loss["train"], clear.loss["train"], rtol=1e-5)


def test_both_paths_are_blurred_alike():
    noise = FreshNoise(inputs=0.5, labels=(0.3, 1.0))
    fast, general = (train(net(3, 8), DATA, seeds=4, noise=noise, **HOW) for net in (HardSharing, Unknown))
    np.testing.assert_allclose(fast.loss["train"], general.loss["train"], rtol=1e-3)


def test_blurred_labels_leave_a_linear_net_where_it_was_on_average():
    """Label noise adds a constant to the expected loss (An 1996): over many seeds the nets' mean is that of clear labels."""
    net = HardSharing(3, 8, activation=nn.Tanh)
    clear, blurred = (
        train(net, DATA, seeds=400, noise=noise, steps=150, lr=0.02, optimizer=SGD()).last("train")[:, 0]
        for noise in (FreshNoise(), FreshNoise(labels=(1.0, 0.0)))
    )
    assert clear.mean() < blurred.mean() < clear.mean() + 0.1


def test_every_seed_has_noise_of_its_own_as_strong_as_asked():
    """The first step of SGD on a bias is 2·lr times the mean residual, to which the noise adds its own mean over 24 samples."""
    clear, blurred = (
        train(HardSharing(3, 8), DATA, seeds=400, noise=noise, steps=1, lr=0.01, optimizer=SGD()).parameters["heads.0.bias"][:, 0]
        for noise in (FreshNoise(), FreshNoise(labels=(3.0, 0.0)))
    )
    assert (blurred - clear).std() == pytest.approx(2 * 0.01 * 3.0 / 24**0.5, rel=0.15)


def test_dropout_keeps_the_scale_of_a_unit_on_average():
    """With one step, the mean gradient of the head over seeds is that of a net whose units are never silent."""
    net, ones = HardSharing(3, 16), TaskData((Task("one"),) * 2, Samples(X, np.ones((24, 2))))
    moved = []
    for noise in (FreshNoise(), FreshNoise(dropout=0.5)):
        start, one = (train(net, ones, seeds=1500, steps=1, lr=lr, optimizer=SGD(), noise=noise).parameters for lr in (1e-12, 0.01))
        moved.append((one["heads.0.weight"] - start["heads.0.weight"]).mean())
    assert moved[1] == pytest.approx(moved[0], rel=0.05)


def test_a_step_with_dropout_is_the_step_of_the_net_without_the_silent_units():
    """One sample and four units make 16 masks; what autograd does with one of them is what every seed must have done."""
    net, lr = HardSharing(3, (2, 2), activation=nn.Tanh), 0.1
    x, y = torch.tensor(X[:1], dtype=torch.float32), torch.tensor([[1.0, -2.0]])
    one = TaskData((Task("one"), Task("two")), Samples(x.numpy(), y.numpy()))
    how = {"seeds": 60, "steps": 1, "optimizer": SGD(), "noise": FreshNoise(dropout=0.5)}
    start, after = ({k: torch.tensor(v) for k, v in train(net, one, lr=rate, **how).parameters.items()} for rate in (1e-12, lr))

    def stepped(weights, factors):
        hidden = x
        for layer, factor in zip((0, 2), factors, strict=True):
            hidden = factor * torch.tanh(hidden @ weights[f"trunk.{layer}.weight"].T + weights[f"trunk.{layer}.bias"])
        answers = [hidden @ weights[f"heads.{k}.weight"].T + weights[f"heads.{k}.bias"] for k in (0, 1)]
        loss = ((torch.cat(answers, 1) - y) ** 2).sum()
        slopes = torch.autograd.grad(loss, list(weights.values()))
        return {name: value - lr * slope for (name, value), slope in zip(weights.items(), slopes, strict=True)}

    masks, seen = list(product((0.0, 2.0), repeat=4)), set()
    for seed in range(60):
        weights = {name: values[seed].requires_grad_() for name, values in start.items()}
        steps = [stepped(weights, torch.tensor(mask).view(2, 2)) for mask in masks]
        miss = [max((step[name] - after[name][seed]).abs().max().item() for name in step) for step in steps]
        assert min(miss) < 1e-5
        seen.add(masks[int(np.argmin(miss))])
    assert len(seen) > 8


def test_the_trunk_has_a_learning_rate_of_its_own():
    net = HardSharing(3, 8)
    start, one, four = (
        train(net, DATA, seeds=3, steps=1, lr=lr, optimizer=SGD(), trunk_lr=factor).parameters
        for lr, factor in ((1e-12, 1.0), (0.01, 1.0), (0.01, 4.0))
    )
    for name in start:
        factor = 4 if name.startswith("trunk") else 1
        np.testing.assert_allclose(four[name] - start[name], factor * (one[name] - start[name]), rtol=2e-3, atol=1e-6)


def test_a_faster_trunk_is_the_same_on_both_paths():
    fast, general = (train(net(3, 8), DATA, seeds=3, trunk_lr=4.0, **HOW) for net in (HardSharing, Unknown))
    np.testing.assert_allclose(fast.loss["train"], general.loss["train"], rtol=1e-3)


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"inputs": -1.0}, {"labels": (0.0, -1.0)}, {"dropout": 1.0}, {"inputs": float("nan")}])
def test_noise_of_no_size_is_refused(bad):
    with pytest.raises(ValueError, match="must be"):
        FreshNoise(**bad)


@pytest.mark.messages
def test_noise_that_does_not_fit_is_refused():
    net = HardSharing(3, 8)
    with pytest.raises(ValueError, match="one standard deviation per task, 2"):
        train(net, DATA, seeds=1, noise=FreshNoise(labels=(1.0,)))
    with pytest.raises(ValueError, match="labels of classes alone"):
        train(HardSharing(64, 4, 1, n_outputs=[10, 1]), digits(20, extra=["even"]), seeds=1, noise=FreshNoise(labels=(1.0, 0.0)))
    with pytest.raises(ValueError, match="Set dropout=0"):
        train(Unknown(3, 8), DATA, seeds=1, noise=FreshNoise(dropout=0.5))
    with pytest.raises(TypeError, match="FreshNoise"):
        train(net, DATA, seeds=1, noise=0.5)
    with pytest.raises(ValueError, match="`trunk_lr` must be zero or more"):
        train(net, DATA, seeds=1, trunk_lr=-1.0)


@pytest.mark.messages
def test_a_net_that_names_no_trunk_has_no_rate_for_it():
    class Apart(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 2)

        def forward(self, x):
            return list(self.layer(x).split(1, -1))

    with pytest.raises(ValueError, match="shared_parameters"):
        train(Apart(), DATA, EqualWeighting(), seeds=1, trunk_lr=2.0)
    assert torch.is_grad_enabled()
