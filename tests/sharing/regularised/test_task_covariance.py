"""Relations between tasks, learned with their weights."""

import itertools

import numpy as np
import pytest

from mtl_tutor.sharing.regularised._loss import linear_loss
from mtl_tutor.sharing.regularised.task_covariance import TaskCovariance
from mtl_tutor.sharing.regularised.trace_norm import TraceNorm


def draw(n_samples=25, n_tasks=6):
    """Tasks in a plane of weights, a quarter of the labels missing."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n_samples, 5)) + 0.5
    y = x @ (rng.normal(size=(5, 2)) @ rng.normal(size=(2, n_tasks))) + 0.3 * rng.normal(size=(n_samples, n_tasks))
    for task in range(n_tasks):
        y[task::4, task] = np.nan
    return x, y


def ridge(x, y, penalty):
    """Each task's own ridge regression, by its normal equations; loss as in the package."""
    weights = []
    for labels in y.T:
        own = ~np.isnan(labels)
        centred = x[own] - x[own].mean(axis=0)
        gram = centred.T @ centred / own.sum() + penalty * np.eye(x.shape[1])
        weights.append(np.linalg.solve(gram, centred.T @ labels[own] / own.sum()))
    return np.stack(weights)


def objective(method, fit, x, y):
    loss = linear_loss(x, y)
    return loss.value(fit.weights, fit.intercepts + (loss.centre * fit.weights).sum(axis=1)) + method.penalty(fit.weights, fit.n_outputs)


def test_its_weights_are_those_of_a_trace_norm_of_another_strength():
    x, y = draw()
    fit = TaskCovariance(0.3).fit(x, y)
    same = TraceNorm(0.3 * np.linalg.svd(fit.weights, compute_uv=False).sum()).fit(x, y)
    np.testing.assert_allclose(fit.weights, same.weights, atol=1e-8)
    assert np.linalg.matrix_rank(fit.weights, tol=1e-6) < 5


def test_a_ridge_alone_is_each_tasks_ridge_regression():
    x, y = draw()
    np.testing.assert_allclose(TaskCovariance(0.0, ridge=0.4).fit(x, y).weights, ridge(x, y, 0.4), atol=1e-8)


def test_unrelated_tasks_to_start_with_are_ridge_regressions():
    """Ω = I / 6 charges strength / 2 · 6 |w|² for each task."""
    x, y = draw()
    first = next(TaskCovariance(0.05, ridge=0.1).alternate(x, y))
    np.testing.assert_allclose(first.weights, ridge(x, y, 0.05 * 6 + 0.1), atol=1e-8)


@pytest.mark.parametrize("step", [0.1, 3.0])
def test_the_proximal_step_minimises_what_it_says(step):
    rng, method = np.random.default_rng(4), TaskCovariance(0.7, ridge=0.4)
    weights = rng.normal(size=(6, 5))
    shrunk = method.prox(weights, step, (1,) * 6)

    def cost(candidate):
        return ((candidate - weights) ** 2).sum() / (2 * step) + method.penalty(candidate, (1,) * 6)

    for size in (0.1, 1e-3):
        assert all(cost(shrunk + size * rng.normal(size=weights.shape)) > cost(shrunk) for _ in range(40))
    for share in (1 - 1e-3, 1 + 1e-3):
        assert cost(share * shrunk) > cost(shrunk)


@pytest.mark.parametrize("method", [TaskCovariance(0.05), TaskCovariance(0.5, ridge=0.1)], ids=repr)
@pytest.mark.parametrize("smoothing", [1e-2, 1e-4])
def test_the_alternation_never_rises_and_falls_at_first(method, smoothing):
    heights = [float(fit.found["objective"]) for fit in method.alternate(*draw(), rounds=30, smoothing=smoothing)]
    assert max(np.diff(heights)) < 1e-10
    assert heights[-1] < heights[0] - 0.1


@pytest.mark.parametrize("kinds", [None, ("regression", "binary", "regression")])
def test_the_alternation_comes_close_to_the_fit_and_not_below(kinds):
    x, y = draw(n_tasks=3)
    if kinds:
        y[:, 1] = np.where(np.isnan(y[:, 1]), np.nan, y[:, 1] + 2 * np.sin(9 * x[:, 0]) > 0)
    method, loss = TaskCovariance(0.05, ridge=0.05), linear_loss(x, y, kinds)
    exact = method.solve(loss)
    (*_, last) = method.alternate(x, y, rounds=400, smoothing=1e-5, kinds=kinds)
    lowest = loss.value(*exact[:2]) + method.penalty(exact.parts, loss.n_outputs)
    assert lowest <= float(last.found["objective"]) < lowest + 0.02
    np.testing.assert_allclose(last.weights, exact.parts, atol=0.05)


def test_without_smoothing_the_alternation_gets_stuck_above_the_minimum():
    """What makes the smoothing, or steps that don't alternate, worth their while."""
    x, y = draw()
    method = TaskCovariance(0.05)
    fits = list(method.alternate(x, y, rounds=150, smoothing=0.0))
    heights = [objective(method, fit, x, y) for fit in fits]
    assert heights[-20] - heights[-1] < 1e-6
    assert heights[-1] > objective(method, method.fit(x, y), x, y) + 1e-3


def test_the_covariance_is_the_best_for_its_weights():
    """No other with trace 1 makes tr(W' Ω⁻¹ W) smaller, and the smallest is what the penalty charges."""
    x, y = draw(n_tasks=3)
    fit, rng = TaskCovariance(0.05).fit(x, y), np.random.default_rng(0)
    best = fit.found["task_covariance"]
    assert np.trace(best) == pytest.approx(1)

    def charge(covariance):
        return np.trace(fit.weights.T @ np.linalg.solve(covariance, fit.weights))

    jitter = 1e-9 * np.eye(3)
    assert charge(best + jitter) * 0.05 / 2 == pytest.approx(TaskCovariance(0.05).penalty(fit.weights, (1,) * 3), rel=1e-4)
    for _ in range(30):
        root = rng.normal(size=(3, 3))
        other = best + 0.1 * root @ root.T
        assert charge(other / np.trace(other)) > charge(best + jitter)


def test_opposites_are_found_and_their_signs():
    rng = np.random.default_rng(3)
    x, w = rng.normal(size=(60, 4)), rng.normal(size=4)
    y = np.outer(x @ w, [1, 0.8, -1, -0.7]) + 0.3 * rng.normal(size=(60, 4))
    found = TaskCovariance(0.05).fit(x, y).found
    for correlation in (found["task_correlation"], found["weight_correlation"]):
        for one, other in itertools.combinations(range(4), 2):
            assert correlation[one, other] * (1 if (one < 2) == (other < 2) else -1) > 0.9


def test_the_opposite_task_helps_a_task_with_few_labels():
    rng = np.random.default_rng(5)
    x, w = rng.normal(size=(80, 8)), rng.normal(size=8)
    y = np.outer(x @ w, [1, -1]) + 0.5 * rng.normal(size=(80, 2))
    y[8:, 1] = np.nan
    errors = [
        min(((m.fit(x, y).weights[1] + w) ** 2).sum() for m in methods)
        for methods in (
            [TaskCovariance(strength) for strength in (0.01, 0.03, 0.1)],
            [TaskCovariance(0.0, ridge=r) for r in (0.01, 0.1, 0.3)],
        )
    ]
    assert errors[0] < 0.3 * errors[1]


def test_too_strong_a_penalty_leaves_unrelated_tasks_of_no_weight():
    fit = TaskCovariance(1e9).fit(*draw())
    assert np.abs(fit.weights).max() < 1e-6
    tiny = TaskCovariance(1.0).found(np.zeros((3, 2)), (1, 1, 1))
    np.testing.assert_allclose(tiny["task_covariance"], np.eye(3) / 3)
    np.testing.assert_allclose(tiny["task_correlation"], np.eye(3))


def test_a_task_of_no_weight_is_related_to_none():
    found = TaskCovariance(1.0).found(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]]), (1, 1, 1))
    np.testing.assert_allclose(found["task_correlation"], [[1, 1, 0], [1, 1, 0], [0, 0, 1]], atol=1e-12)


@pytest.mark.parametrize("bad", [{"strength": -1.0}, {"ridge": -1.0}, {"ridge": np.inf}])
def test_bad_settings_get_a_sentence(bad):
    with pytest.raises(ValueError, match=r"must be (zero or more, and finite|a finite number); got"):
        TaskCovariance(**({"strength": 1.0} | bad))
