"""What the engine owes to every balancing method, and what every method must live with."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from mtl_tutor import balancing
from mtl_tutor.balancing import (
    Balancing,
    EqualWeighting,
    FixedWeighting,
    GradientSurgery,
    HybridBalancing,
    LossWeighting,
    ScaleInvariantWeighting,
    StatelessWeighting,
    UnitNormalised,
    WeightSchedule,
)
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


class Remembers(LossWeighting):
    """Has a state in a dictionary and draws noise: weights around a running mean of the losses."""

    def start(self, n_tasks):
        return {"mean": torch.ones(n_tasks), "steps": torch.zeros((), dtype=torch.int64)}

    def noise_shape(self, n_tasks):
        return (n_tasks,)

    def weigh(self, losses, state, noise):
        mean = torch.where(losses.isnan(), state["mean"], 0.9 * state["mean"] + 0.1 * losses)
        return (mean + noise / (1 + state["steps"])).softmax(0), {"mean": mean, "steps": state["steps"] + 1}


class Drifts(GradientSurgery):
    """Keeps a running mean of the Jacobian's rows of two tasks, which has to be started with the trunk's size: 12."""

    def start(self, n_tasks):
        return (torch.zeros(n_tasks, 12),)

    def combine(self, jacobian, state, noise):
        mean = 0.5 * state[0] + 0.5 * jacobian
        return mean.sum(0), (mean,)


class Both(HybridBalancing):
    """Divides by the losses everywhere, and remembers how many parameters each shared layer has."""

    def start_for(self, n_tasks, layers):
        return (torch.tensor([float(size) for size in layers]),)

    def balance(self, losses, jacobian, state, noise):
        weights = (1 / losses).nan_to_num(0.0)
        return weights @ jacobian, weights, state


SETTINGS = {
    "FixedWeighting": [FixedWeighting((1.0, 0.25))],
    "UnitNormalised": [UnitNormalised((1.0, 0.25))],
    "WeightSchedule": [WeightSchedule((1.0, 0.25), (0.5, 1.0), steps=5)],
}
"""How to build those methods that need arguments, or are worth trying with several."""


def methods_of_the_package() -> list[object]:
    """Find every method that `mtl_tutor.balancing` exports."""
    named = [getattr(balancing, name) for name in balancing.__all__]
    kinds = [kind for kind in named if inspect.isclass(kind) and issubclass(kind, Balancing) and not inspect.isabstract(kind)]
    kinds.remove(Balancing)
    return [method for kind in kinds for method in SETTINGS.get(kind.__name__) or [kind()]]


PACKAGE = methods_of_the_package()
METHODS = [*PACKAGE, EqualInGeneral(), PlainSum(), Refuse(), Remembers(), Drifts(), Both()]
DATA = sine_family(n_tasks=2, n_samples=15, seed=1)


def run(method, data=DATA, **settings):
    return train(HardSharing(1, 6, 2), data, method, **{"seeds": 3, "steps": 20, "dtype": torch.float64} | settings)


def test_every_method_file_is_found():
    folder = balancing.__path__[0]
    files = {path.stem for room in ("loss_weighting", "gradient_surgery") for path in Path(folder, room).glob("[a-z]*.py")}
    assert files == {type(method).__module__.rpartition(".")[2] for method in PACKAGE}


@pytest.mark.parametrize("method", METHODS, ids=named)
def test_every_method_trains_to_finite_numbers(method):
    history = run(method, batch_size=4)
    assert not history.diverged.any()
    assert (history.loss["train"][:, -1] != history.loss["train"][:, 0]).all()


@pytest.mark.parametrize("method", METHODS, ids=named)
def test_every_method_lives_with_tasks_that_are_absent_from_a_batch(method):
    assert not run(method, one_labelled_task_per_sample(), batch_size=1, steps=40).diverged.any()


@pytest.mark.parametrize("method", METHODS, ids=named)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_a_seeds_numbers_do_not_depend_on_its_company(method, dtype):
    settings = {"batch_size": 4, "dtype": dtype}
    everyone = run(method, seeds=9, **settings)
    for seeds in ([5], [8, 3], range(8, -1, -1)):
        some = run(method, seeds=seeds, **settings)
        for name, values in some.parameters.items():
            np.testing.assert_array_equal(values, everyone.parameters[name][list(seeds)], err_msg=name)


@pytest.mark.parametrize("method", PACKAGE, ids=named)
def test_every_method_says_whose_it_is_and_how_it_differs(method):
    text = type(method).__doc__
    assert "Source:" in text
    assert "Departures:" in text
    assert ">>>" in text


@pytest.mark.parametrize("method", METHODS, ids=named)
def test_the_state_keeps_its_form(method):
    noise = torch.randn(method.noise_shape(2))
    if isinstance(method, HybridBalancing):
        before = method.start_for(2, (12,))
        *_, after = method.balance(torch.rand(2), torch.randn(2, 12), before, noise)
    else:
        before = method.start(2)
        _, after = method.weigh(torch.rand(2), before, noise)
    assert type(after) is type(before)
    parts = [list(state.values()) if isinstance(state, dict) else list(state) for state in (before, after)]
    assert [(part.shape, part.dtype) for part in parts[0]] == [(part.shape, part.dtype) for part in parts[1]]


def test_a_state_is_carried_from_step_to_step():
    """A running mean with weight 1/2 of a gradient that stays nearly the same has moved the trunk by less at first."""
    settings = {"optimizer": SGD(), "lr": 1e-6, "seeds": 3}
    start = run(Drifts(), steps=1, **(settings | {"lr": 1e-30})).parameters["trunk.0.weight"]
    plain, drifting = (run(m, steps=3, **settings).parameters["trunk.0.weight"] - start for m in (PlainSum(), Drifts()))
    np.testing.assert_allclose(drifting, plain * (0.5 + 0.75 + 0.875) / 3, rtol=1e-3)


@pytest.mark.parametrize("method", [EqualInGeneral(), PlainSum(), FixedWeighting((1.0, 1.0))], ids=named)
def test_what_amounts_to_equal_weights_trains_as_equal_weights_do(method):
    expected, found = run(EqualWeighting()), run(method)
    for name, values in expected.parameters.items():
        np.testing.assert_allclose(found.parameters[name], values, atol=1e-12)


def test_a_method_of_losses_and_gradients_reaches_trunk_and_heads():
    expected, found = run(ScaleInvariantWeighting()), run(Both())
    for name, values in expected.parameters.items():
        np.testing.assert_allclose(found.parameters[name], values, atol=1e-12)


def test_a_method_learns_the_sizes_of_the_shared_layers():
    seen = []

    class Asks(Both):
        def start_for(self, n_tasks, layers):
            seen.append((n_tasks, tuple(layers)))
            return super().start_for(n_tasks, layers)

    train(HardSharing(1, (6, 4), 2), DATA, Asks(), seeds=1, steps=1)
    assert set(seen) == {(2, (12, 28))}
    train(HardSharing(1, (6, 4), 2), DATA, Asks(), seeds=1, steps=1, freeze="trunk.0.bias")
    assert seen[-1] == (2, (6, 28))


@pytest.mark.messages
def test_a_method_without_a_kind_is_refused():
    with pytest.raises(TypeError, match="`method` must extend LossWeighting, GradientSurgery or HybridBalancing; Balancing doesn't"):
        run(Balancing())


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
