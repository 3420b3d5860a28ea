"""Shares: against published examples, enumeration of all outcomes, and each other."""

import itertools
from math import comb

import numpy as np
import pytest
from scipy import stats

from mtl_tutor.statistics import (
    difference_of_shares,
    mean_by_blocks,
    paired_score_interval,
    share_by_blocks,
    wilson,
)


def arms(both, first, second, none):
    counts = [both, first, second, none]
    return np.repeat([True, True, False, False], counts), np.repeat([True, False, True, False], counts)


@pytest.mark.parametrize(
    ("cells", "ends"),
    [
        ((36, 12, 2, 0), (0.0569, 0.3404)),  # Newcombe (1998)
        ((59, 6, 16, 80), (-0.1186, -0.0046)),  # Fagerland, Lydersen & Laake (2017), chapter 8
    ],
)
def test_the_paired_interval_is_the_published_one(cells, ends):
    found = paired_score_interval(*arms(*cells))
    assert (found.low, found.high) == pytest.approx(ends, abs=5e-5)


def test_swapped_arms_have_the_mirrored_interval():
    for cells in itertools.product(range(4), repeat=4):
        if sum(cells) > 1:
            a, b = arms(*cells)
            one, other = paired_score_interval(a, b), paired_score_interval(b, a)
            assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-12)
            assert -1 <= one.low <= one.estimate <= one.high <= 1
            assert one.high - one.low > 0.1


def test_hits_and_misses_exchanged_leave_the_interval_of_the_other_sign():
    a, b = arms(7, 3, 1, 9)
    one, other = paired_score_interval(a, b), paired_score_interval(~a, ~b)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


@pytest.mark.parametrize("chances", [(0.4, 0.3, 0.1, 0.2), (0.05, 0.1, 0.05, 0.8), (0.0, 0.1, 0.1, 0.8)])
def test_of_all_outcomes_of_twelve_pairs_about_95_per_cent_are_covered(chances):
    """Exact: each possible table with its multinomial probability."""
    n, truth, covered = 12, chances[1] - chances[2], 0.0
    for e, f, g in itertools.product(range(n + 1), repeat=3):
        if (h := n - e - f - g) >= 0:
            ways = comb(n, e) * comb(n - e, f) * comb(n - e - f, g)
            weight = ways * np.prod(np.power(chances, (e, f, g, h)))
            covered += weight * (truth in paired_score_interval(*arms(e, f, g, h)))
    assert 0.93 <= covered <= 0.995


def test_a_share_whose_blocks_agree_has_wilsons_interval_with_students_t():
    hits = np.tile([True, True, False, True, False], 16)
    n, t = len(hits), stats.t.ppf(0.975, 7)
    found = share_by_blocks(hits, 8)
    for end in (found.low, found.high):  # the ends solve (p̂ - p)² = t² p (1 - p) / n
        assert (0.6 - end) ** 2 == pytest.approx(t**2 * end * (1 - end) / n)
    assert found.by_block == pytest.approx([0.6] * 8)


def test_blocks_that_are_one_seed_each_in_all_but_number_are_worth_their_number():
    hits = np.repeat([True, True, True, False, True, False, True, False], 25)
    found = share_by_blocks(hits, 8)
    worth = 8 * 7 / 8  # the variance of block means divides by K - 1, the binomial one by K
    t = stats.t.ppf(0.975, 7)
    for end in (found.low, found.high):
        assert (5 / 8 - end) ** 2 == pytest.approx(t**2 * end * (1 - end) / worth)
    assert found.high - found.low > 3 * (wilson(hits).high - wilson(hits).low)


@pytest.mark.parametrize("always", [False, True])
def test_a_share_of_none_or_all_keeps_a_width(always):
    found = share_by_blocks(np.full(200, always), 8)
    t = stats.t.ppf(0.975, 7)
    assert found.high - found.low == pytest.approx(t**2 / (200 + t**2))
    assert found.estimate == always == (found.high if always else found.low)


def test_a_share_over_blocks_is_never_narrower_than_for_independent_seeds():
    rng = np.random.default_rng(0)
    for chance in (0.02, 0.3, 0.9):
        hits = rng.random(120) < chance
        ours, free = share_by_blocks(hits, 8), wilson(hits)
        assert ours.low <= free.low <= free.high <= ours.high
        assert 0 <= ours.low <= ours.high <= 1


def test_a_difference_holds_the_interval_of_blocks_and_that_of_pairs():
    rng = np.random.default_rng(0)
    wider = set()
    for rate, spread in ((0.02, 0.0), (0.05, 0.0), (0.3, 0.2), (0.6, 0.2)):
        shift = np.repeat(rng.normal(0, spread, 8), 25)
        a, b = rng.random(200) < rate + shift, rng.random(200) < rate
        ours, pairs = difference_of_shares(a, b, 8), paired_score_interval(a, b)
        blocks = mean_by_blocks(a.astype(float) - b, 8)
        assert (ours.low, ours.high) == (min(blocks.low, pairs.low), max(blocks.high, pairs.high))
        assert ours.by_block == blocks.by_block
        wider.add(blocks.low < pairs.low)
    assert wider == {True, False}


def test_arms_that_never_differ_leave_a_width_and_no_end_beyond_one():
    same = difference_of_shares(np.ones(40, bool), np.ones(40, bool), 4)
    assert same.low < 0 == same.estimate < same.high
    apart = difference_of_shares(np.repeat([True, False], [36, 4]), np.zeros(40, bool), 4)
    assert (apart.estimate, apart.high) == (0.9, 1.0)


@pytest.mark.messages
def test_shares_need_truth_values_of_the_same_seeds():
    with pytest.raises(ValueError, match=r"`a` must be True or False"):
        difference_of_shares(np.full(8, 0.5), np.ones(8), 4)
    with pytest.raises(ValueError, match="same seeds"):
        paired_score_interval(np.ones(8), np.ones(9))
    with pytest.raises(ValueError, match="at least 2"):
        paired_score_interval(np.ones(1), np.ones(1))
    with pytest.raises(ValueError, match="Say what to do with diverged runs"):
        share_by_blocks(np.array([1.0, np.nan] * 8), 4)
