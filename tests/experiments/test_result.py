"""A result's intervals are over blocks of seeds, whatever is measured."""

import numpy as np
import pytest

from mtl_tutor import statistics
from mtl_tutor.experiments import Hypothesis, Result
from mtl_tutor.experiments.hypothesis import above, below, decide, with_roles

RNG = np.random.default_rng(0)
NUMBERS = {"one": 2 + RNG.normal(size=40), "two": 2 + RNG.normal(size=40)}
TRUTHS = {"one": RNG.random(40) < 0.5, "two": RNG.random(40) < 0.2}


def result(values, n_blocks=4):
    """Two conditions with one measure each."""
    return Result({name: {"measure": each} for name, each in values.items()}, n_blocks=n_blocks)


@pytest.mark.parametrize(
    ("values", "asked", "expected"),
    [
        (NUMBERS, ("one",), lambda one, two: statistics.mean_by_blocks(one, 4)),
        (NUMBERS, ("one", "two"), lambda one, two: statistics.mean_by_blocks(one - two, 4)),
        (TRUTHS, ("one",), lambda one, two: statistics.share_by_blocks(one, 4)),
        (TRUTHS, ("one", "two"), lambda one, two: statistics.difference_of_shares(one, two, 4)),
    ],
)
def test_numbers_and_shares_have_their_own_intervals_over_blocks(values, asked, expected):
    found = result(values).interval(*asked)
    assert found == expected(values["one"], values["two"])
    assert len(found.by_block) == 4


def test_ratios_and_statistics_too_and_without_blocks_all_are_over_seeds():
    one, two = NUMBERS.values()
    assert result(NUMBERS).interval("one", "two", relative=True) == statistics.ratio_by_blocks(one, two, 4)
    assert result(NUMBERS).statistic(one, np.median) == statistics.statistic_by_blocks(one, np.median, 4)
    assert result(NUMBERS, 1).interval("one", "two", relative=True) == statistics.relative_change(one, two)
    saved, change = result(NUMBERS).saved("one", "two"), statistics.ratio_by_blocks(one, two, 4)
    assert (saved.estimate, saved.low, saved.high) == (-change.estimate, -change.high, -change.low)
    assert saved.estimate == pytest.approx(1 - one.mean() / two.mean())
    assert result(NUMBERS, 1).statistic(one, np.median) == statistics.resampled(one, np.median)
    assert result(TRUTHS, 1).interval("one") == statistics.wilson(TRUTHS["one"])


def test_an_interval_that_ends_at_a_limit_makes_the_claim_borderline():
    exact = statistics.mean_by_blocks(NUMBERS["one"] - NUMBERS["two"], 4)
    numbers = {"one": NUMBERS["one"] - exact.low, "two": NUMBERS["two"]}
    (claim,) = decide("toy", [Hypothesis("gain", "it gains", "ours", "one", "two")], result(numbers), lambda result, hypothesis: ())
    assert claim.borderline
    assert "(borderline)" in str(claim)
    far = {"one": numbers["one"] + 10, "two": numbers["two"]}
    (claim,) = decide("toy", [Hypothesis("gain", "it gains", "ours", "one", "two")], result(far), lambda result, hypothesis: ())
    assert not claim.borderline


@pytest.mark.parametrize(
    ("rule", "boundaries"),
    [(above(), {0}), (above(0.1), {0, 0.1}), (above(-0.1), {-0.1}), (below(-0.1), {0, -0.1}), (below(0.1), {0.1})],
)
def test_zero_is_a_boundary_where_a_verdict_changes_there(rule, boundaries):
    assert set(rule.boundaries) == boundaries
    near = {True: set(), False: set()}
    for one in (-0.1, 0.0, 0.1):
        for_high = {rule.decide(statistics.Interval(x, x - 1, x, 9)) for x in (one - 1e-9, one + 1e-9)}
        for_low = {rule.decide(statistics.Interval(x, x, x + 1, 9)) for x in (one - 1e-9, one + 1e-9)}
        near[len(for_high) > 1 or len(for_low) > 1].add(one)
    assert near[True] == boundaries


def test_controls_and_details_belong_to_the_finding_before_them_and_a_control_may_have_to_fail():
    sources = {"first": "control", "gain": "ours", "noise": "control", "more": "ours", "other": "a paper", "copies": "control"}
    hypotheses = [Hypothesis(name, name, source, "one", rule=above()) for name, source in sources.items()]
    claims = decide("toy", hypotheses, result(NUMBERS), lambda result, hypothesis: ())
    roles = {claim.id: claim for claim in with_roles("toy", claims, ("gain", "other"), ("copies",))}
    assert [claim.role for claim in roles.values()] == ["control", "finding", "control", "detail", "finding", "control"]
    assert [claim.finding for claim in roles.values()] == ["toy-gain"] * 4 + ["toy-other"] * 2
    assert roles["toy-noise"].as_expected is True
    assert roles["toy-copies"].as_expected is False
    assert roles["toy-gain"].as_expected is None
    with pytest.raises(ValueError, match="'toy' has no 'gains'"):
        list(with_roles("toy", claims, ("gains",), ()))


def test_a_control_whose_interval_holds_both_is_neither_as_expected_nor_otherwise():
    flat = {"one": NUMBERS["one"] - NUMBERS["one"].mean()}
    claims = decide("toy", [Hypothesis("noise", "noise", "control", "one")], result(flat), lambda result, hypothesis: ())
    (claim,) = with_roles("toy", claims, (), ())
    assert (str(claim.verdict), claim.as_expected, claim.finding) == ("not shown", None, "")


def test_printing_a_result_counts_the_runs_that_diverged():
    lost = Result({"one": {"error": np.array([1.0, 2.0, np.nan, 3.0])}, "two": {"error": np.full(4, np.inf)}}, n_blocks=4)
    lines = str(lost).splitlines()
    assert lines[-2].endswith("n = 3; 1 of 4 runs diverged")
    assert lines[-1].endswith("  4 of 4 runs diverged")
