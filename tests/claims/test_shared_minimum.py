"""The claims of *Meet in the same valley*, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import SharedMinimum, SharedMinimumResult
from mtl_tutor.statistics import Verdict, wilson

pytestmark = pytest.mark.claims


@pytest.fixture(scope="module")
def result() -> SharedMinimumResult:
    return SharedMinimum(seeds=200, first_seed=20_000).run()


def verdict(result: SharedMinimumResult, name: str) -> Verdict:
    return next(claim.verdict for claim in result.claims if claim.id == f"shared-minimum-{name}")


def test_together_both_tasks_usually_read_the_group_that_they_share(result):
    assert wilson(result.uses("joint", "a") & result.uses("joint", "a", 1)).low > 0.8


@pytest.mark.parametrize("control", ["alone", "copy", "other inputs", "shuffled"])
def test_no_control_comes_near(result, control):
    assert wilson(result.uses(control, "a")).high + 0.2 < wilson(result.uses("joint", "a")).low


def test_a_partner_with_shuffled_labels_pulls_only_if_it_never_sees_b(result):
    assert verdict(result, "trap") is Verdict.REPRODUCED
    assert wilson(result.uses("shuffled", "a")).high < 0.5 < wilson(result.uses("shuffled, silent", "a")).low


def test_the_pull_fades_with_large_initial_weights():
    large, small = (SharedMinimum(seeds=200, first_seed=20_000, init_scale=scale).from_a()[:, 0] > 0.75 for scale in (1.0, 0.05))
    assert wilson(large).high < wilson(small).low


def test_a_strong_preference_moves_the_partner_to_c_and_a_mild_one_to_a(result):
    assert verdict(result, "tide") is Verdict.CONDITIONAL
    assert verdict(result, "tide-mild") is Verdict.REFUTED


def test_the_partner_has_no_reason_to_avoid_a_once_c_is_seen(result):
    assert verdict(result, "tide-seen") is not Verdict.REPRODUCED
    assert verdict(result, "cause") is Verdict.REPRODUCED


def test_every_net_is_counted_once(result):
    for task in (0, 1):
        assert sum(result.uses("joint", group, task).astype(int) for group in ("a", "other", "mixed")).tolist() == [1] * 200
