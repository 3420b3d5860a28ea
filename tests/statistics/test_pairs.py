"""Effects of one arm against another, against closed forms and independent calculations."""

import numpy as np
import pytest

from mtl_tutor.statistics import bootstrap, paired_difference, ratio_by_blocks, relative_change


def test_pairing_takes_out_what_the_seed_decides():
    luck = np.random.default_rng(0).normal(size=200) * 10
    a, b = luck + 0.5, luck + np.random.default_rng(1).normal(size=200) * 0.1
    paired = paired_difference(a, b)
    assert paired.low > 0
    assert paired.high - paired.low < 0.1 * (bootstrap(a).high - bootstrap(a).low)


@pytest.mark.messages
def test_arms_from_different_seeds_cannot_be_paired():
    with pytest.raises(ValueError, match="same seeds"):
        paired_difference(np.ones(3), np.ones(4))


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


def test_a_ratio_over_blocks_agrees_with_the_textbook_of_ratio_estimation():
    """Cochran: v(R) = s²(y - R x) / (K x²) over K clusters of one size."""
    rng = np.random.default_rng(0)
    a, b = rng.uniform(1, 2, 40), rng.uniform(1, 3, 40)
    tops, bottoms = a.reshape(8, 5).mean(axis=1), b.reshape(8, 5).mean(axis=1)
    ratio = tops.mean() / bottoms.mean()
    error = np.std(tops - ratio * bottoms, ddof=1) / 8**0.5 / bottoms.mean()
    found = ratio_by_blocks(a, b, 8)
    assert found.estimate == pytest.approx(ratio - 1)
    assert (found.low, found.high) == pytest.approx(
        (ratio - 1 - 2.364624 * error, ratio - 1 + 2.364624 * error)
    )
    assert found.by_block == pytest.approx(tops / bottoms - 1)


def test_a_ratio_has_no_unit():
    rng = np.random.default_rng(1)
    a, b = rng.uniform(1, 2, 40), rng.uniform(1, 3, 40)
    small, large = ratio_by_blocks(a, b, 4), ratio_by_blocks(1000 * a, 1000 * b, 4)
    assert (small.low, small.high) == pytest.approx((large.low, large.high))


def test_a_block_in_which_nothing_can_be_divided_by_is_left_out():
    b = np.repeat([0.0, 1.0, 2.0, 3.0], 3)
    assert ratio_by_blocks(b + 1, b, 4).by_block == pytest.approx((1, 1 / 2, 1 / 3))


@pytest.mark.messages
def test_a_ratio_over_blocks_needs_pairs_and_a_positive_mean():
    with pytest.raises(ValueError, match="same seeds"):
        ratio_by_blocks(np.ones(8), np.ones(9), 4)
    with pytest.raises(ValueError, match="positive mean"):
        ratio_by_blocks(np.ones(8), -np.ones(8), 4)
    with pytest.raises(ValueError, match="far enough from 0"):
        ratio_by_blocks(np.full(8, 1e100), np.full(8, 1e-300), 4)
