"""The claims about what penalties find, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import Recovery

pytestmark = pytest.mark.claims


@pytest.fixture(scope="module")
def claims():
    return {claim.id.removeprefix("recovery-"): claim.measured for claim in Recovery(seeds=48, first_seed=20_000).run().claims}


def test_the_rank_and_the_inputs_are_found_together_or_not_at_all(claims):
    assert claims["rank"].low > 0.45
    assert claims["above-zero"].estimate < 0.05
    assert claims["rank-ridge"].low > 0.3
    assert claims["inputs"].low > 0.1
    assert claims["inputs-shuffled"].high < 0.05


def test_signs_and_groups_are_found_but_hardly_better_than_by_fits_apart(claims):
    assert claims["sign"].low > 0.8
    assert claims["sign-GP"].low > 0.75
    assert claims["sign-ridge"].high < 0.1
    assert claims["pairs"].low > 0
    assert claims["groups"].high < 0.15


def test_a_score_of_kept_inputs_at_the_chosen_strength_hides_what_the_order_shows(claims):
    assert claims["inputs-F1"].estimate < 0.1 < claims["inputs"].low
