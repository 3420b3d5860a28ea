"""The claims about gates, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import GatesRead

pytestmark = pytest.mark.claims


@pytest.fixture(scope="module")
def claims():
    return {claim.id.removeprefix("gates-read-"): claim.measured for claim in GatesRead(seeds=32, first_seed=20_000).run().claims}


def test_gates_are_apart_before_training_and_farther_after_it_for_unrelated_tasks(claims):
    assert claims["start"].low > 0.2
    assert claims["same"].estimate > -0.05
    assert claims["unrelated"].low > 0.05
    assert claims["tasks"].low > 0.02


def test_gates_tell_kinds_of_samples_apart_and_switches_follow_the_tasks(claims):
    assert claims["kinds"].low > 0.2
    assert claims["kinds-more"].low > 0.1
    assert claims["switch"].low > 0
