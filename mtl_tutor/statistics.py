"""Intervals, paired differences and verdicts. NumPy only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from numbers import Real

import numpy as np
from jaxtyping import Bool, Float, Int, Num

from mtl_tutor.checks import check_whole, checked, shown

_BLOCK = 2**16  # numbers that are resampled at once
_MOST_RESAMPLES = 1_000_000
_LARGEST = 1e150  # sums and squares of such numbers stay finite


class Verdict(StrEnum):
    """What a measurement says about a claim."""

    REPRODUCED = "reproduced"
    CONDITIONAL = "conditional"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


@checked
@dataclass(frozen=True)
class Interval:
    """An estimate from ``n`` runs with its 95% interval, in the unit of the measured quantity.

    Raises
    ------
    ValueError
        The estimate lies outside its interval.
    """

    estimate: float
    low: float
    high: float
    n: int

    def __post_init__(self) -> None:
        if not self.low <= self.estimate <= self.high:
            raise ValueError(f"`estimate` must lie in its interval; got {self.estimate} outside [{self.low}, {self.high}].")

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
    if not np.isin(hits, (0, 1)).all():
        raise ValueError(f"`hits` must be True or False for every seed; got {shown(hits)}. Say what to do with diverged runs first.")
    hits = np.asarray(hits, dtype=bool)
    n, z = _at_least(hits, 1, "hits"), 1.959963984540054
    share = float(hits.mean())
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Interval(share, min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half)), n)


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
    _at_least(values, 2)
    _all_finite(values)
    means = np.concatenate([values[rows].mean(axis=1) for rows in _draws(len(values), resamples, seed)])
    return _percentiles(float(values.mean()), means, len(values))


@checked
def resampled(
    values: Float[np.ndarray, "seed *column"], statistic: Callable[[np.ndarray], float], *, resamples: int = 4000, seed: int = 0
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
    values = np.asarray(values, dtype=float)
    if values.ndim > 2 or not values.size:
        raise ValueError(f"`values` must hold a row of numbers per seed; got {shown(values)}.")
    n = _at_least(values[:, 0] if values.ndim > 1 else values, 2)
    _all_finite(values)
    estimate = _one_number(statistic(values))
    found = [_one_number(statistic(values[rows])) for block in _draws(n, resamples, seed) for rows in block]
    return _percentiles(estimate, np.array(found), n)


def _one_number(found: object) -> float:
    if not isinstance(found, Real | np.ndarray) or (number := np.asarray(found)).size != 1 or not np.isfinite(number).all():
        raise ValueError(f"`statistic` must return one finite number for any rows; got {shown(found)}.")
    return float(number.item())


def _draws(n: int, resamples: int, seed: int) -> Iterator[Int[np.ndarray, "row seed"]]:
    """Indices of bootstrap samples, in blocks that fit into a processor's cache."""
    check_whole("resamples", resamples, least=1, most=_MOST_RESAMPLES)
    rng, block = np.random.default_rng(seed), max(1, _BLOCK // n)
    for first in range(0, resamples, block):
        yield rng.integers(n, size=(min(block, resamples - first), n))


def _percentiles(estimate: float, found: Float[np.ndarray, "row"], n: int) -> Interval:
    low, high = np.quantile(found, [0.025, 0.975])
    return Interval(estimate, min(estimate, float(low)), max(estimate, float(high)), n)


def _all_finite(values: np.ndarray, name: str = "values") -> None:
    if not np.isfinite(values).all():
        raise ValueError(
            f"`{name}` must be finite; {np.sum(~np.isfinite(values))} of {values.size} are not. Say what to do with diverged runs first."
        )
    if values.size and np.abs(values).max() > _LARGEST:
        raise ValueError(f"`{name}` must lie between ±{_LARGEST:g}; got {np.abs(values).max():g}. Change their unit.")


@checked
def paired_difference(a: Float[np.ndarray, "seed"], b: Float[np.ndarray, "seed"], *, seed: int = 0) -> Interval:
    """Mean of ``a - b`` over the same seeds, with its bootstrap interval.

    Effects of the seed on both arms (an easy draw of data, good initial weights) cancel, so the
    interval is narrower than that of two separate means.

    Raises
    ------
    ValueError
        Different numbers of seeds, or values that are not finite.

    Examples
    --------
    >>> paired_difference(np.array([3.0, 5.0, 9.0]), np.array([2.0, 4.0, 8.0])).estimate
    1.0
    """
    a, b = _paired(a, b)
    return bootstrap(a - b, seed=seed)


@checked
def relative_change(a: Float[np.ndarray, "seed"], b: Float[np.ndarray, "seed"], *, seed: int = 0) -> Interval:
    """Relative change of means, mean(a) / mean(b) - 1: -0.1 is a tenth less.

    Seeds are resampled in pairs.

    Raises
    ------
    ValueError
        Different numbers of seeds, values that are not finite, or a mean of ``b`` that is not
        positive.

    Examples
    --------
    >>> relative_change(np.array([1.0, 2.0]), np.array([2.0, 4.0])).estimate
    -0.5
    """
    a, b = _paired(a, b)
    if not b.mean() > 0:
        raise ValueError(f"`b` must have a positive mean to be a share of; got {b.mean()}. Report the difference instead.")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = np.concatenate([a[rows].mean(axis=1) / b[rows].mean(axis=1) - 1 for rows in _draws(len(a), 4000, seed)])
    if not np.isfinite(found).all():
        raise ValueError("`b` must have a positive mean whichever seeds are drawn; some draws have none. Report the difference instead.")
    return _percentiles(float(a.mean() / b.mean() - 1), found, len(a))


def _paired(a: Float[np.ndarray, "seed"], b: Float[np.ndarray, "seed"]) -> tuple[Float[np.ndarray, "seed"], Float[np.ndarray, "seed"]]:
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"`a` and `b` must come from the same seeds; got {a.shape} and {b.shape}. Run both arms on one list of seeds.")
    for name, values in (("a", a), ("b", b)):
        _at_least(values, 2, name)
        _all_finite(values, name)
    return a, b


@checked
def gain_over(baseline: Float[np.ndarray, "seed task"], error: Float[np.ndarray, "seed task"]) -> Float[np.ndarray, "seed task"]:
    """Relative gain over a baseline: (baseline - error) / the baseline's mean over seeds.

    0.1 is a tenth less error, negative is harm. Dividing by the mean keeps one lucky baseline from
    blowing up a ratio; the mean over seeds is the gain of the means. NaN stands for a run that
    diverged.

    Raises
    ------
    ValueError
        The baseline makes no error on a task.

    Examples
    --------
    >>> gain_over(np.array([[3.0], [1.0]]), np.array([[1.0], [2.0]])).ravel().tolist()
    [1.0, -0.5]
    """
    if np.shape(baseline) != np.shape(error):
        raise ValueError(f"`baseline` and `error` must be of the same seeds and tasks; got {np.shape(baseline)} and {np.shape(error)}.")
    if np.isnan(baseline).all(axis=0).any() or np.isinf(baseline).any() or np.isinf(error).any():
        raise ValueError("`baseline` and `error` must be finite, or NaN where a run diverged, with one run of each task that did not.")
    scale = np.nanmean(baseline, axis=0)
    if not (scale > 0).all():
        raise ValueError(
            f"`baseline` must leave some error to save on every task; its mean errors are {scale}. Report differences instead."
        )
    return (baseline - error) / scale


@checked
def above(interval: Interval, threshold: float = 0.0) -> Verdict:
    """Verdict on "the effect is more than ``threshold``".

    Reproduced if the whole interval lies above the threshold; refuted if it lies below, or the
    estimate does; undecided if the estimate is above but the interval includes the threshold.

    Examples
    --------
    >>> above(Interval(0.2, 0.1, 0.3, 50))
    <Verdict.REPRODUCED: 'reproduced'>
    >>> above(Interval(0.2, -0.1, 0.5, 50))
    <Verdict.UNDECIDED: 'undecided'>
    >>> above(Interval(-0.2, -0.3, 0.1, 50))
    <Verdict.REFUTED: 'refuted'>
    """
    if interval.low > threshold:
        return Verdict.REPRODUCED
    return Verdict.UNDECIDED if interval.estimate > threshold else Verdict.REFUTED


@checked
def below(interval: Interval, threshold: float = 0.0) -> Verdict:
    """Verdict on "the effect is less than ``threshold``", as in `above`.

    Examples
    --------
    >>> below(Interval(0.3, 0.2, 0.4, 50), 0.5)
    <Verdict.REPRODUCED: 'reproduced'>
    """
    return above(Interval(-interval.estimate, -interval.high, -interval.low, interval.n), -threshold)


@checked
def within(interval: Interval, margin: float, centre: float = 0.0) -> Verdict:
    """Verdict on "no relevant difference": the whole interval lies within ``margin`` of ``centre``.

    Raises
    ------
    ValueError
        A margin that is not positive.

    Examples
    --------
    >>> within(Interval(0.01, -0.02, 0.04, 400), margin=0.1)
    <Verdict.REPRODUCED: 'reproduced'>
    """
    if not margin > 0:
        raise ValueError(f"`margin` must be positive; got {margin}. Name the smallest difference that would matter.")
    low, high = interval.low - centre, interval.high - centre
    if -margin < low and high < margin:
        return Verdict.REPRODUCED
    return Verdict.REFUTED if low > margin or high < -margin else Verdict.UNDECIDED


def _at_least(values: np.ndarray, n: int, name: str = "values") -> int:
    if values.ndim != 1 or len(values) < n:
        raise ValueError(f"`{name}` must hold one number per seed, at least {n}; got shape {values.shape}. Run more seeds.")
    return len(values)
