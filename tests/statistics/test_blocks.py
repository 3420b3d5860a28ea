"""Intervals over blocks: against scipy and brute force, and how often they hold the truth."""

import numpy as np
import pytest
from scipy import stats

from mtl_tutor.statistics import (
    block_slices,
    bootstrap,
    difference_of_shares,
    mean_by_blocks,
    ratio_by_blocks,
    share_by_blocks,
    statistic_by_blocks,
    wilson,
)

N, BLOCKS, SETS = 200, 8, 1000


@pytest.mark.parametrize(("n_seeds", "n_blocks"), [(8, 4), (9, 4), (200, 8), (203, 8), (31, 15)])
def test_blocks_are_those_of_array_split(n_seeds, n_blocks):
    seeds = np.arange(n_seeds)
    ours = [seeds[one].tolist() for one in block_slices(n_seeds, n_blocks)]
    assert ours == [part.tolist() for part in np.array_split(seeds, n_blocks)]


@pytest.mark.messages
@pytest.mark.parametrize(
    ("n_seeds", "n_blocks", "words"), [(200, 3, "at least 4"), (15, 8, "got 8 blocks of `n_seeds` = 15")]
)
def test_few_blocks_and_short_blocks_are_refused_everywhere(n_seeds, n_blocks, words):
    ones = np.ones(n_seeds)
    calls = [
        lambda: block_slices(n_seeds, n_blocks),
        lambda: mean_by_blocks(ones, n_blocks),
        lambda: share_by_blocks(ones, n_blocks),
        lambda: difference_of_shares(ones, ones, n_blocks),
        lambda: ratio_by_blocks(ones, ones, n_blocks),
        lambda: statistic_by_blocks(ones, np.mean, n_blocks),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="`n_blocks` must") as error:
            call()
        assert words in str(error.value)


@pytest.mark.messages
def test_a_diverged_run_is_not_averaged_in():
    values = np.array([1.0, np.nan, *np.ones(6)])
    for call in (lambda: mean_by_blocks(values, 4), lambda: statistic_by_blocks(values, np.mean, 4)):
        with pytest.raises(ValueError, match="1 of 8 are not"):
            call()


@pytest.mark.messages
def test_a_statistic_that_a_block_does_not_have_is_refused():
    with pytest.raises(ValueError, match="one finite number for any rows"):
        statistic_by_blocks(np.arange(8.0), lambda rows: rows.mean() if len(rows) > 2 else np.nan, 4)


def test_blocks_of_one_size_have_scipys_interval_of_their_means():
    values = np.random.default_rng(0).exponential(size=N)
    means = values.reshape(BLOCKS, -1).mean(axis=1)
    theirs = stats.ttest_1samp(means, 0).confidence_interval()
    for ours in (mean_by_blocks(values, BLOCKS), statistic_by_blocks(values, np.mean, BLOCKS)):
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))
        assert ours.by_block == pytest.approx(means)
        assert (ours.estimate, ours.n) == (pytest.approx(values.mean()), N)


def test_blocks_of_two_sizes_are_weighted_by_their_seeds():
    values = np.random.default_rng(0).normal(size=11)
    parts = np.array_split(values, 4)
    terms = [(len(part) / 11) ** 2 * (part.mean() - values.mean()) ** 2 for part in parts]
    half = stats.t.ppf(0.975, 3) * np.sqrt(4 / 3 * sum(terms))
    ours = mean_by_blocks(values, 4)
    assert (ours.estimate, ours.low) == pytest.approx((values.mean(), values.mean() - half))


@pytest.mark.parametrize("value", [0.1, -1 / 3, 1e-300, 1e149])
def test_identical_values_have_no_width(value):
    found = mean_by_blocks(np.full(203, value), 8)
    assert found.low == found.estimate == found.high == pytest.approx(value)


def test_the_order_of_seeds_within_blocks_does_not_matter_and_across_blocks_it_does():
    values = np.random.default_rng(0).normal(size=N) + np.repeat(np.arange(BLOCKS), N // BLOCKS)
    within = np.concatenate([part[::-1] for part in np.array_split(values, BLOCKS)])
    across = np.random.default_rng(1).permutation(values)
    width = [
        found.high - found.low for found in (mean_by_blocks(one, BLOCKS) for one in (values, within, across))
    ]
    assert width[0] == pytest.approx(width[1])
    assert width[0] > 2 * width[2]


def test_a_shift_and_a_unit_go_through_the_mean():
    values = np.random.default_rng(0).normal(size=50)
    one, other = mean_by_blocks(values, 8), mean_by_blocks(5 - 3 * values, 8)
    assert (other.low, other.high) == pytest.approx((5 - 3 * one.high, 5 - 3 * one.low))


def test_a_statistic_over_blocks_spreads_about_the_statistic_of_all():
    rows = np.random.default_rng(0).multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=80)

    def correlation(some):
        return np.corrcoef(some.T)[0, 1]

    ours = statistic_by_blocks(rows, correlation, 4)
    each = [correlation(part) for part in np.split(rows, 4)]
    half = stats.t.ppf(0.975, 3) * np.sqrt(sum((one - correlation(rows)) ** 2 for one in each) / 12)
    assert (ours.low, ours.high) == pytest.approx((correlation(rows) - half, correlation(rows) + half))
    assert ours.by_block == pytest.approx(each)


# ---- how often the truth is covered ----------------------------------------------------------------------

SHAPES = {
    "normal": (lambda rng: rng.normal(size=(SETS, N)), 0.0, 1.0),
    "exponential": (lambda rng: rng.exponential(size=(SETS, N)), 1.0, 1.0),
    "lognormal": (lambda rng: rng.lognormal(size=(SETS, N)), np.e**0.5, (np.e**2 - np.e) ** 0.5),
    "failures": (
        lambda rng: np.where(rng.random((SETS, N)) < 0.05, 10.0, 1.0) * rng.normal(1, 0.1, (SETS, N)),
        1.45,
        2.0,
    ),
}


def covered(intervals, truth):
    return np.mean([truth in one for one in intervals])


def shared(rng, sd):
    """An error for each seed that its block shares: twice the standard error of a block mean."""
    return np.repeat(rng.normal(0, 2 * sd / np.sqrt(N / BLOCKS), (SETS, BLOCKS)), N // BLOCKS, axis=1)


@pytest.mark.parametrize("noisy", [False, True], ids=["", "tuning noise"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_mean_is_covered_as_often_as_promised(shape, noisy):
    """Of 20,000 data sets, 93.7% are covered for the lognormal shape, 93.8% with failures, 95% otherwise."""
    rng = np.random.default_rng(7)
    draw, mean, sd = SHAPES[shape]
    values = draw(rng) + (shared(rng, sd) if noisy else 0)
    assert covered([mean_by_blocks(one, BLOCKS) for one in values], mean) >= 0.925


@pytest.mark.parametrize("shape", ["normal", "exponential"])
def test_a_bootstrap_over_seeds_does_not_know_of_tuning_noise(shape):
    rng = np.random.default_rng(7)
    draw, mean, sd = SHAPES[shape]
    values = (draw(rng) + shared(rng, sd))[:200]
    assert covered([bootstrap(one, resamples=400) for one in values], mean) < 0.9


def chances(rng, rate, noise):
    """Each block's chance of a hit: beta, with `noise` times the standard error of a block's share."""
    if not noise:
        return np.full((SETS, N), rate)
    count = N / BLOCKS / noise**2 - 1
    blocks = rng.beta(rate * count, (1 - rate) * count, (SETS, BLOCKS))
    return np.repeat(blocks, N // BLOCKS, axis=1)


@pytest.mark.parametrize(("rate", "noise"), [(0.05, 0), (0.05, 1), (0.3, 0), (0.3, 2)])
def test_a_share_is_covered_as_often_as_promised(rate, noise):
    rng = np.random.default_rng(7)
    hits = rng.random((SETS, N)) < chances(rng, rate, noise)
    assert covered([share_by_blocks(one, BLOCKS) for one in hits], rate) >= 0.925


def test_wilson_does_not_know_of_tuning_noise():
    rng = np.random.default_rng(7)
    hits = rng.random((SETS, N)) < chances(rng, 0.3, 2)
    assert covered([wilson(one) for one in hits], 0.3) < 0.7


@pytest.mark.parametrize("noise", [0, 1])
def test_a_difference_of_rare_shares_is_covered_as_often_as_promised(noise):
    rng = np.random.default_rng(7)
    a, b = rng.random((SETS, N)) < chances(rng, 0.02, noise), rng.random((SETS, N)) < 0.01
    found = [difference_of_shares(one, other, BLOCKS) for one, other in zip(a, b, strict=True)]
    assert covered(found, 0.01) >= 0.925


def test_blocks_alone_are_too_narrow_where_few_seeds_differ():
    rng = np.random.default_rng(7)
    a, b = rng.random((SETS, N)) < chances(rng, 0.02, 1), rng.random((SETS, N)) < 0.01
    found = [mean_by_blocks(one.astype(float) - other, BLOCKS) for one, other in zip(a, b, strict=True)]
    assert covered(found, 0.01) < 0.925


@pytest.mark.parametrize("noisy", [False, True], ids=["", "tuning noise"])
def test_a_ratio_and_a_statistic_are_covered_as_often_as_promised(noisy):
    rng = np.random.default_rng(7)
    b = rng.lognormal(0, 0.5, (SETS, N))
    shift = rng.normal(0, 0.1, (SETS, BLOCKS)) if noisy else np.zeros((SETS, BLOCKS))
    a = b * 0.8 * rng.lognormal(-0.02, 0.2, (SETS, N)) * (1 + np.repeat(shift, N // BLOCKS, axis=1))
    pairs = np.stack([a, b], axis=2)

    def ratio(rows):
        return rows[:, 0].mean() / rows[:, 1].mean() - 1

    assert covered([ratio_by_blocks(*one.T, BLOCKS) for one in pairs], -0.2) >= 0.925
    assert covered([statistic_by_blocks(one, ratio, BLOCKS) for one in pairs], -0.2) >= 0.925
