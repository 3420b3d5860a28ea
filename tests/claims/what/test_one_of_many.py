"""The claims about one question with ten answers, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import OneOfMany
from mtl_tutor.experiments.what.multi_label_and_ensembles.one_of_many import IMPOSSIBLE, NATS, NOT_ONE, SUM
from mtl_tutor.experiments.what.one_network_many_tasks import WRONG
from mtl_tutor.statistics import bootstrap, paired_difference

pytestmark = pytest.mark.claims
TRIAL = OneOfMany(seeds=60, first_seed=20_000)


@pytest.fixture(scope="module")
def measured():
    arms, rates = TRIAL.arms(), {"softmax": 0.003, "sigmoids": 0.01, "apart": 0.003}
    return {name: TRIAL.measured(arms[name], 64, rate) for name, rate in rates.items()}


@pytest.mark.parametrize("measure", [SUM, NOT_ONE, IMPOSSIBLE])
@pytest.mark.parametrize("arm", ["sigmoids", "apart"])
def test_ten_sigmoids_do_not_behave_as_classes_that_exclude_each_other(measured, arm, measure):
    assert bootstrap(measured[arm][measure]).low > 0.1


def test_their_largest_answer_is_as_good_as_that_of_a_softmax(measured):
    found = paired_difference(measured["sigmoids"][WRONG], measured["softmax"][WRONG])
    assert -0.02 < found.low <= found.high < 0.02


def test_but_their_probabilities_are_not(measured):
    assert paired_difference(measured["sigmoids"][NATS], measured["softmax"][NATS]).low > 0.02


def test_ten_nets_apart_are_no_worse_than_one_trunk(measured):
    assert paired_difference(measured["apart"][WRONG], measured["sigmoids"][WRONG]).high < 0.01
