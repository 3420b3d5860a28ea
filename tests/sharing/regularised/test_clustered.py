"""Groups of tasks that nobody named."""

import numpy as np
import pytest

from mtl_tutor.sharing.regularised._loss import linear_loss
from mtl_tutor.sharing.regularised.clustered import Clustered
from mtl_tutor.sharing.regularised.task_covariance import TaskCovariance

GROUPS = np.array([0, 0, 1, 1, 2, 2, 0, 1])


def draw(n_samples=30, n_features=6, spread=0.2):
    rng = np.random.default_rng(2)
    w = rng.normal(size=(3, n_features))[GROUPS] + spread * rng.normal(size=(len(GROUPS), n_features))
    x = rng.normal(size=(n_samples, n_features)) + 0.5
    y = x @ w.T + rng.normal(size=(n_samples, len(GROUPS)))
    for task in range(len(GROUPS)):
        y[task::4, task] = np.nan
    return x, y


def tied(x, y, matrix):
    """Minimise the package's loss plus tr(W' matrix W) / 2, one linear system for all tasks."""
    n_tasks, n_features = y.shape[1], x.shape[1]
    system, moment = np.kron(matrix, np.eye(n_features)), []
    for task, labels in enumerate(y.T):
        own = ~np.isnan(labels)
        centred = x[own] - x[own].mean(axis=0)
        block = slice(task * n_features, (task + 1) * n_features)
        system[block, block] += centred.T @ centred / own.sum()
        moment.append(centred.T @ labels[own] / own.sum())
    return np.linalg.solve(system, np.concatenate(moment)).reshape(n_tasks, n_features)


@pytest.mark.parametrize("n_features", [6, 12])
def test_one_cluster_pulls_all_tasks_to_their_mean(n_features):
    x, y = draw(n_features=n_features)
    n, fit = len(GROUPS), Clustered(0.3, n_clusters=1, tightness=20).fit(x, y)
    expected = tied(x, y, 0.3 * (np.ones((n, n)) / n + 20 * (np.eye(n) - np.ones((n, n)) / n)))
    np.testing.assert_allclose(fit.weights, expected, atol=1e-8)
    assert fit.found["groups"].tolist() == [0] * n


@pytest.mark.parametrize("n_features", [6, 12])
def test_as_many_clusters_as_tasks_are_ridge_regressions(n_features):
    x, y = draw(n_features=n_features)
    fit = Clustered(0.3, n_clusters=len(GROUPS)).fit(x, y)
    np.testing.assert_allclose(fit.weights, tied(x, y, 0.3 * np.eye(len(GROUPS))), atol=1e-8)
    assert fit.found["groups"].tolist() == list(range(len(GROUPS)))


def test_a_tightness_of_one_is_ridge_regression_too():
    x, y = draw()
    np.testing.assert_allclose(Clustered(0.3, tightness=1).fit(x, y).weights, TaskCovariance(0.0, ridge=0.3).fit(x, y).weights, atol=1e-8)


def test_the_penalty_is_at_most_that_of_any_grouping():
    """It is the least over a set of task matrices that holds all groupings in three; so no weights cost more than their true one."""
    rng, method = np.random.default_rng(0), Clustered(0.7, n_clusters=3, tightness=15)
    for _ in range(50):
        weights, groups = rng.normal(size=(8, 12)), np.r_[0:3, rng.integers(0, 3, size=5)]
        means = np.stack([weights[groups == group].mean(axis=0) for group in range(3)])[groups]
        mean = weights.mean(axis=0)
        known = 8 * mean @ mean + ((means - mean) ** 2).sum() + 15 * ((weights - means) ** 2).sum()
        assert method.penalty(weights, (1,) * 8) <= 0.7 / 2 * known


def test_weights_in_perfect_groups_cost_what_their_grouping_costs():
    method, weights = Clustered(0.7, n_clusters=3, tightness=15), np.random.default_rng(1).normal(size=(3, 12))[GROUPS]
    assert method.penalty(weights, (1,) * 8) == pytest.approx(0.7 / 2 * (weights**2).sum())


@pytest.mark.parametrize("step", [0.1, 3.0])
def test_the_proximal_step_minimises_what_it_says(step):
    rng, method = np.random.default_rng(4), Clustered(0.7, n_clusters=3)
    weights = rng.normal(size=(8, 5))
    shrunk = method.prox(weights, step, (1,) * 8)

    def cost(candidate):
        return ((candidate - weights) ** 2).sum() / (2 * step) + method.penalty(candidate, (1,) * 8)

    for size in (0.1, 1e-3):
        assert all(cost(shrunk + size * rng.normal(size=weights.shape)) > cost(shrunk) for _ in range(40))


def test_no_step_of_the_fit_leads_down():
    x, y = draw()
    method, loss = Clustered(0.3, n_clusters=3), linear_loss(x, y)
    best, rng = method.solve(loss), np.random.default_rng(0)

    def cost(weights):
        return loss.value(weights, best.levels) + method.penalty(weights, loss.n_outputs)

    for size in (0.1, 1e-3):
        assert all(cost(best.parts + size * rng.normal(size=best.parts.shape)) > cost(best.parts) for _ in range(30))


def test_planted_groups_are_found_and_numbered_as_they_appear():
    fit = Clustered(0.1, n_clusters=3).fit(*draw())
    assert fit.found["groups"].tolist() == GROUPS.tolist()
    np.testing.assert_allclose(fit.found["group_means"][1], fit.weights[GROUPS == 1].mean(axis=0))


def test_in_whichever_order_tasks_come_groups_are_numbered_by_first_appearance():
    rng, weights = np.random.default_rng(0), np.random.default_rng(1).normal(size=(5, 12))
    for _ in range(30):
        true = rng.permutation(np.r_[0:5, rng.integers(0, 5, size=5)])
        groups = Clustered(0.1, n_clusters=5).found(weights[true], (1,) * 10)["groups"]
        assert np.array_equal(groups[:, None] == groups, true[:, None] == true)
        assert list(dict.fromkeys(groups.tolist())) == [0, 1, 2, 3, 4]


def test_tasks_of_a_group_come_nearer_to_each_other_than_groups_do():
    x, y = draw(n_samples=12, spread=0.0)
    own, shared = (Clustered(1.0, n_clusters=3, tightness=tightness).fit(x, y).weights for tightness in (1, 30))

    def within(weights):
        means = np.stack([weights[group == GROUPS].mean(axis=0) for group in range(3)])[GROUPS]
        return ((weights - means) ** 2).sum() / ((means - means.mean(axis=0)) ** 2).sum()

    assert within(shared) < 0.5 * within(own)


def test_equal_tasks_are_one_group_and_one_task_is_a_group():
    assert Clustered(0.1, n_clusters=3).found(np.ones((4, 2)), (1,) * 4)["groups"].tolist() == [0, 0, 0, 0]
    assert Clustered(0.1, n_clusters=1).found(np.ones((1, 2)), (1,))["groups"].tolist() == [0]


@pytest.mark.parametrize("bad", [{"n_clusters": 0}, {"tightness": 0.5}, {"tightness": np.inf}])
def test_bad_settings_get_a_sentence(bad):
    with pytest.raises(ValueError, match=r"must be (at least 1, and finite|a finite number); got"):
        Clustered(0.1, **bad)


def test_data_that_cannot_be_grouped_get_a_sentence():
    x, y = draw()
    with pytest.raises(ValueError, match=r"must be at most the number of outputs, 2; got 3"):
        Clustered(0.1, n_clusters=3).fit(x, y[:, :2])
    y[:, 4] = np.nan
    with pytest.raises(ValueError, match=r"label of every task; got outputs \[4\] without"):
        Clustered(0.1, n_clusters=3).fit(x, y)
