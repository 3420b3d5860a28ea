"""Intervals from independent seeds, against closed forms, scipy and each other."""

import numpy as np
import pytest
from scipy import stats

from mtl_tutor.statistics import Interval, bootstrap, resampled, wilson


@pytest.mark.parametrize(("hits", "n"), [(0, 20), (7, 20), (20, 20), (133, 400)])
def test_wilson_agrees_with_scipy(hits, n):
    ours = wilson(np.arange(n) < hits)
    theirs = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_bootstrap_interval_of_a_normal_sample_is_about_two_standard_errors():
    values = np.random.default_rng(0).normal(size=400)
    interval, error = bootstrap(values), values.std() / 20
    assert interval.low == pytest.approx(values.mean() - 1.96 * error, abs=0.15 * error)
    assert interval.high == pytest.approx(values.mean() + 1.96 * error, abs=0.15 * error)


def test_bootstrap_repeats_with_its_seed_and_not_with_another():
    values = np.random.default_rng(0).normal(size=50)
    assert bootstrap(values, seed=1) == bootstrap(values, seed=1) != bootstrap(values, seed=2)


def test_a_diverged_run_is_not_averaged_in():
    with pytest.raises(ValueError, match="1 of 3 are not"):
        bootstrap(np.array([1.0, np.nan, 2.0]))


def test_an_interval_must_hold_its_estimate():
    with pytest.raises(ValueError, match="must lie in its interval"):
        Interval(2.0, 0.0, 1.0, 5)


def test_an_interval_prints_as_a_sentence_can_use_it():
    assert str(Interval(0.5, 0.25, 0.75, 12)) == "0.5 [0.25, 0.75], n = 12"


def test_a_statistic_of_all_seeds_has_the_interval_that_scipy_gives_it():
    values = np.random.default_rng(0).multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=80)
    ours = resampled(values, lambda rows: np.corrcoef(rows.T)[0, 1])
    pairs = {"paired": True, "vectorized": False, "method": "percentile", "n_resamples": 4000, "rng": 1}
    theirs = stats.bootstrap(
        tuple(values.T), lambda a, b: np.corrcoef(a, b)[0, 1], **pairs
    ).confidence_interval
    assert ours.estimate == np.corrcoef(values.T)[0, 1]
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.015)
    assert ours.high - ours.low > 0.2


def test_an_interval_without_blocks_looks_as_ever_and_one_with_blocks_shows_them():
    assert repr(Interval(0.5, 0.25, 0.75, 12)) == "Interval(estimate=0.5, low=0.25, high=0.75, n=12)"
    blocks = Interval(0.5, 0.25, 0.75, 12, (0.4, 0.6))
    assert repr(blocks) == "Interval(estimate=0.5, low=0.25, high=0.75, n=12, by_block=(0.4, 0.6))"
    assert str(blocks) == "0.5 [0.25, 0.75], n = 12"
    assert blocks != Interval(0.5, 0.25, 0.75, 12)


def test_what_a_block_found_is_a_finite_number():
    with pytest.raises(ValueError, match="by_block"):
        Interval(0.5, 0.25, 0.75, 12, (0.4, float("nan")))
