"""The claims about starts of experts, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import ExpertCollapse

pytestmark = pytest.mark.claims


@pytest.fixture(scope="module")
def claims():
    result = ExpertCollapse(seeds=24, first_seed=20_000).run()
    return {claim.id.removeprefix("expert-collapse-"): claim.measured for claim in result.claims}


def test_equal_experts_stay_one_unless_gates_part_them(claims):
    assert claims["gates"].high < -0.2
    assert claims["three"].high < -0.2


def test_opening_gates_that_started_closed_comes_too_late(claims):
    assert claims["closed"].low > 0.3
    assert claims["fast"].low > 0.3
    assert claims["reopened"].low > 0.2
    assert claims["cured"].low > 0.3


def test_an_importance_loss_spreads_samples_over_experts_and_does_not_restore_the_error(claims):
    assert claims["favoured-cost"].low > 0.2
    assert claims["balanced-more"].low > 0.3
    assert claims["balanced-more-cured"].low > 0.3
