"""Intervals and verdicts, against closed forms, scipy and each other."""

import numpy as np
import pytest
from scipy import stats

from mtl_tutor.statistics import Interval, Verdict, above, bootstrap, paired_difference, relative_change, resampled, wilson, within


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


def test_pairing_takes_out_what_the_seed_decides():
    luck = np.random.default_rng(0).normal(size=200) * 10
    a, b = luck + 0.5, luck + np.random.default_rng(1).normal(size=200) * 0.1
    paired = paired_difference(a, b)
    assert paired.low > 0
    assert paired.high - paired.low < 0.1 * (bootstrap(a).high - bootstrap(a).low)


def test_a_diverged_run_is_not_averaged_in():
    with pytest.raises(ValueError, match="1 of 3 are not"):
        bootstrap(np.array([1.0, np.nan, 2.0]))


@pytest.mark.messages
def test_arms_from_different_seeds_cannot_be_paired():
    with pytest.raises(ValueError, match="same seeds"):
        paired_difference(np.ones(3), np.ones(4))


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        (Interval(0.0, -0.05, 0.05, 9), Verdict.REPRODUCED),
        (Interval(0.3, 0.2, 0.4, 9), Verdict.REFUTED),
        (Interval(0.0, -0.3, 0.3, 9), Verdict.UNDECIDED),
    ],
)
def test_no_difference_needs_the_whole_interval_inside_the_margin(interval, verdict):
    assert within(interval, 0.1) is verdict


def test_a_claim_that_points_the_wrong_way_is_refuted_even_if_the_interval_is_wide():
    assert above(Interval(-0.01, -1.0, 1.0, 9)) is Verdict.REFUTED


def test_an_interval_must_hold_its_estimate():
    with pytest.raises(ValueError, match="must lie in its interval"):
        Interval(2.0, 0.0, 1.0, 5)


def test_an_interval_prints_as_a_sentence_can_use_it():
    assert str(Interval(0.5, 0.25, 0.75, 12)) == "0.5 [0.25, 0.75], n = 12"


def test_a_statistic_of_all_seeds_has_the_interval_that_scipy_gives_it():
    values = np.random.default_rng(0).multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=80)
    ours = resampled(values, lambda rows: np.corrcoef(rows.T)[0, 1])
    pairs = {"paired": True, "vectorized": False, "method": "percentile", "n_resamples": 4000, "rng": 1}
    theirs = stats.bootstrap(tuple(values.T), lambda a, b: np.corrcoef(a, b)[0, 1], **pairs).confidence_interval
    assert ours.estimate == np.corrcoef(values.T)[0, 1]
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.015)
    assert ours.high - ours.low > 0.2


def test_a_change_is_a_share_of_the_second_mean_and_its_seeds_are_resampled_in_pairs():
    rng = np.random.default_rng(0)
    b = rng.uniform(1, 2, 60)
    exact = relative_change(0.8 * b, b)
    assert (exact.estimate, exact.low, exact.high) == pytest.approx((-0.2, -0.2, -0.2))
    loose = relative_change(0.8 * rng.permutation(b), b)
    assert loose.estimate == pytest.approx(-0.2)
    assert loose.high - loose.low > 0.05


@pytest.mark.messages
def test_a_share_needs_pairs_and_a_positive_mean():
    with pytest.raises(ValueError, match="same seeds"):
        relative_change(np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match="positive mean"):
        relative_change(np.ones(3), np.zeros(3))
