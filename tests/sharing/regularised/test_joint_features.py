"""Features that all tasks use, or none."""

import numpy as np
import pytest
from sklearn.linear_model import MultiTaskLasso

from mtl_tutor.sharing.regularised._loss import linear_loss
from mtl_tutor.sharing.regularised.joint_features import JointFeatures


def draw(n_samples: int = 40, n_features: int = 12, n_tasks: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """The first three features matter, to every task."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(n_samples, n_features)) + 2
    w = rng.normal(size=(n_features, n_tasks)) * (np.arange(n_features) < 3)[:, None]
    return x, x @ w + 0.3 * rng.normal(size=(n_samples, n_tasks)) - 1


@pytest.mark.parametrize("strength", [0.01, 0.1, 0.5])
def test_shared_inputs_give_what_scikit_learn_gives(strength):
    x, y = draw()
    expected = MultiTaskLasso(alpha=strength, tol=1e-12, max_iter=100_000).fit(x, y)
    fit = JointFeatures(strength).fit(x, y)
    np.testing.assert_allclose(fit.weights, expected.coef_, atol=1e-8)
    np.testing.assert_allclose(fit.intercepts, expected.intercept_, atol=1e-8)
    np.testing.assert_array_equal(fit.found["kept"], expected.coef_.any(axis=0))


def test_missing_labels_meet_the_conditions_of_the_minimum():
    """Of a kept feature, the loss falls by strength along its weights; of another, by at most that in any direction."""
    x, y = draw()
    y[::3, 0], y[::2, 1], y[1::2, 2] = np.nan, np.nan, np.nan
    fit, loss = JointFeatures(0.2).fit(x, y), linear_loss(x, y)
    fall = -loss.gradient(fit.weights, fit.intercepts + (loss.centre * fit.weights).sum(axis=1))[0]
    kept, length = fit.found["kept"], fit.found["importance"]
    assert 0 < kept.sum() < len(kept)
    np.testing.assert_allclose(fall[:, kept], 0.2 * fit.weights[:, kept] / length[kept], atol=1e-9)
    assert np.linalg.norm(fall[:, ~kept], axis=0).max() < 0.2


def test_a_feature_is_kept_by_all_or_by_none():
    fit = JointFeatures(0.3).fit(*draw())
    assert (fit.weights.any(axis=0) == fit.weights.all(axis=0)).all()
    np.testing.assert_array_equal(np.flatnonzero(fit.found["kept"]), [0, 1, 2])


def test_more_strength_keeps_less_until_nothing_is_left():
    x, y = draw()
    kept = [int(JointFeatures(strength).fit(x, y).found["kept"].sum()) for strength in (0, 0.05, 0.3, 1e6)]
    assert kept == sorted(kept, reverse=True)
    assert (kept[0], kept[-1]) == (12, 0)


def test_classes_and_numbers_pick_features_together():
    x, y = draw()
    y[:, 1] = y[:, 1] > y[:, 1].mean()
    y[:, 2] = np.digitize(y[:, 2], np.quantile(y[:, 2], [0.3, 0.7]))
    fit = JointFeatures(0.25).fit(x, y, kinds=["regression", "binary", "multiclass", "regression", "regression"])
    assert fit.n_outputs == (1, 1, 3, 1, 1)
    assert fit.residual <= 1e-12
    np.testing.assert_array_equal(np.flatnonzero(fit.found["kept"]), [0, 1, 2])
