"""Shared features plus a few of each task's own."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso

from mtl_tutor.sharing.regularised._loss import linear_loss
from mtl_tutor.sharing.regularised.dirty_model import DirtyModel


def draw() -> tuple[np.ndarray, np.ndarray]:
    """Features 0 and 1 matter to all four tasks, feature 2 + t to task t alone; every task lacks labels."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(50, 8))
    w = np.zeros((8, 4))
    w[:2] = [[1.5, 1.2, -1.4, 1.6], [-1.1, 1.3, 1.2, -1.5]]
    w[2:6] = 2 * np.eye(4)
    y = x @ w + 0.2 * rng.normal(size=(50, 4)) + 1
    y[rng.random(y.shape) < 0.3] = np.nan
    return x, y


def test_the_fit_meets_the_conditions_of_the_minimum():
    x, y = draw()
    strength, strength_own = 0.4, 0.15
    fit, loss = DirtyModel(strength, strength_own).fit(x, y), linear_loss(x, y)
    fall = -loss.gradient(fit.weights, fit.intercepts + (loss.centre * fit.weights).sum(axis=1))[0]
    shared, own, kept = (fit.found[name] for name in ("shared", "own", "kept"))
    assert 0 < kept.sum() < len(kept)
    assert own.any()
    np.testing.assert_allclose(fit.weights, shared + own, atol=1e-12)
    # each part of its own: fall = price * sign where a weight is, within the price elsewhere
    np.testing.assert_allclose(fall[own != 0], strength_own * np.sign(own[own != 0]), atol=1e-9)
    assert np.abs(fall).max() <= strength_own + 1e-9
    # a shared feature: the falls at its largest weights add up to the price, and smaller weights have none
    largest = np.isclose(np.abs(shared), np.abs(shared).max(axis=0), rtol=1e-9) & kept
    np.testing.assert_allclose(np.where(largest, fall * np.sign(shared), 0).sum(axis=0)[kept], strength, atol=1e-9)
    np.testing.assert_allclose(fall[~largest & kept], 0, atol=1e-9)
    assert np.abs(fall).sum(axis=0).max() <= strength + 1e-9


def test_a_dear_shared_part_leaves_each_task_its_own_lasso():
    x, y = draw()
    fit = DirtyModel(4.1 * 0.1, 0.1).fit(x, y)
    assert not fit.found["shared"].any()
    for task in range(4):
        seen = ~np.isnan(y[:, task])
        expected = Lasso(alpha=0.1, tol=1e-12, max_iter=100_000).fit(x[seen], y[seen, task])
        np.testing.assert_allclose(fit.weights[task], expected.coef_, atol=1e-8)


def test_a_dear_own_part_leaves_shared_features_only():
    fit = DirtyModel(0.2, 0.21).fit(*draw())
    assert not fit.found["own"].any()
    assert fit.found["kept"].any()


def test_it_tells_shared_features_from_own_ones():
    found = DirtyModel(0.3, 0.12).fit(*draw()).found
    np.testing.assert_array_equal(np.flatnonzero(np.abs(found["shared"]).max(axis=0) > 0.5), [0, 1])
    np.testing.assert_array_equal(np.argwhere(np.abs(found["own"]) > 0.8), [[0, 2], [1, 3], [2, 4], [3, 5]])


@pytest.mark.parametrize(("prices", "empty"), [((0, 0.2), "own"), ((0.2, 0), "shared"), ((0, 0), "own")])
def test_a_part_without_a_price_takes_all_the_weight(prices, empty):
    x, y = draw()
    fit = DirtyModel(*prices).fit(x, y)
    assert not fit.found[empty].any()
    seen = ~np.isnan(y[:, 1])
    expected = np.linalg.lstsq(np.c_[x[seen], np.ones(seen.sum())], y[seen, 1], rcond=None)[0]
    np.testing.assert_allclose(fit.weights[1], expected[:8], atol=1e-10)


@pytest.mark.parametrize(("cut", "height"), [(0.0, 3.0), (1.0, 2.0), (2.0, 1.5), (5.5, 0.0), (9.0, 0.0)])
def test_shared_weights_are_cut_to_one_height(cut, height):
    """Of 3, -2 and 0.5: what is cut off adds up to the cut, by hand."""
    parts = np.stack([np.array([[3.0], [-2], [0.5]]), np.zeros((3, 1))])
    found = DirtyModel(1.0, 1.0).prox(parts, cut, (1, 1, 1))[0, :, 0]
    np.testing.assert_allclose(found, np.clip([3, -2, 0.5], -height, height), atol=1e-12)


@pytest.mark.parametrize("price", [-0.1, np.inf, np.nan])
def test_prices_are_prices(price):
    with pytest.raises(ValueError, match=r"`strength_own` must be (zero or more, and finite|a finite number); got"):
        DirtyModel(1.0, price)
