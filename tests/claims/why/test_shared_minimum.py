"""The claims of *Representation bias*, on seeds that neither the settings nor the page have seen."""

import numpy as np
import pytest

from mtl_tutor.experiments import Result, SharedMinimum, Tide
from mtl_tutor.statistics import Verdict, wilson

pytestmark = pytest.mark.claims


@pytest.fixture(scope="module")
def result() -> Result:
    return SharedMinimum(seeds=200, first_seed=20_000).run()


def test_together_both_tasks_usually_read_the_group_that_they_share(result):
    assert result.interval("joint", measure="both read A").low > 0.8


@pytest.mark.parametrize("control", ["alone", "copy", "other inputs", "shuffled"])
def test_no_control_comes_near(result, control):
    assert result.interval(control).high + 0.2 < result.interval("joint").low


def test_a_partner_with_shuffled_labels_pulls_only_if_it_never_sees_b(result):
    assert result.claim("trap").verdict is Verdict.REPRODUCED
    assert result.interval("shuffled").high < 0.5 < result.interval("shuffled, silent").low


def test_the_pull_fades_with_large_initial_weights():
    trials = [SharedMinimum(seeds=200, first_seed=20_000, init_scale=scale) for scale in (1.0, 0.05)]
    large, small = (wilson(trial.measured(trial.arm(), 16, 0.05)["T reads A"]) for trial in trials)
    assert large.high < small.low


def test_a_strong_preference_moves_the_partner_to_c_and_a_mild_one_to_a(result):
    assert result.claim("tide").verdict is Verdict.CONDITIONAL
    assert result.claim("tide-mild").verdict is Verdict.OPPOSITE


def test_the_partner_has_no_reason_to_avoid_a_once_c_is_seen(result):
    assert result.claim("tide-seen").verdict is not Verdict.REPRODUCED
    assert result.claim("cause").verdict is Verdict.REPRODUCED


def test_what_t_alone_leaves_behind_tells_where_the_partner_goes():
    result = Tide(seeds=40, first_seed=20_000).run()
    left, lean = np.array([[values.mean() for values in measures.values()] for measures in result.measured.values()]).T
    assert result.claim("what-t-leaves").measured.high < -0.6
    assert lean[left > 4].max() < 0 < lean[left < 0].min()


def test_no_net_is_counted_twice(result):
    for first, second in (("T reads A", "T reads B"), ("T′ reads A", "T′ reads C")):
        assert not (result.measured["joint"][first] & result.measured["joint"][second]).any()
