"""The claims about merging and adding, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments._base import Sentence
from mtl_tutor.experiments._sums import FAMILIES, effect_of
from mtl_tutor.experiments.merging import Merging
from mtl_tutor.experiments.task_arithmetic import TaskArithmetic

pytestmark = pytest.mark.claims
RELATED, STRANGE, APART, STILL = FAMILIES


@pytest.fixture(scope="module")
def merging():
    return {claim.id.removeprefix("merging-"): claim.measured for claim in Merging(seeds=40, first_seed=20_000).run().claims}


@pytest.fixture(scope="module")
def sums():
    trial = TaskArithmetic(seeds=24, first_seed=20_000)
    return {family: trial.sums(family) for family in FAMILIES}


def effect(sums, more, less=None):
    return effect_of(Sentence("", "", "", more, less), sums)


def test_strangers_have_a_hill_between_them_that_matching_removes(merging):
    assert merging["strangers"].low > 0.3
    assert merging["copy"].low > 0.3
    assert abs(merging["copy-matched"].estimate) < 1e-6
    assert merging["matched"].high < -0.05


def test_one_start_is_enough_whoever_trained_it(merging):
    for name in ("soup", "soup-trained", "soup-shuffled", "soup-long"):
        assert merging[name].high < -0.05
    assert merging["ensemble"].high < 0.05
    assert merging["ensemble-matched"].low > 0.05


def test_related_tasks_add_up_and_others_lose(sums):
    assert effect(sums[RELATED], "kept").low > 0.6
    assert effect(sums[STRANGE], "kept").high < 0.5
    assert effect(sums[APART], "kept").high < 0.3
    assert abs(effect(sums[STILL], "plain sum", "own").estimate) < 1e-4
    assert effect(sums[RELATED], "sum", "random").high < 0
    assert effect(sums[STRANGE], "sum", "alone").low > 0.2


def test_cosines_are_small_and_tell_nothing_and_forgetting_spares_nobody(sums):
    for family in FAMILIES:
        assert abs(effect(sums[family], "cosine").estimate) < 0.1
    assert effect(sums[STRANGE], "ranks").low > -0.2
    assert effect(sums[RELATED], "own loss").low > 0.03
    assert effect(sums[RELATED], "others' share").low > 0.3
    assert effect(sums[APART], "others' share").low > 0.5
