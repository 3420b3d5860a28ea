"""Weights near one small subspace."""

import numpy as np
import pytest

from mtl_tutor.sharing.regularised._loss import linear_loss
from mtl_tutor.sharing.regularised.trace_norm import TraceNorm


def draw(rank: int, *, seed: int = 0, n_samples: int = 20, n_features: int = 8, n_tasks: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Weights with as many equal singular values as the rank says; every task lacks a quarter of its labels."""
    rng = np.random.default_rng([rank, seed])
    x = rng.normal(size=(n_samples, n_features))
    directions, mixtures = (np.linalg.qr(rng.normal(size=(n, rank)))[0] for n in (n_features, n_tasks))
    y = 3 * x @ directions @ mixtures.T + 0.2 * rng.normal(size=(n_samples, n_tasks)) + 2
    y[rng.random(y.shape) < 0.25] = np.nan
    return x, y


def fall_of(x: np.ndarray, y: np.ndarray, fit) -> np.ndarray:
    loss = linear_loss(x, y)
    return -loss.gradient(fit.weights, fit.intercepts + (loss.centre * fit.weights).sum(axis=1))[0]


@pytest.mark.parametrize("strength", [0.3, 1.5])
def test_the_fit_meets_the_conditions_of_the_minimum(strength):
    """The loss falls by strength along the directions that are used, and by at most that in any other."""
    x, y = draw(2)
    fit = TraceNorm(strength, counted_from=0).fit(x, y)
    left, values, right = np.linalg.svd(fit.weights, full_matrices=False)
    used = values > 1e-9
    assert 0 < used.sum() < len(values)
    assert used.sum() == fit.found["rank"]
    fall = fall_of(x, y, fit)
    np.testing.assert_allclose(left[:, used].T @ fall, strength * right[used], atol=1e-8)
    np.testing.assert_allclose(fall @ right[used].T, strength * left[:, used], atol=1e-8)
    rest = fall - strength * left[:, used] @ right[used]
    assert np.linalg.norm(rest, ord=2) < strength


def test_strength_above_the_steepest_fall_leaves_nothing():
    x, y = draw(2)
    nothing = TraceNorm(1e6).fit(x, y)
    np.testing.assert_array_equal(nothing.weights, 0)
    assert nothing.found["rank"] == 0
    steepest = float(np.linalg.norm(fall_of(x, y, nothing), ord=2))
    assert not TraceNorm(steepest * 1.001).fit(x, y).weights.any()
    assert TraceNorm(steepest * 0.999).fit(x, y).weights.any()


def test_without_strength_every_task_is_fitted_by_itself():
    x, y = draw(2, n_samples=30)
    fit = TraceNorm(0).fit(x, y)
    for task in range(6):
        own = ~np.isnan(y[:, task])
        expected = np.linalg.lstsq(np.c_[x[own], np.ones(own.sum())], y[own, task], rcond=None)[0]
        np.testing.assert_allclose(np.append(fit.weights[task], fit.intercepts[task]), expected, atol=1e-8)


def test_turned_features_give_turned_weights():
    """Lone among these penalties it knows directions, not features."""
    x, y = draw(2)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(8, 8)))[0]
    np.testing.assert_allclose(TraceNorm(0.5).fit(x @ turn, y).weights, TraceNorm(0.5).fit(x, y).weights @ turn, atol=1e-9)


def test_the_found_parts_multiply_to_the_weights():
    fit = TraceNorm(0.5).fit(*draw(2))
    found = fit.found
    np.testing.assert_allclose((found["mixtures"] * found["singular_values"]) @ found["directions"], fit.weights, atol=1e-12)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_the_planted_rank_is_found_where_there_is_little_noise(rank):
    assert {int(TraceNorm(0.1).fit(*draw(rank, seed=seed)).found["rank"]) for seed in range(8)} == {rank}


@pytest.mark.parametrize("share", [-0.1, 1.0, np.nan])
def test_a_share_is_one(share):
    with pytest.raises(ValueError, match=r"`counted_from` must be (at least 0 and below 1|a finite number); got"):
        TraceNorm(1.0, counted_from=share)
