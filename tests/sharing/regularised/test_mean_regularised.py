"""Springs between tasks: from each by itself to all as one."""

import numpy as np
import pytest

from mtl_tutor.sharing.regularised._base import Regularised, descend
from mtl_tutor.sharing.regularised._loss import linear_loss
from mtl_tutor.sharing.regularised.mean_regularised import MeanRegularised


def draw(n_samples: int = 15, n_features: int = 4, n_tasks: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Regressions that differ, in weights and level, each with a fifth of its labels missing."""
    rng = np.random.default_rng([n_samples, n_features])
    x = rng.normal(size=(n_samples, n_features)) + 1
    y = x @ rng.normal(size=(n_features, n_tasks)) + 3 * np.arange(n_tasks) + rng.normal(size=(n_samples, n_tasks))
    for task in range(n_tasks):
        y[task::5, task] = np.nan
    return x, y


def separate(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Least squares of each task, weights and intercept."""
    seen = ~np.isnan(y)
    columns = np.c_[x, np.ones(len(x))]
    return np.stack([np.linalg.lstsq(columns[own], labels[own], rcond=None)[0] for own, labels in zip(seen.T, y.T, strict=True)])


def pooled(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weighted least squares of all labels on one weight vector and an intercept per task."""
    rows, labels = [], []
    for task in range(y.shape[1]):
        own = ~np.isnan(y[:, task])
        scale = own.sum() ** -0.5
        rows.append(np.c_[x[own], np.tile(np.eye(y.shape[1])[task], (own.sum(), 1))] * scale)
        labels.append(y[own, task] * scale)
    found = np.linalg.lstsq(np.concatenate(rows), np.concatenate(labels), rcond=None)[0]
    n_features = x.shape[1]
    return np.stack([np.append(found[:n_features], intercept) for intercept in found[n_features:]])


def all_of(fit) -> np.ndarray:
    return np.c_[fit.weights, fit.intercepts]


@pytest.mark.parametrize("strength", [0, 1e-12])
def test_no_springs_are_each_tasks_own_least_squares(strength):
    x, y = draw()
    np.testing.assert_allclose(all_of(MeanRegularised(strength).fit(x, y)), separate(x, y), atol=1e-8)


@pytest.mark.parametrize("strength", [1e12, np.inf])
def test_rigid_springs_are_one_pooled_fit(strength):
    x, y = draw()
    np.testing.assert_allclose(all_of(MeanRegularised(strength).fit(x, y)), pooled(x, y), atol=1e-8)


@pytest.mark.parametrize("strength", [1e-3, 0.1, 1, 30, np.inf])
@pytest.mark.parametrize("n_samples", [15, 4])  # with 4, three labels per task, even all of them together leave a direction open
def test_the_linear_system_and_the_solver_agree(strength, n_samples):
    x, y = draw(n_samples)
    loss, method = linear_loss(x, y), MeanRegularised(strength)
    walked = descend(loss, lambda parts, step: method.prox(parts, step, loss.n_outputs))
    np.testing.assert_allclose(method.fit(x, y).weights, walked.parts, atol=1e-7)


def test_the_smallest_springs_choose_the_nearest_of_the_weights_that_fit_perfectly():
    """One label per task and 4 features: alone the shortest weights, with springs one vector for all, as one fits them all."""
    x, y = np.eye(4)[:3], np.diag([1.0, 2, 3])
    y[y == 0] = np.nan
    x, y = np.concatenate([x, np.zeros((1, 4))]), np.concatenate([y, np.zeros((1, 3))])
    tied, free = MeanRegularised(1e-6).fit(x, y), MeanRegularised(0).fit(x, y)
    np.testing.assert_allclose(tied.weights, [[1, 2, 3, 0]] * 3, atol=1e-5)
    np.testing.assert_allclose(free.weights, np.diag([1.0, 2, 3, 0])[:3], atol=1e-12)


def test_distances_to_the_mean_fall_as_springs_get_stronger():
    x, y = draw()
    distances = np.stack([MeanRegularised(strength).fit(x, y).found["distance"] for strength in (0, 0.1, 1, 10, 1e9)])
    assert (np.diff(distances.sum(axis=1)) < 0).all()
    assert distances[-1].max() < 1e-6


def test_classes_at_either_end_are_separate_and_pooled_too():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(60, 2))
    y = (x @ np.array([[1.0, 0.5], [0.2, 1]]) + rng.logistic(size=(60, 2)) > 0).astype(float)
    both = MeanRegularised(np.inf).fit(x, y, kinds=["binary"] * 2)
    np.testing.assert_allclose(both.weights[0], both.weights[1], atol=1e-12)
    loss = linear_loss(x, y, ["binary"] * 2)
    gradient, by_level = loss.gradient(both.weights, both.intercepts + (loss.centre * both.weights).sum(axis=1))
    np.testing.assert_allclose(gradient.sum(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(by_level, 0, atol=1e-10)
    one = MeanRegularised(0).fit(x, y[:, :1], kinds=["binary"])
    np.testing.assert_allclose(MeanRegularised(0).fit(x, y, kinds=["binary"] * 2).weights[:1], one.weights, atol=1e-9)


def test_tasks_are_tied_to_those_with_as_many_outputs():
    x = np.random.default_rng(5).normal(size=(30, 3))
    y = np.stack([np.arange(30) % 3, x[:, 0], np.arange(30) % 2, np.arange(1, 31) % 3], axis=1).astype(float)
    fit = MeanRegularised(np.inf).fit(x, y, kinds=["multiclass", "regression", "binary", "multiclass"])
    np.testing.assert_allclose(fit.weights[0:3], fit.weights[5:8], atol=1e-12)
    np.testing.assert_allclose(fit.weights[3], fit.weights[4], atol=1e-12)
    assert np.abs(fit.weights[0] - fit.weights[3]).max() > 0.01


def test_a_task_without_labels_gets_the_mean_of_the_others():
    x, y = draw()
    fit = MeanRegularised(0.7).fit(x, np.c_[y, np.full(len(x), np.nan)])
    np.testing.assert_allclose(fit.weights[3], fit.weights[:3].mean(axis=0), atol=1e-12)


def test_the_solver_is_not_needed_where_all_are_regressions(monkeypatch):
    def refuse(self, loss):
        raise AssertionError

    monkeypatch.setattr(Regularised, "solve", refuse)
    assert MeanRegularised(1.0).fit(*draw()).residual == 0


@pytest.mark.parametrize("strength", [-1.0, np.nan])
def test_springs_do_not_push(strength):
    with pytest.raises(ValueError, match=r"`strength` must be (zero or more; got .*`inf` all as one|a finite number; got nan)"):
        MeanRegularised(strength)
