"""Gradients of tasks over training, and fronts of trade-offs, on cases worked out by hand and against brute force."""

import itertools

import numpy as np
import pytest
import torch

from mtl_tutor.balancing import MGDA, combine
from mtl_tutor.metrics import conflict_rate, gradient_curves, hypervolume, norm_ratio, pareto_front, stationarity
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.tasks import sine_family
from mtl_tutor.training import SGD, task_gradients, train

RNG = np.random.default_rng(0)


def test_pairs_that_conflict_are_counted():
    rows = np.array([[[1.0, 0.0], [-1.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]])
    assert conflict_rate(rows).tolist() == [pytest.approx(1 / 3), 0.0]


def test_lengths_are_compared():
    assert norm_ratio(np.array([[[3.0, 4.0], [0.0, 1.0]]])).tolist() == [5.0]
    assert norm_ratio(np.array([[[3.0, 4.0], [0.0, 0.0]]])).tolist() == [np.inf]


@pytest.mark.parametrize("n_tasks", [2, 3, 5])
@pytest.mark.parametrize("far", [1.0, 1000.0])
def test_the_distance_to_stationarity_is_the_length_of_mgdas_direction(n_tasks, far):
    for _ in range(10):
        rows = RNG.standard_normal((n_tasks, 6)) * np.geomspace(1, far, n_tasks)[:, None]
        expected = float(combine(torch.from_numpy(rows), MGDA()).norm())
        assert stationarity(rows[None])[0] == pytest.approx(expected, rel=1e-4, abs=1e-6)
    assert stationarity(np.zeros((1, n_tasks, 6))).tolist() == [0.0]


def test_the_front_holds_what_nothing_beats():
    losses = np.array([[1.0, 3.0], [2.0, 2.0], [2.0, 2.0], [2.0, 3.0], [3.0, 1.0], [4.0, 1.0]])
    assert pareto_front(losses).tolist() == [True, True, True, False, True, False]


@pytest.mark.parametrize("n_tasks", [1, 2, 3, 4])
def test_the_hypervolume_is_the_share_of_a_box_that_is_beaten(n_tasks):
    losses, reference = RNG.random((6, n_tasks)), np.full(n_tasks, 0.9)
    cells = (np.arange(40) + 0.5) / 40 * 0.9
    grid = np.array(list(itertools.product(cells, repeat=n_tasks)))
    if n_tasks == 4:
        grid = RNG.random((200_000, 4)) * 0.9
    beaten = (losses[:, None] <= grid).all(2).any(0).mean() * 0.9**n_tasks
    assert hypervolume(losses, reference) == pytest.approx(beaten, abs=0.02)


def test_points_behind_others_or_beyond_the_reference_add_no_volume():
    losses, reference = np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([3.0, 3.0])
    more = np.array([[2.5, 2.5], [0.0, 3.5], [2.0, 1.0]])
    assert hypervolume(np.vstack([losses, more]), reference) == hypervolume(losses, reference) == 3.0
    assert hypervolume(more[1:2], reference) == 0.0


@pytest.mark.parametrize("split", ["train", "test"])
def test_gradients_are_those_that_move_the_trunk(split):
    data, model = sine_family(n_tasks=2, n_samples=16, seed=0), HardSharing(1, 5, 2)
    history = train(model, data, seeds=3, steps=4, lr=0.1, optimizer=SGD(), keep_at=(3,), dtype=torch.float64)
    before, after = history.parameters_at(3), history.parameters_at(4)
    moved = np.concatenate([(before[n] - after[n]).reshape(3, -1) / 0.1 for n in ("trunk.0.weight", "trunk.0.bias")], 1)
    found = task_gradients(model, history, data, split=split, at=3)
    assert found.shape == (3, 2, 10)
    assert np.allclose(found.sum(1), moved) == (split == "train")


def test_curves_over_training_have_a_band():
    data, model = sine_family(n_tasks=2, n_samples=16, seed=0), HardSharing(1, 5, 2)
    steps = (0, 5, 10)
    history = train(model, data, seeds=4, steps=10, keep_at=steps)
    jacobians = [task_gradients(model, history, data, at=step) for step in steps]
    for what in ("cosine", "conflicts", "norm ratio", "stationarity"):
        curves = gradient_curves(steps, jacobians, what=what)
        assert list(curves.x) == [0.0, 5.0, 10.0]


@pytest.mark.messages
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: conflict_rate(np.ones((1, 1, 3))), "two tasks or more; got 1"),
        (lambda: norm_ratio(np.full((1, 2, 3), np.nan)), "must be finite; 6 entries"),
        (lambda: pareto_front(np.array([[np.nan, 1.0]])), "must be numbers; 1 entries"),
        (lambda: hypervolume(np.ones((2, 2)), np.ones(3)), "one finite loss per task, 2"),
        (lambda: hypervolume(np.ones((0, 2)), np.ones(2)), "a point and a task or more"),
        (lambda: gradient_curves([1], [np.ones((2, 2, 3))], what="angle"), "`what` must be one of"),
        (lambda: gradient_curves([1, 2], [np.ones((2, 2, 3))]), "one entry per step, 2; got 1"),
        (lambda: gradient_curves([1], [np.ones((1, 2, 3))]), "two nets or more"),
    ],
)
def test_what_cannot_be_measured_gets_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_gradients_of_another_model_or_a_split_that_is_not_there_get_a_sentence():
    data, model = sine_family(n_tasks=2, n_samples=16, seed=0), HardSharing(1, 5, 2)
    history = train(model, data, seeds=2, steps=2)
    with pytest.raises(ValueError, match="keep_at"):
        task_gradients(model, history, data, at=1)
    with pytest.raises(ValueError):
        task_gradients(SingleTask(1, 5, 2), history, data)
    with pytest.raises(ValueError, match="must have the tasks that were trained"):
        task_gradients(model, history, sine_family(n_tasks=3, n_samples=16, seed=0))
