"""What the engine owes to every balancing method, and what every method must live with."""

import re

import numpy as np
import pytest
import torch

from mtl_tutor.balancing import EqualWeighting, FixedWeighting, GradientSurgery, StatelessWeighting
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, Task, TaskData, sine_family
from mtl_tutor.training import SGD, train


def named(method: object) -> str:
    """Name a test by its method, the same in every process: the repr of some holds an address."""
    return re.sub(r" at 0x\w+|[<>]|.*\.(?=[A-Z])", "", repr(method))


class EqualInGeneral(StatelessWeighting):
    """Equal weights that the fast path does not recognise."""

    def weights_for(self, losses):
        return torch.ones_like(losses)


class PlainSum(GradientSurgery):
    """No surgery: the sum of the gradients."""

    def combine(self, jacobian, state, noise):
        return jacobian.sum(0), state


class Refuse(GradientSurgery):
    """Nothing moves the shared parameters."""

    def combine(self, jacobian, state, noise):
        return torch.zeros_like(jacobian[0]), state


class OnlyNaNs(StatelessWeighting):
    """Trusts what is missing and nothing else: weight 1 where the loss is NaN."""

    def weights_for(self, losses):
        return losses.isnan().to(losses.dtype)


METHODS = [EqualWeighting(), FixedWeighting((1.0, 0.25)), EqualInGeneral(), PlainSum(), Refuse()]
DATA = sine_family(n_tasks=2, n_samples=15, seed=1)


def run(method, data=DATA, **settings):
    return train(HardSharing(1, 6, 2), data, method, **{"seeds": 3, "steps": 20, "dtype": torch.float64} | settings)


@pytest.mark.parametrize("method", METHODS, ids=named)
def test_every_method_trains_to_finite_numbers(method):
    history = run(method, batch_size=4)
    assert not history.diverged.any()
    assert (history.loss["train"][:, -1] != history.loss["train"][:, 0]).all()


@pytest.mark.parametrize("method", [EqualInGeneral(), PlainSum(), FixedWeighting((1.0, 1.0))], ids=named)
def test_what_amounts_to_equal_weights_trains_as_equal_weights_do(method):
    expected, found = run(EqualWeighting()), run(method)
    for name, values in expected.parameters.items():
        np.testing.assert_allclose(found.parameters[name], values, atol=1e-12)


def test_surgery_moves_the_trunk_only_where_it_says_so():
    start, history = run(Refuse(), steps=1, lr=1e-30), run(Refuse())
    for name, values in history.parameters.items():
        assert np.array_equal(values, start.parameters[name]) == name.startswith("trunk")


def test_a_task_with_weight_zero_keeps_its_head():
    start, history = run(FixedWeighting((1.0, 0.0)), steps=1, lr=1e-30), run(FixedWeighting((1.0, 0.0)))
    for name, values in history.parameters.items():
        assert np.array_equal(values, start.parameters[name]) == name.startswith("heads.1")


class Inverse(StatelessWeighting):
    """Divides by the losses, so that what is missing gets the weight NaN."""

    def weights_for(self, losses):
        return 1 / losses


class OnlyThere(GradientSurgery):
    """Moves the trunk by 1 where the second task asks for nothing at all."""

    def combine(self, jacobian, state, noise):
        return torch.ones_like(jacobian[0]) * (jacobian[1] == 0).all(), state


def one_labelled_task_per_sample() -> TaskData:
    """The first sample is labelled for the second task only, all others for the first only."""
    labels = DATA.train.y.copy()
    labels[0, 0], labels[1:, 1] = np.nan, np.nan
    return TaskData((Task("nearly always"), Task("nearly never")), Samples(DATA.train.x, labels))


def moved_by_one_sample(method) -> dict[str, np.ndarray]:
    """Which parameters of which seeds one step on one sample moves."""
    settings = {"steps": 1, "batch_size": 1, "seeds": 40, "optimizer": SGD()}
    start, history = (run(method, one_labelled_task_per_sample(), lr=lr, **settings) for lr in (1e-30, 0.1))
    assert not history.diverged.any()
    return {name: (values != start.parameters[name]).reshape(40, -1).any(1) for name, values in history.parameters.items()}


@pytest.mark.parametrize("method", [EqualWeighting(), EqualInGeneral(), PlainSum(), Inverse()], ids=named)
def test_a_task_absent_from_the_batch_moves_nothing(method):
    moved = moved_by_one_sample(method)
    assert 0 < moved["heads.1.bias"].sum() < 40
    np.testing.assert_array_equal(moved["heads.1.bias"], ~moved["heads.0.bias"])


def test_an_absent_task_has_weight_zero_whatever_the_method_says():
    assert not any(moved.any() for moved in moved_by_one_sample(OnlyNaNs()).values())


def test_the_gradient_of_an_absent_task_is_zero():
    moved = moved_by_one_sample(OnlyThere())
    np.testing.assert_array_equal(moved["trunk.0.bias"], ~moved["heads.1.bias"])
