"""The claims about penalties on structures, on seeds that neither the settings nor the page have seen."""

import numpy as np
import pytest

from mtl_tutor.experiments.sharing.regularised_families.penalised_fits import chosen, errors_of
from mtl_tutor.experiments.sharing.regularised_families.structured_tasks import (
    GROUPS,
    INPUTS,
    MEAN,
    NOTHING,
    PARTLY,
    SUBSPACE,
    structured_tasks,
)
from mtl_tutor.experiments.sharing.regularised_families.structures import APART, OWN
from mtl_tutor.statistics import relative_change

pytestmark = pytest.mark.claims
N_SEEDS = 24
DRAW = structured_tasks(9, 30, 20, 1.0)


def risks(structure, *ways):
    rows = [errors_of(ways, DRAW[structure](seed)) for seed in range(20_000, 20_000 + N_SEEDS)]
    return {way: np.array([chosen(way, row) for row in rows]) for way in ways}


@pytest.mark.parametrize(
    ("structure", "rival"),
    [(MEAN, "trace norm"), (INPUTS, "dirty"), (PARTLY, "joint features"), (SUBSPACE, "clusters"), (GROUPS, "trace norm")],
)
def test_a_structures_own_penalty_beats_the_next_best_and_the_fits_apart(structure, rival):
    own, apart = OWN[structure], APART[structure]
    found = risks(structure, own, rival, apart)
    assert relative_change(found[own], found[rival]).high < 0
    assert relative_change(found[own], found[apart]).high < -0.1


def test_where_nothing_is_shared_nothing_is_gained_and_a_tie_without_a_ridge_does_harm():
    found = risks(NOTHING, "ridge", "mean", "trace norm", "joint features", "mean, no ridge")
    for way in ("mean", "trace norm", "joint features"):
        assert -0.02 < relative_change(found[way], found["ridge"]).estimate < 0.15
    assert relative_change(found["mean, no ridge"], found["ridge"]).low > 0.1


def test_what_is_not_charged_is_not_regularised():
    found = risks(MEAN, "least squares", "mean")
    assert relative_change(found["least squares"], found["mean"]).low > 3
