"""Intervals over blocks of seeds that share an error, such as the settings that were tuned for a block.

Seeds within a block are not independent, blocks are. So each interval takes its width from the spread of
blocks and Student's t with one degree of freedom less than there are blocks.
"""

from collections.abc import Callable
from math import hypot, sqrt

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import check_whole, checked
from mtl_tutor.statistics._given import all_finite, as_rows, at_least, one_number
from mtl_tutor.statistics.intervals import Interval

_MOST_BLOCKS = 10_000


@checked
def block_slices(n_seeds: int, n_blocks: int) -> list[slice]:
    """Contiguous blocks of seeds, whose sizes differ by one at most.

    Parameters
    ----------
    n_seeds : int
        Number of seeds.
    n_blocks : int
        Number of blocks, at least 4.

    Returns
    -------
    list[slice]
        Where each block lies. The first ``n_seeds % n_blocks`` blocks hold a seed more, as those of
        `numpy.array_split` do.

    Raises
    ------
    ValueError
        Fewer than 4 blocks, or fewer than 2 seeds per block.

    Examples
    --------
    >>> block_slices(9, 4)
    [slice(0, 3, None), slice(3, 5, None), slice(5, 7, None), slice(7, 9, None)]
    """
    check_whole("n_blocks", n_blocks, least=4, most=_MOST_BLOCKS)
    if n_seeds < 2 * n_blocks:
        raise ValueError(
            f"`n_blocks` must leave at least 2 seeds to each block; got {n_blocks} blocks "
            f"of `n_seeds` = {n_seeds}. Run more seeds."
        )
    size, larger = divmod(n_seeds, n_blocks)
    ends = [size * block + min(block, larger) for block in range(n_blocks + 1)]
    return [slice(start, end) for start, end in zip(ends, ends[1:], strict=False)]


@checked
def mean_by_blocks(values: Float[np.ndarray, "seed"], n_blocks: int) -> Interval:
    """Mean over seeds, with Student's t interval over the means of blocks.

    Parameters
    ----------
    values : Float[np.ndarray, "seed"]
        One number per seed, in any unit.
    n_blocks : int
        Number of contiguous blocks of seeds, at least 4.

    Returns
    -------
    Interval
        The mean of all seeds with its 95% interval; ``by_block`` has the block means.

    Raises
    ------
    ValueError
        Fewer than 4 blocks, fewer than 2 seeds per block, or a value that is not finite.

    Notes
    -----
    With K blocks of nₖ of the n seeds and block means mₖ, the interval is m ± t √v, where m is the mean
    of all seeds, t the 97.5% point of Student's t with K - 1 degrees of freedom, and

    v = K / (K - 1) Σₖ (nₖ / n)² (mₖ - m)²:

    the variance of the mean, as the spread of block means tells it, each weighted by its share of the
    seeds. In blocks of one size it is the block means' variance divided by K.

    Source: the method of batch means, Asmussen & Glynn (2007), *Stochastic Simulation*, chapter IV.

    Departures: blocks differ in size by one seed at most and are weighted.

    Examples
    --------
    >>> mean_by_blocks(np.array([1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]), 4)
    Interval(estimate=2.5, low=0.445..., high=4.554..., n=8, by_block=(1.0, 2.0, 3.0, 4.0))
    """
    values = np.asarray(values, dtype=float)
    at_least(values, 1)
    blocks = block_slices(len(values), n_blocks)
    all_finite(values)
    mean, half = float(values.mean()), student(n_blocks) * standard_error(values, blocks)
    each = tuple(float(values[one].mean()) for one in blocks)
    return Interval(mean, mean - half, mean + half, len(values), each)


def student(n_blocks: int) -> float:
    """97.5% point of Student's t with one degree of freedom less than blocks."""
    from scipy.special import stdtrit  # here, as pictures and widgets load this room and never need it

    return float(stdtrit(n_blocks - 1, 0.975))


def standard_error(values: Float[np.ndarray, "seed"], blocks: list[slice]) -> float:
    """Standard error of the mean of all seeds, as the spread of block means tells it."""
    values = values - values[0]  # identical values leave exactly nothing
    sums = [float((values[one] - values.mean()).sum()) / len(values) for one in blocks]
    return sqrt(len(blocks) / (len(blocks) - 1)) * hypot(*sums)


@checked
def statistic_by_blocks(
    rows: Float[np.ndarray, "seed *column"], statistic: Callable[[np.ndarray], float], n_blocks: int
) -> Interval:
    """A statistic of all seeds, such as a slope or a correlation, with an interval over blocks.

    Parameters
    ----------
    rows : Float[np.ndarray, "seed *column"]
        What each seed measured, one row per seed.
    statistic : Callable[[np.ndarray], float]
        From rows to one number.
    n_blocks : int
        Number of contiguous blocks of seeds, at least 4.

    Returns
    -------
    Interval
        The statistic of all rows with its 95% interval; ``by_block`` has that of each block's rows.

    Raises
    ------
    ValueError
        Fewer than 4 blocks, fewer than 2 seeds per block, a number that is not finite, or a statistic
        that is no finite number.

    Notes
    -----
    With θ the statistic of all rows and θₖ that of block k of K, the interval is
    θ ± t √(Σₖ (θₖ - θ)² / ((K - 1) K)), with t the 97.5% point of Student's t with K - 1 degrees of
    freedom: blocks stand for repetitions of the whole run, whose statistic varies √K times less.

    Source: sectioning, Asmussen & Glynn (2007), *Stochastic Simulation*, chapter III, section 5.

    Departures: blocks may differ in size by one seed; they count alike.

    Examples
    --------
    >>> statistic_by_blocks(np.array([1.0, 3.0, 2.0, 4.0, 3.0, 5.0, 4.0, 6.0]), np.median, 4)
    Interval(estimate=3.5, low=1.445..., high=5.554..., n=8, by_block=(2.0, 3.0, 4.0, 5.0))
    """
    rows = as_rows(rows, "rows")
    blocks = block_slices(len(rows), n_blocks)
    whole = one_number(statistic(rows))
    each = tuple(one_number(statistic(rows[one])) for one in blocks)
    half = student(n_blocks) * hypot(*(one - whole for one in each)) / sqrt((n_blocks - 1) * n_blocks)
    return Interval(whole, whole - half, whole + half, len(rows), each)
