"""GPyTorch and ours are the same model: equal values give equal answers."""

import sys
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from mtl_tutor.sharing.coregionalisation import Coregionalisation
from mtl_tutor.sharing.gaussian_process import MultiTaskGP
from mtl_tutor.sharing.gpytorch_process import GPyTorchGP

needs_gpytorch = pytest.mark.skipif(find_spec("gpytorch") is None, reason="GPyTorch is an extra (gp)")


def draw(n_tasks=3, n_samples=14):
    rng = np.random.default_rng(n_tasks)
    x, y = rng.normal(size=(n_samples, 2)), 5 * rng.normal(size=(n_samples, n_tasks)) + 7
    y[rng.random(y.shape) < 0.3] = np.nan
    return x, y


def some_model(n_tasks, rank) -> Coregionalisation:
    rng = np.random.default_rng([n_tasks, rank])
    own, noise = rng.uniform(0.5, 3, size=(2, n_tasks))
    return Coregionalisation(4 * rng.normal(size=(n_tasks, rank)), own, noise, 0.8, rng.normal(size=n_tasks))


@needs_gpytorch
@pytest.mark.parametrize(("n_tasks", "rank"), [(1, 1), (3, 1), (3, 2), (2, 2)])
def test_equal_values_give_equal_answers(n_tasks, rank):
    (x, y), model = draw(n_tasks), some_model(n_tasks, rank)
    ours, theirs = model.given(x, y), GPyTorchGP(rank, steps=0).fit(x, y, start=model)
    for asked in (x + 0.2, x):
        np.testing.assert_allclose(np.hstack(theirs.predict(asked)), np.hstack(ours.predict(asked)), atol=1e-8)
        np.testing.assert_allclose(np.hstack(theirs.variance(asked)), np.hstack(ours.variance(asked)), atol=1e-8)
    assert theirs.log_likelihood == pytest.approx(ours.log_likelihood, abs=1e-8)
    for name, value in ours.inspect().items():
        np.testing.assert_allclose(theirs.inspect()[name], value, atol=1e-8, err_msg=name)


@needs_gpytorch
def test_both_searches_climb_to_the_same_height():
    x, y = draw(2, 20)
    start = MultiTaskGP(n_starts=1).fit(x, y)
    theirs = GPyTorchGP(steps=300).fit(x, y)
    assert theirs.log_likelihood == pytest.approx(start.log_likelihood, abs=0.1)


@needs_gpytorch
def test_nothing_is_to_be_gained_from_our_optimum():
    x, y = draw(2, 20)
    ours = MultiTaskGP().fit(x, y)
    theirs = GPyTorchGP(steps=20, lr=1e-3).fit(x, y, start=ours.model)
    assert theirs.log_likelihood < ours.log_likelihood + 1e-2


@needs_gpytorch
def test_other_random_numbers_stay_as_they_were():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    GPyTorchGP(steps=1).fit(*draw())
    assert torch.equal(torch.get_rng_state(), before)


def test_without_gpytorch_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "gpytorch", None)
    with pytest.raises(ImportError, match=r'pip install "mtl-tutor\[gp\]"'):
        GPyTorchGP().fit(*draw())


@pytest.mark.parametrize("bad", [{"rank": 0}, {"steps": -1}, {"lr": 0.0}])
def test_bad_settings_get_a_sentence(bad):
    with pytest.raises(ValueError, match=r"must be at least 1, .*; got"):
        GPyTorchGP(**bad)
