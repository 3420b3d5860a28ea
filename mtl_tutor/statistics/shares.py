"""Shares of successes, and their differences between arms, over blocks of seeds that share an error."""

from math import sqrt

import numpy as np
from jaxtyping import Bool, Num

from mtl_tutor.checks import checked
from mtl_tutor.statistics._given import as_pairs, as_truths
from mtl_tutor.statistics.blocks import block_slices, mean_by_blocks, standard_error, student
from mtl_tutor.statistics.intervals import Interval, score_ends

Truths = Bool[np.ndarray, "seed"] | Num[np.ndarray, "seed"]


@checked
def share_by_blocks(hits: Truths, n_blocks: int) -> Interval:
    """Share of successes, with Wilson's interval at the sample size that the blocks are worth.

    Parameters
    ----------
    hits : Bool[np.ndarray, "seed"]
        One truth value per seed.
    n_blocks : int
        Number of contiguous blocks of seeds, at least 4.

    Returns
    -------
    Interval
        The share of hits with its 95% interval, inside [0, 1]; ``by_block`` has the blocks' shares.

    Raises
    ------
    ValueError
        Fewer than 4 blocks, fewer than 2 seeds per block, or something else than truth values.

    Notes
    -----
    The design effect is the variance of the share that the spread of blocks tells (v in
    `mean_by_blocks`) divided by that of n independent seeds,

    d = max(1, v / (p (1 - p) / n)),

    and 1 where the share p is 0 or 1. Wilson's interval is made with n / d in place of n, and with the
    97.5% point of Student's t with K - 1 degrees of freedom in place of the normal distribution's.
    Where most blocks have no hit and a few have many, it is too narrow: 8 blocks can't tell how many
    such blocks there are.

    Source: Korn & Graubard (1998), *Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data*, Survey Methodology 24, 193-201.

    Departures: Wilson's interval in place of Clopper and Pearson's, the sample size is never taken to be
    larger than n, and the t replaces the z rather than shrinking the sample size by (z / t)², which for
    Wilson's interval is the same.

    Examples
    --------
    >>> print(share_by_blocks(np.tile([True, True, False, True], 10), 4))
    0.75 [0.498, 0.901], n = 40
    """
    hits = as_truths(hits)
    blocks = block_slices(len(hits), n_blocks)
    share, n = float(hits.mean()), len(hits)
    independent = share * (1 - share) / n
    measured = standard_error(hits.astype(float), blocks) ** 2
    effect = max(1.0, measured / independent) if independent else 1.0
    ends = score_ends(share, n / effect, student(n_blocks))
    return Interval(share, *ends, n, tuple(float(hits[one].mean()) for one in blocks))


@checked
def paired_score_interval(a: Truths, b: Truths) -> Interval:
    """Difference of two shares over the same seeds, with Newcombe's paired score interval.

    Unlike an interval from the differences' variance, it keeps a width when the arms always agree, and
    stays inside [-1, 1].

    Parameters
    ----------
    a, b : Bool[np.ndarray, "seed"]
        One truth value per seed and arm.

    Returns
    -------
    Interval
        The share of hits in ``a`` minus that in ``b``, with its 95% interval.

    Raises
    ------
    ValueError
        Different numbers of seeds, fewer than two, or something else than truth values.

    Notes
    -----
    With p and q the shares, [p₋, p₊] and [q₋, q₊] their Wilson intervals, and φ the correlation of the
    arms, the ends are

    p - q - √((p - p₋)² - 2φ (p - p₋)(q₊ - q) + (q₊ - q)²) and
    p - q + √((p₊ - p)² - 2φ (p₊ - p)(q - q₋) + (q - q₋)²):

    the Wilson intervals' half widths are added like standard errors of correlated numbers. Let n seeds
    hold e hits of both arms, f of ``a`` alone, g of ``b`` alone and h of none. Then φ is (eh - fg) /
    √((e + f)(g + h)(e + g)(f + h)). A positive eh - fg is lowered by n/2, to no less than 0, and φ is 0
    where an arm always hits or always misses.

    Source: Newcombe (1998), *Improved confidence intervals for the difference between binomial
    proportions based on paired data*, Statistics in Medicine 17, 2635-2650, method 10.

    Departures: none.

    Examples
    --------
    36 seeds are hits of both arms, 12 of the first alone, 2 of the second alone:

    >>> found = paired_score_interval(np.repeat([1, 1, 0], [36, 12, 2]), np.repeat([1, 0, 1], [36, 12, 2]))
    >>> print(found)
    0.2 [0.0569, 0.34], n = 50
    """
    a, b = as_truths(a, "a"), as_truths(b, "b")
    as_pairs(a, b)
    p, q, phi = float(a.mean()), float(b.mean()), _corrected_phi(a, b)
    (p_low, p_high), (q_low, q_high) = score_ends(p, len(a)), score_ends(q, len(b))
    down = _added(p - p_low, q_high - q, phi)
    up = _added(p_high - p, q - q_low, phi)
    return Interval(p - q, p - q - down, p - q + up, len(a))


def _added(first: float, second: float, phi: float) -> float:
    return sqrt(max(0.0, first**2 - 2 * phi * first * second + second**2))


def _corrected_phi(a: Bool[np.ndarray, "seed"], b: Bool[np.ndarray, "seed"]) -> float:
    """Correlation of two arms, its numerator drawn to zero by half a seed's worth where it is positive."""
    n, hits, others = len(a), int(a.sum()), int(b.sum())
    product = hits * (n - hits) * others * (n - others)
    if not product:
        return 0.0
    excess = n * int((a & b).sum()) - hits * others  # eh - fg
    return (max(excess - n / 2, 0.0) if excess > 0 else excess) / sqrt(product)


@checked
def difference_of_shares(a: Truths, b: Truths, n_blocks: int) -> Interval:
    """Difference of two shares over the same seeds: wide enough for blocks and for rare differences.

    Parameters
    ----------
    a, b : Bool[np.ndarray, "seed"]
        One truth value per seed and arm.
    n_blocks : int
        Number of contiguous blocks of seeds, at least 4.

    Returns
    -------
    Interval
        The share of hits in ``a`` minus that in ``b``; the smallest interval that holds both that of
        `mean_by_blocks` for ``a - b``, cut to [-1, 1], and that of `paired_score_interval`. ``by_block``
        has the blocks' differences.

    Raises
    ------
    ValueError
        Different numbers of seeds, fewer than 4 blocks, fewer than 2 seeds per block, or something else
        than truth values.

    Notes
    -----
    The first knows of errors that the seeds of a block share; where few seeds differ, blocks agree by
    chance, and it is too narrow. The second knows of few differences, and not of blocks.

    Examples
    --------
    >>> a = np.tile([True, True, False, True], 10)
    >>> print(difference_of_shares(a, np.tile([True, False, False, True], 10), 4))
    0.25 [0.103, 0.38], n = 40
    """
    a, b = as_truths(a, "a"), as_truths(b, "b")
    first, second = as_pairs(a, b)
    spread = mean_by_blocks(first - second, n_blocks)
    score = paired_score_interval(a, b)
    low, high = min(max(-1.0, spread.low), score.low), max(min(1.0, spread.high), score.high)
    return Interval(spread.estimate, low, high, len(a), spread.by_block)
