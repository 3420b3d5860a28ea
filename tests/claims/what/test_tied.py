"""The claims about ties, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import Tied
from mtl_tutor.statistics import relative_change

pytestmark = pytest.mark.claims
TRIAL = Tied(seeds=200, first_seed=20_000)


@pytest.fixture(scope="module")
def claims():
    return {claim.id.removeprefix("tied-"): claim.measured for claim in TRIAL.run().claims}


def test_tasks_that_differ_a_little_are_better_tied_than_at_either_end(claims):
    assert claims["near"].high < -0.5
    assert claims["near-pooled"].high < -0.1
    assert claims["near-shuffled"].high < -0.5
    assert abs(claims["shuffled"].estimate) < 0.1


def test_the_same_tasks_want_one_fit_and_unrelated_ones_their_own(claims):
    assert claims["same"].high < -0.8
    assert claims["same-tied"].high < 0.1
    assert claims["unrelated"].low > 1
    assert claims["unrelated-tied"].low > 0
    assert claims["unrelated-either"].high < 0.05
    assert claims["stein"].high < -0.3


def test_the_best_penalty_falls_as_tasks_part_and_is_the_one_of_bayes(claims):
    assert claims["falls"].high < -0.9
    assert abs(claims["bayes"].estimate) < 0.02


def test_no_penalty_beats_that_of_bayes_by_more_than_chance():
    risks = TRIAL.risks(0.5)
    assert all(relative_change(risks[way], risks["bayes"]).low > -0.01 for way in risks if way.startswith("penalty"))
