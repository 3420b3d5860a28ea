"""Verdicts: what an interval says about a claim, by the rule of that claim."""

from collections.abc import Callable
from enum import StrEnum

from mtl_tutor.checks import checked
from mtl_tutor.statistics.intervals import Interval

_NEAR = 0.2  # standard errors


class Verdict(StrEnum):
    """What a measurement says about a claim."""

    REPRODUCED = "reproduced"
    OPPOSITE = "opposite"
    TOO_SMALL = "too small"
    NOT_SHOWN = "not shown"
    CONDITIONAL = "conditional"


@checked
def above(interval: Interval, threshold: float = 0.0) -> Verdict:
    """Verdict on "the effect is more than ``threshold``".

    Parameters
    ----------
    interval : Interval
        The measured effect.
    threshold : float
        The effect that the claim asks for, in the same unit.

    Returns
    -------
    Verdict
        *Reproduced* if the whole interval lies above the threshold. *Opposite* if it lies below both
        the threshold and zero: the effect points the other way. *Too small* if it lies below a
        positive threshold without being opposite: the claimed size is excluded, the sign is not.
        *Not shown* if the interval holds the threshold.

    Notes
    -----
    With the interval [l, h] and the threshold t: reproduced if l > t, opposite if h < min(t, 0), too
    small if min(t, 0) <= h < t, not shown if l <= t <= h.

    Examples
    --------
    >>> above(Interval(0.2, 0.1, 0.3, 50))
    <Verdict.REPRODUCED: 'reproduced'>
    >>> above(Interval(0.2, 0.1, 0.3, 50), 0.5)
    <Verdict.TOO_SMALL: 'too small'>
    >>> above(Interval(-0.2, -0.3, 0.1, 50))
    <Verdict.NOT_SHOWN: 'not shown'>
    >>> above(Interval(-0.2, -0.3, -0.1, 50))
    <Verdict.OPPOSITE: 'opposite'>
    """
    if interval.low > threshold:
        return Verdict.REPRODUCED
    if interval.high < min(threshold, 0):
        return Verdict.OPPOSITE
    return Verdict.TOO_SMALL if interval.high < threshold else Verdict.NOT_SHOWN


@checked
def below(interval: Interval, threshold: float = 0.0) -> Verdict:
    """Verdict on "the effect is less than ``threshold``": `above`, mirrored at zero.

    Parameters
    ----------
    interval : Interval
        The measured effect.
    threshold : float
        The effect that the claim asks for, in the same unit; negative for "less by so much".

    Returns
    -------
    Verdict
        *Reproduced* if the whole interval lies below the threshold, *opposite* if it lies above both
        the threshold and zero, *too small* if it lies above a negative threshold without being
        opposite, *not shown* if it holds the threshold.

    Examples
    --------
    >>> below(Interval(-0.3, -0.4, -0.2, 50))
    <Verdict.REPRODUCED: 'reproduced'>
    >>> below(Interval(-0.3, -0.4, -0.2, 50), -0.5)
    <Verdict.TOO_SMALL: 'too small'>
    """
    return above(Interval(-interval.estimate, -interval.high, -interval.low, interval.n), -threshold)


@checked
def within(interval: Interval, margin: float, centre: float = 0.0) -> Verdict:
    """Verdict on "no relevant difference": the effect lies within ``margin`` of ``centre``.

    Parameters
    ----------
    interval : Interval
        The measured effect.
    margin : float
        The smallest difference that would matter, in the same unit.
    centre : float
        The effect that the claim names.

    Returns
    -------
    Verdict
        *Reproduced* if the whole interval lies within the margin, *opposite* if it lies wholly outside,
        *not shown* otherwise.

    Raises
    ------
    ValueError
        A margin that is not positive.

    Examples
    --------
    >>> within(Interval(0.01, -0.02, 0.04, 400), margin=0.1)
    <Verdict.REPRODUCED: 'reproduced'>
    >>> within(Interval(0.01, -0.2, 0.2, 400), margin=0.1)
    <Verdict.NOT_SHOWN: 'not shown'>
    """
    if not margin > 0:
        raise ValueError(
            f"`margin` must be positive; got {margin}. Name the smallest difference that would matter."
        )
    low, high = interval.low - centre, interval.high - centre
    if -margin < low and high < margin:
        return Verdict.REPRODUCED
    return Verdict.OPPOSITE if low > margin or high < -margin else Verdict.NOT_SHOWN


@checked
def is_borderline(interval: Interval, decide: Callable[[Interval], Verdict]) -> bool:
    """Whether the interval ends so near to a limit of the rule that the verdict may differ elsewhere.

    Parameters
    ----------
    interval : Interval
        The measured effect.
    decide : callable
        The rule: from an interval to its verdict.

    Returns
    -------
    bool
        True if the verdict changes when the interval is moved by 0.2 standard errors, up or down. The
        standard error is taken as a quarter of the interval's width: two of them lie on either side of
        the middle.

    Examples
    --------
    >>> is_borderline(Interval(0.2, 0.01, 0.39, 50), above)
    True
    >>> is_borderline(Interval(0.3, 0.1, 0.5, 50), above)
    False
    """
    near = _NEAR * (interval.high - interval.low) / 4
    estimate, low, high = interval.estimate, interval.low, interval.high
    moved = (Interval(estimate + by, low + by, high + by, interval.n) for by in (-near, near))
    return any(decide(one) is not decide(interval) for one in moved)
