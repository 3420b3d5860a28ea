"""Verdicts: each region of each rule, and the rules' mirror images."""

import itertools

import pytest

from mtl_tutor.statistics import Interval, Verdict, above, below, is_borderline, within

ENDS = (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3)
INTERVALS = [
    Interval((low + high) / 2, low, high, 9) for low, high in itertools.combinations_with_replacement(ENDS, 2)
]


@pytest.mark.parametrize(
    ("low", "high", "threshold", "verdict"),
    [
        (0.1, 0.3, 0.0, "reproduced"),
        (-0.1, 0.3, 0.0, "not shown"),
        (0.0, 0.3, 0.0, "not shown"),
        (-0.3, 0.0, 0.0, "not shown"),
        (-0.3, -0.1, 0.0, "opposite"),
        (0.6, 0.9, 0.5, "reproduced"),
        (0.4, 0.9, 0.5, "not shown"),
        (0.1, 0.4, 0.5, "too small"),
        (-0.1, 0.4, 0.5, "too small"),
        (-0.1, 0.0, 0.5, "too small"),
        (-0.4, -0.1, 0.5, "opposite"),
        (-0.4, 0.1, -0.5, "reproduced"),
        (-0.6, 0.1, -0.5, "not shown"),
        (-0.6, -0.4, -0.5, "not shown"),
        (-0.9, -0.6, -0.5, "opposite"),
    ],
)
def test_a_verdict_is_about_the_whole_interval_and_not_the_estimate(low, high, threshold, verdict):
    for estimate in (low, high):
        assert above(Interval(estimate, low, high, 9), threshold) == verdict
        assert below(Interval(-estimate, -high, -low, 9), -threshold) == verdict


@pytest.mark.parametrize("threshold", [-0.15, 0.0, 0.15])
def test_an_effect_is_never_both_above_and_below(threshold):
    for interval in INTERVALS:
        found = {above(interval, threshold), below(interval, threshold)}
        if Verdict.REPRODUCED in found:
            assert found - {Verdict.REPRODUCED} <= {Verdict.OPPOSITE, Verdict.TOO_SMALL}
        else:
            assert found == {Verdict.NOT_SHOWN}


def test_a_narrower_interval_never_loses_a_verdict():
    for outer, inner in itertools.product(INTERVALS, repeat=2):
        if outer.low <= inner.low and inner.high <= outer.high and above(outer, 0.15) != Verdict.NOT_SHOWN:
            allowed = {above(outer, 0.15)} | (
                {Verdict.OPPOSITE} if above(outer, 0.15) == Verdict.TOO_SMALL else set()
            )
            assert above(inner, 0.15) in allowed


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.05, 0.05, Verdict.REPRODUCED),
        (0.2, 0.4, Verdict.OPPOSITE),
        (-0.4, -0.2, Verdict.OPPOSITE),
        (-0.3, 0.3, Verdict.NOT_SHOWN),
        (0.05, 0.3, Verdict.NOT_SHOWN),
        (0.0, 0.1, Verdict.NOT_SHOWN),
        (0.1, 0.3, Verdict.NOT_SHOWN),
    ],
)
def test_no_difference_needs_the_whole_interval_inside_the_margin(low, high, verdict):
    assert within(Interval(low, low, high, 9), 0.1) is verdict
    assert within(Interval(low + 8, low + 8, high + 8, 9), 0.1, centre=8) is verdict or low in (0.0, 0.1)


@pytest.mark.messages
def test_a_margin_is_positive():
    with pytest.raises(ValueError, match="Name the smallest difference"):
        within(Interval(0.0, 0.0, 0.0, 9), 0.0)


@pytest.mark.parametrize(
    ("threshold", "near"), [(0.0, False), (0.79, False), (0.81, True), (1.19, True), (1.21, False), (5.21, False), (5.19, True)]
)
def test_a_threshold_within_a_fifth_of_a_standard_error_of_an_end_is_borderline(threshold, near):
    """The interval from 1 to 5 has a standard error of 1."""
    interval = Interval(3.0, 1.0, 5.0, 9)
    assert is_borderline(interval, lambda one: above(one, threshold)) is near
    assert is_borderline(interval, lambda one: below(one, threshold)) is near


def test_zero_is_borderline_only_where_the_verdict_depends_on_it():
    """What ends at 0 points the other way or is too small, by a hair; what begins there is too small in any case."""
    assert is_borderline(Interval(-2.0, -4.0, 0.1, 9), lambda one: above(one, 5))
    assert not is_borderline(Interval(1.0, 0.0, 2.0, 9), lambda one: above(one, 5))
    assert not is_borderline(Interval(0.0, 0.0, 0.02, 64), lambda one: above(one, 0.5))
