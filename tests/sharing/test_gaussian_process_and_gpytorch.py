"""GPyTorch and ours are the same model: equal values give equal answers."""

import numpy as np
import pytest

from mtl_tutor.sharing.coregionalisation import Coregionalisation
from mtl_tutor.sharing.gaussian_process import MultiTaskGP

pytest.importorskip("gpytorch", reason="GPyTorch is not installed")
from gpytorch_oracle import gpytorch_fit


def draw(n_tasks=3, n_samples=14):
    rng = np.random.default_rng(n_tasks)
    x, y = rng.normal(size=(n_samples, 2)), 5 * rng.normal(size=(n_samples, n_tasks)) + 7
    y[rng.random(y.shape) < 0.3] = np.nan
    return x, y


def some_model(n_tasks, rank) -> Coregionalisation:
    rng = np.random.default_rng([n_tasks, rank])
    own, noise = rng.uniform(0.5, 3, size=(2, n_tasks))
    return Coregionalisation(4 * rng.normal(size=(n_tasks, rank)), own, noise, 0.8, rng.normal(size=n_tasks))


@pytest.mark.parametrize(("n_tasks", "rank"), [(1, 1), (3, 1), (3, 2), (2, 2)])
def test_equal_values_give_equal_answers(n_tasks, rank):
    (x, y), model = draw(n_tasks), some_model(n_tasks, rank)
    ours, theirs = model.given(x, y), gpytorch_fit(model, x, y)
    for asked in (x + 0.2, x):
        np.testing.assert_allclose(np.hstack(theirs.predict(asked)), np.hstack(ours.predict(asked)), atol=1e-8)
        np.testing.assert_allclose(np.hstack(theirs.variance(asked)), np.hstack(ours.variance(asked)), atol=1e-8)
    assert theirs.log_likelihood == pytest.approx(ours.log_likelihood, abs=1e-8)
    for name, value in ours.inspect().items():
        np.testing.assert_allclose(theirs.model.inspect()[name], value, atol=1e-8, err_msg=name)


def test_both_searches_climb_to_the_same_height():
    x, y = draw(2, 20)
    ours = MultiTaskGP(n_starts=1).fit(x, y)
    mean, scale = np.nanmean(y, axis=0), np.nanstd(y, axis=0)
    start = MultiTaskGP().start(x, (y - mean) / scale).in_units(scale, mean)
    assert gpytorch_fit(start, x, y, steps=300).log_likelihood == pytest.approx(ours.log_likelihood, abs=0.1)


def test_nothing_is_to_be_gained_from_our_optimum():
    x, y = draw(2, 20)
    ours = MultiTaskGP().fit(x, y)
    assert gpytorch_fit(ours.model, x, y, steps=20, lr=1e-3).log_likelihood < ours.log_likelihood + 1e-2
