"""Nets share units by common variables: after half of the training, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments.why.caruana_1997.peaks import SHUFFLED, SIGNED, SMALL, SPREAD, Peaks
from mtl_tutor.statistics import Verdict

pytestmark = pytest.mark.claims


@pytest.fixture(scope="module")
def result():
    return Peaks(seeds=32, first_seed=20_000, n_samples=100, steps=150).run()


@pytest.mark.parametrize("nets", ["trained", SMALL, SPREAD])
def test_the_more_variables_two_tasks_share_the_more_units_they_share(result, nets):
    for more, less in (("1", "0"), ("2", "1"), ("3", "2")):
        assert result.interval(more, less, nets).low > 0


@pytest.mark.parametrize("nets", ["trained", SMALL, SPREAD])
def test_a_variable_counts_for_more_where_both_test_it(result, nets):
    for n in ("2", "3"):
        assert result.interval(f"{n}, test", n, nets).low > 0


def test_tasks_with_nothing_in_common_avoid_each_other_but_not_from_small_first_weights(result):
    assert result.interval("0").high < 0
    assert result.interval("0", measure=SMALL).low > 0
    verdicts = {claim.id: claim.verdict for claim in result.claims}
    assert (verdicts["peaks-none"], verdicts["peaks-small"]) == (Verdict.CONDITIONAL, Verdict.OPPOSITE)


def test_exchanged_branches_use_the_same_units_with_opposite_signs(result):
    assert result.interval("3, test").low > 0.05
    assert result.interval("3, test", measure=SIGNED).high < -0.2


@pytest.mark.parametrize("nets", ["untrained", SHUFFLED])
def test_without_anything_learned_variables_make_no_difference(result, nets):
    effect = result.interval("3, test", "0", nets)
    assert -0.03 < effect.low < effect.high < 0.03
