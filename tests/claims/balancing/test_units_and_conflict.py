"""Units of losses and concave fronts, on seeds of their own."""

import numpy as np
import pytest

from mtl_tutor.experiments import ConcaveEnds, LossUnits

pytestmark = pytest.mark.claims


@pytest.fixture(scope="module")
def errors() -> dict[str, np.ndarray]:
    """The mean error on the first task, by arm, at one setting."""
    trial = LossUnits(seeds=48, first_seed=20_000, blocks=4)
    arms = trial.arms()
    chosen = ("equal", "equal, other units", "divided", "logarithms", "Nash-MTL", "PCGrad", "random")
    return {name: next(iter(trial.measured(arms[name], 8, 0.1).values())).mean() for name in chosen}


def test_a_loss_in_other_units_takes_the_trunk(errors):
    assert errors["equal, other units"] > 2 * errors["equal"]


@pytest.mark.parametrize("method", ["divided", "logarithms", "Nash-MTL"])
def test_who_knows_no_units_keeps_the_other_task(errors, method):
    assert errors[method] < 1.5 * errors["equal"]


@pytest.mark.parametrize("method", ["PCGrad", "random"])
def test_who_follows_units_loses_it(errors, method):
    assert errors[method] > 2 * errors["equal"]


def test_weighted_sums_end_at_the_ends_of_a_concave_front_and_smooth_chebyshev_between():
    result = ConcaveEnds(seeds=40, first_seed=20_000, blocks=4).run()
    share = {name: next(iter(result.measured[name].values())).mean() for name in ("sum", "smooth Chebyshev", "MGDA")}
    assert share["sum"] < 0.1
    assert share["smooth Chebyshev"] > 0.9
    assert share["MGDA"] > 0.7
