"""The claims about layers and cascades, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import LowSupervision
from mtl_tutor.experiments.trial import STOPPED
from mtl_tutor.statistics import relative_change

pytestmark = pytest.mark.claims
TRIAL = LowSupervision(seeds=64, first_seed=20_000)
CHOSEN = {"alone": 0.1, "low": 0.1, "top": 0.03, "cascade": 0.03, "in turn": 0.03, "frozen": 0.03, "stranger": 0.1, "shuffled": 0.1}


@pytest.fixture(scope="module")
def narrow():
    return {name: TRIAL.measured(TRIAL.arms()[name], 6, lr)[STOPPED] for name, lr in CHOSEN.items()}


@pytest.fixture(scope="module")
def wide():
    chosen = {"low": 0.1, "top": 0.03, "cascade": 0.03}
    return {name: TRIAL.measured(TRIAL.arms()[name], 32, lr)[STOPPED] for name, lr in chosen.items()}


def test_a_needed_helper_saves_a_quarter_or_more_wherever_it_stands(narrow):
    for place in ("low", "top", "cascade", "in turn"):
        assert relative_change(narrow[place], narrow["alone"]).high < -0.2, place
    assert relative_change(narrow["frozen"], narrow["alone"]).high < 0


def test_without_the_answer_there_is_nothing_to_save(narrow):
    for control in ("stranger", "shuffled"):
        assert relative_change(narrow["low"], narrow[control]).high < -0.4
        assert relative_change(narrow[control], narrow["alone"]).estimate > 0


def test_in_wide_nets_the_order_is_another(narrow, wide):
    assert relative_change(narrow["cascade"], narrow["top"]).low > 0
    assert relative_change(wide["cascade"], wide["top"]).high < 0
    assert relative_change(wide["low"], wide["top"]).low > 0
    assert relative_change(narrow["top"], wide["cascade"]).high < 0
