"""The claims about fits apart and their combinations, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import CurdsAndWheyExperiment

pytestmark = pytest.mark.claims


@pytest.fixture(scope="module")
def result():
    return CurdsAndWheyExperiment(seeds=100, first_seed=20_000).run()


@pytest.mark.parametrize("worse", ["apart", "ridge", "each shrunk", "shuffled", "plain form"])
def test_where_tasks_are_related_curds_and_whey_beats_everything_apart(result, worse):
    assert result.interval("curds and whey", worse, "related", relative=True).high < -0.1


def test_stacking_learns_from_other_tasks_too(result):
    assert result.interval("stacked", "apart", "related", relative=True).high < -0.1


def test_bags_and_means_do_not(result):
    assert result.interval("bagged", "apart", "related", relative=True).low > -0.05
    assert result.interval("averaged", "apart", "related", relative=True).low > 1


def test_where_tasks_are_unrelated_it_does_harm_against_ridge_only(result):
    assert result.interval("curds and whey", "apart", "unrelated", relative=True).high < 0.05
    assert result.interval("curds and whey", "ridge", "unrelated", relative=True).low > 0.05
    assert result.interval("stacked", "apart", "unrelated", relative=True).low > 0.05


def test_noise_in_common_is_worth_something_against_least_squares(result):
    assert result.interval("curds and whey", "apart", "common noise", relative=True).high < -0.1
