"""What linear tasks lose: a mean over each task's own labels, whatever the kind."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from mtl_tutor.sharing.regularised._loss import linear_loss

KINDS = ("multiclass", "regression", "binary")


def draw(n_samples: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(n_samples, 3)) + 5
    y = np.stack([np.arange(n_samples) % 3, rng.normal(size=n_samples), np.arange(n_samples) % 2], axis=1).astype(float)
    y[:3, 1], y[5:8, 2] = np.nan, np.nan
    return x, y


def test_the_loss_is_half_the_squared_error_and_the_nats_of_scikit_learn():
    x, y = draw()
    loss = linear_loss(x, y, KINDS)
    rng = np.random.default_rng(0)
    weights, levels = rng.normal(size=(5, 3)), rng.normal(size=5)
    z = x @ weights.T + loss.intercepts(weights, levels)
    seen = [~np.isnan(column) for column in y.T]
    odds = np.exp(z[:, :3])
    expected = log_loss(y[:, 0], odds / odds.sum(axis=1, keepdims=True))
    expected += 0.5 * np.mean((z[seen[1], 3] - y[seen[1], 1]) ** 2)
    expected += log_loss(y[seen[2], 2], 1 / (1 + np.exp(-z[seen[2], 4])))
    assert loss.value(weights, levels) == pytest.approx(expected, rel=1e-12)


def test_the_gradient_is_what_the_loss_changes_by():
    x, y = draw()
    loss = linear_loss(x, y, KINDS)
    rng = np.random.default_rng(1)
    weights, levels, by_w, by_b = (rng.normal(size=shape) for shape in ((5, 3), 5, (5, 3), 5))
    up, down = (loss.value(weights + e * by_w, levels + e * by_b) for e in (1e-5, -1e-5))
    gradient, gradient_of_levels = loss.gradient(weights, levels)
    assert np.vdot(gradient, by_w) + gradient_of_levels @ by_b == pytest.approx((up - down) / 2e-5, rel=1e-8)


def test_no_loss_bends_more_than_the_solver_counts_on():
    x, y = draw()
    loss = linear_loss(x, y, KINDS)
    rng = np.random.default_rng(2)
    bound, gram = loss.curvature(), loss.gram()
    for _ in range(50):
        weights, levels, turn = rng.normal(size=(5, 3)) * 0.3, rng.normal(size=5), rng.normal(size=(5, 3))
        before, after = (loss.gradient(weights + e * turn, levels)[0] for e in (-1e-5, 1e-5))
        bends = np.vdot(turn, after - before) / 2e-5
        assert bends <= np.einsum("o,of,ofg,og->", bound, turn, gram, turn) * (1 + 1e-6)


def test_large_answers_do_not_overflow():
    x, y = draw()
    loss = linear_loss(x, y, KINDS)
    weights = np.full((5, 3), 1e4) * np.arange(-2, 3)[:, None]
    assert np.isfinite(loss.value(weights, np.zeros(5)))
    assert np.isfinite(loss.gradient(weights, np.zeros(5))[0]).all()


def test_classes_are_counted_where_nobody_says_how_many():
    x, y = draw()
    assert linear_loss(x, y, KINDS).n_outputs == (3, 1, 1)
    assert linear_loss(x, y[:, 2:], ["multiclass"]).n_outputs == (2,)
