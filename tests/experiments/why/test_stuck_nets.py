"""The surface of the loss is the net's own, its derivatives are right, and each kind of end is told from the others."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from mtl_tutor.experiments import Result, StuckNets
from mtl_tutor.experiments.why.local_minima.stuck_nets import (
    ENTROPY,
    MINIMUM,
    OF_OUTPUT,
    OUT,
    SADDLE,
    SIGMOID,
    SQUARED,
    STUCK,
    TROUGH,
    Surface,
    kind_of,
    places_of,
    share_of_stuck,
)
from mtl_tutor.tasks import only_tasks, parity

DATA = only_tasks(parity(3), [0])
TORCH = {
    ENTROPY: F.binary_cross_entropy_with_logits,
    SQUARED: lambda z, y: ((z - (2 * y - 1)) ** 2).mean(),
    SIGMOID: lambda z, y: ((torch.sigmoid(z) - y) ** 2).mean(),
}


@pytest.mark.parametrize("loss", OF_OUTPUT)
def test_gradient_and_hessian_are_those_of_torch(loss):
    surface = Surface(DATA.train.x, DATA.train.y[:, 0], 2, loss)
    x, y = torch.from_numpy(DATA.train.x), torch.from_numpy(DATA.train.y[:, 0])

    def value(place):
        trunk = place[:8].reshape(2, 4)
        return TORCH[loss](torch.tanh(x @ trunk[:, :3].T + trunk[:, 3]) @ place[8:10] + place[10], y)

    place = np.random.default_rng(3).normal(size=11)
    there = torch.from_numpy(place)
    assert surface.value(place) == pytest.approx(value(there).item())
    np.testing.assert_allclose(surface.gradient(place), torch.autograd.functional.jacobian(value, there).numpy(), atol=1e-12)
    np.testing.assert_allclose(surface.hessian(place), torch.autograd.functional.hessian(value, there).numpy(), atol=1e-12)


@pytest.mark.parametrize("loss", OF_OUTPUT)
def test_the_surface_at_a_net_is_the_loss_that_it_was_trained_by(loss):
    history = StuckNets(seeds=20, steps=30, first_seed=5000).trained(DATA, 2, loss)
    surface = Surface(DATA.train.x, DATA.train.y[:, 0], 2, loss)
    values = [surface.value(place) for place in places_of(history)]
    np.testing.assert_allclose(values, history.loss["train"][:, -1, 0], rtol=1e-5)


@dataclass(frozen=True)
class _Made(Surface):
    """A surface over two numbers, of which all is known."""

    shape: str = "bowl"

    def value(self, place):
        x, y = place
        return {"bowl": x**2 + y**2, "trough": np.exp(-x) + y**2, "saddle": x**2 - y**2, "hill": np.cos(x) + y**2}[self.shape]

    def gradient(self, place):
        x, y = place
        return np.array(
            {"bowl": (2 * x, 2 * y), "trough": (-np.exp(-x), 2 * y), "saddle": (2 * x, -2 * y), "hill": (-np.sin(x), 2 * y)}[self.shape]
        )

    def hessian(self, place):
        x, _ = place
        return np.diag({"bowl": (2.0, 2.0), "trough": (np.exp(-x), 2.0), "saddle": (2.0, -2.0), "hill": (-np.cos(x), 2.0)}[self.shape])

    def is_solved(self, place, margin=0.0):
        return self.shape == "hill" and place[0] > 3


@pytest.mark.parametrize(
    ("shape", "start", "kind"),
    [("bowl", (0.3, -0.4), MINIMUM), ("trough", (0.0, 0.5), TROUGH), ("saddle", (0.0, 0.0), SADDLE), ("hill", (0.01, 0.0), OUT)],
)
def test_each_kind_of_end_is_told_from_the_others(shape, start, kind):
    assert kind_of(_Made(np.zeros((1, 1)), np.zeros(1), 1, shape=shape), np.array(start)) == kind


def test_the_share_is_among_stuck_nets_not_among_all():
    stuck, caught = np.array([True, True, False, False] * 8), np.array([True, False, False, False] * 8)
    hypothesis = next(one for one in StuckNets.hypotheses if one.id == "parity-minimum")
    result = Result({"parity": {STUCK: stuck, MINIMUM: caught}}, n_blocks=8)
    assert share_of_stuck(result, hypothesis).estimate == 0.5


def test_every_stuck_net_is_of_one_kind_and_no_other_is_of_any():
    measured = StuckNets(seeds=20, blocks=4, first_seed=5000).measured(2, 2, ENTROPY)
    kinds = np.sum([values for name, values in measured.items() if name != STUCK], axis=0)
    np.testing.assert_array_equal(kinds, measured[STUCK])
    assert 0 < kinds.sum() < 20
