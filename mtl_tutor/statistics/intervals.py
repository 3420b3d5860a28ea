"""A number from many seeds with its 95% interval, for seeds that don't share an error."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np
from jaxtyping import Bool, Float, Int, Num

from mtl_tutor.checks import check_whole, checked
from mtl_tutor.statistics._given import all_finite, as_rows, as_truths, at_least, one_number

_BLOCK = 2**16  # numbers that are resampled at once
_MOST_RESAMPLES = 1_000_000
_Z = 1.959963984540054  # 97.5% of a normal distribution lie below


@checked
@dataclass(frozen=True)
class Interval:
    """An estimate from ``n`` runs with its 95% interval, in the unit of the measured quantity.

    Parameters
    ----------
    estimate, low, high : float
        The estimate and the ends of its interval.
    n : int
        Number of runs.
    by_block : tuple[float, ...]
        The estimate within each block of seeds, where the interval was made from blocks.

    Raises
    ------
    ValueError
        The estimate lies outside its interval.
    """

    estimate: float
    low: float
    high: float
    n: int
    by_block: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.low <= self.estimate <= self.high:
            outside = f"{self.estimate} outside [{self.low}, {self.high}]"
            raise ValueError(f"`estimate` must lie in its interval; got {outside}.")

    def __repr__(self) -> str:
        blocks = f", by_block={self.by_block}" if self.by_block else ""
        ends = f"low={self.low!r}, high={self.high!r}"
        return f"Interval(estimate={self.estimate!r}, {ends}, n={self.n!r}{blocks})"

    def __str__(self) -> str:
        return f"{self.estimate:.3g} [{self.low:.3g}, {self.high:.3g}], n = {self.n}"

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@checked
def wilson(hits: Bool[np.ndarray, "seed"] | Num[np.ndarray, "seed"]) -> Interval:
    """Share of successes with Wilson's 95% interval.

    Parameters
    ----------
    hits : Bool[np.ndarray, "seed"]
        One truth value per seed.

    Returns
    -------
    Interval
        The share of hits with Wilson's 95% interval. It stays inside [0, 1] and keeps a width when
        every run agrees.

    Raises
    ------
    ValueError
        No runs were given.

    Notes
    -----
    Source: Wilson (1927), *Probable inference, the law of succession, and statistical inference*.

    Departures: none.

    Examples
    --------
    >>> wilson(np.array([True] * 8 + [False] * 2))
    Interval(estimate=0.8, low=0.490..., high=0.943..., n=10)
    """
    share = float(as_truths(hits).mean())
    return Interval(share, *score_ends(share, len(hits)), len(hits))


def score_ends(share: float, n: float, z: float = _Z) -> tuple[float, float]:
    """Ends of Wilson's interval: the shares p whose distance |share - p| is at most z √(p (1 - p) / n)."""
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half))


@checked
def bootstrap(values: Float[np.ndarray, "seed"], *, resamples: int = 4000, seed: int = 0) -> Interval:
    """Mean over seeds with a percentile bootstrap interval.

    Parameters
    ----------
    values : Float[np.ndarray, "seed"]
        One number per seed, in any unit.
    resamples : int
        Number of bootstrap samples.
    seed : int
        Seed of the resampling.

    Returns
    -------
    Interval
        The mean and the 2.5% and 97.5% points of the resampled means.

    Raises
    ------
    ValueError
        Fewer than two values, or a value that is not finite.

    Notes
    -----
    Source: Efron (1979), percentile interval.

    Departures: none.

    Examples
    --------
    >>> bootstrap(np.array([1.0, 1.0, 1.0]))
    Interval(estimate=1.0, low=1.0, high=1.0, n=3)
    """
    values = np.asarray(values, dtype=float)
    at_least(values, 2)
    all_finite(values)
    draws = draw_rows(len(values), resamples, seed)
    means = np.concatenate([values[rows].mean(axis=1) for rows in draws])
    return percentiles(float(values.mean()), means, len(values))


@checked
def resampled(
    values: Float[np.ndarray, "seed *column"], statistic: Callable[[np.ndarray], float],
    *, resamples: int = 4000, seed: int = 0,
) -> Interval:
    """Bootstrap interval of a statistic of all seeds, such as a slope or a correlation.

    Parameters
    ----------
    values : Float[np.ndarray, "seed *column"]
        What each seed measured, one row per seed.
    statistic : Callable[[np.ndarray], float]
        From rows to one number.
    resamples, seed : int
        As in `bootstrap`.

    Returns
    -------
    Interval
        The statistic of all rows, and the 2.5% and 97.5% points of those of the resampled rows.

    Raises
    ------
    ValueError
        Fewer than two seeds, or a number that is not finite.

    Notes
    -----
    Source: Efron (1979), percentile interval.

    Departures: it is stretched to hold the estimate where it would not.

    Examples
    --------
    >>> resampled(np.array([[1.0, 3.0], [2.0, 6.0]]), lambda rows: rows[:, 1].sum() / rows[:, 0].sum())
    Interval(estimate=3.0, low=3.0, high=3.0, n=2)
    """
    values = as_rows(values, "values")
    estimate = one_number(statistic(values))
    draws = draw_rows(len(values), resamples, seed)
    found = [one_number(statistic(values[rows])) for block in draws for rows in block]
    return percentiles(estimate, np.array(found), len(values))


def draw_rows(n: int, resamples: int, seed: int) -> Iterator[Int[np.ndarray, "row seed"]]:
    """Indices of bootstrap samples, as many at once as fit into a processor's cache."""
    check_whole("resamples", resamples, least=1, most=_MOST_RESAMPLES)
    rng, block = np.random.default_rng(seed), max(1, _BLOCK // n)
    for first in range(0, resamples, block):
        yield rng.integers(n, size=(min(block, resamples - first), n))


def percentiles(estimate: float, found: Float[np.ndarray, "row"], n: int) -> Interval:
    """From 2.5% to 97.5% of what was found, stretched to hold the estimate."""
    low, high = np.quantile(found, [0.025, 0.975])
    return Interval(estimate, min(estimate, float(low)), max(estimate, float(high)), n)
