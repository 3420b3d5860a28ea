"""A result's intervals are over blocks of seeds, whatever is measured."""

import numpy as np
import pytest

from mtl_tutor import statistics
from mtl_tutor.experiments import Hypothesis, Result
from mtl_tutor.experiments.hypothesis import decide

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
