"""The short way for tables without missing labels says what the long way says."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal

from mtl_tutor.sharing import MultiTaskGP
from mtl_tutor.sharing._whole_tables import negative_log_likelihood


def model(n_samples: int, n_tasks: int, rank: int, seed: int = 0):
    """Labels, squared distances, and values to judge them by: mixing, log own, log noise and log length scale in a row."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n_samples, 2)), rng.normal(size=(n_samples, n_tasks))
    return cdist(x, x, "sqeuclidean"), y, 0.4 * rng.normal(size=n_tasks * (rank + 2) + 1)


def unpacked(values, n_tasks, rank):
    mixing, own, noise, scale = np.split(values, np.cumsum([n_tasks * rank, n_tasks, n_tasks]))
    return mixing.reshape(n_tasks, rank), np.exp(own), np.exp(noise), float(np.exp(scale[0]))


@pytest.mark.parametrize(("n_samples", "n_tasks", "rank"), [(7, 3, 1), (4, 5, 2), (9, 1, 1)])
def test_it_is_the_density_of_a_normal_distribution(n_samples, n_tasks, rank):
    squared, y, values = model(n_samples, n_tasks, rank)
    mixing, own, noise, scale = unpacked(values, n_tasks, rank)
    cov = np.kron(mixing @ mixing.T + np.diag(own), np.exp(-squared / (2 * scale**2))) + np.kron(np.diag(noise), np.eye(n_samples))
    log_density = multivariate_normal(cov=cov).logpdf(y.T.ravel())
    found = negative_log_likelihood(mixing, own, noise, scale, squared, y)[0]
    assert found == pytest.approx(-log_density - y.size * np.log(2 * np.pi) / 2, abs=1e-9)


@pytest.mark.parametrize(("n_samples", "n_tasks", "rank"), [(7, 3, 1), (4, 5, 2)])
def test_its_slopes_are_those_of_small_steps(n_samples, n_tasks, rank):
    squared, y, values = model(n_samples, n_tasks, rank)
    slopes = approx_fprime(values, lambda v: negative_log_likelihood(*unpacked(v, n_tasks, rank), squared, y)[0], 1e-7)
    np.testing.assert_allclose(negative_log_likelihood(*unpacked(values, n_tasks, rank), squared, y)[1], slopes, atol=1e-5)


def test_the_search_ends_where_the_long_way_ends():
    """A sample without any label says nothing, but sends the search the long way."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-2, 2, size=(15, 1))
    y = np.column_stack([np.sin(x), np.cos(x)]) + 0.1 * rng.normal(size=(15, 2))
    short = MultiTaskGP(n_starts=1).fit(x, y)
    long = MultiTaskGP(n_starts=1).fit(np.r_[x, [[0.0]]], np.r_[y, [[np.nan, np.nan]]])
    assert long.log_likelihood == pytest.approx(short.log_likelihood, abs=1e-2)
