"""The claims about merging and adding, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import MergingExperiment, TaskArithmeticExperiment

pytestmark = pytest.mark.claims


@pytest.fixture(scope="module")
def merging():
    return {claim.id.removeprefix("merging-"): claim.measured for claim in MergingExperiment(seeds=40, first_seed=20_000).run().claims}


@pytest.fixture(scope="module")
def sums():
    result = TaskArithmeticExperiment(seeds=24, first_seed=20_000).run()
    return {claim.id.removeprefix("task-arithmetic-"): claim.measured for claim in result.claims}


def test_strangers_have_a_hill_between_them_that_matching_removes(merging):
    assert merging["strangers"].low > 0.3
    assert merging["copy"].low > 0.3
    assert merging["matched"].high < -0.05


def test_one_start_is_enough_whoever_trained_it(merging):
    for name in ("soup", "soup-trained", "soup-shuffled", "soup-long"):
        assert merging[name].high < -0.05
    assert merging["ensemble"].high < 0.05
    assert merging["ensemble-matched"].low > 0.05


def test_related_tasks_add_up_and_others_lose(sums):
    assert sums["kept"].low > 0.6
    assert sums["strange"].high < 0.5
    assert sums["apart"].high < 0.3
    assert sums["random"].high < 0
    assert sums["strange-alone"].low > 0.2
    assert sums["still-price"].low > 0


def test_cosines_are_small_and_tell_nothing_and_forgetting_spares_nobody(sums):
    for name in ("right-angles", "right-angles-strange", "right-angles-apart"):
        assert abs(sums[name].estimate) < 0.1
    assert sums["cosine"].low > -0.2
    assert sums["forget"].low > 0.03
    assert sums["forget-others"].low > 0.3
    assert sums["forget-apart"].low > 0.5
