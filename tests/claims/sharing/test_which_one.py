"""The claims about the atlas, on seeds that neither the settings nor the page have seen; those of them that are cheap."""

import numpy as np
import pytest

from mtl_tutor.experiments import WhichOne
from mtl_tutor.experiments.sharing.which_one.which_one import CORNERS, ERROR
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import paired_difference, relative_change

pytestmark = pytest.mark.claims


ALONE, WIDE, PLAIN = "single-task", "single-task, wide", "single-task, no decay"


@pytest.fixture(scope="module")
def errors():
    trial = WhichOne(seeds=64, first_seed=20_000)
    with pytest.MonkeyPatch.context() as patch:
        for corner, (relatedness, n_samples, _) in CORNERS.items():
            patch.setitem(CORNERS, corner, (relatedness, n_samples, (HardSharing,)))
        measured = trial.measure_all({name: trial.tune(name) for name in trial.tuned()})
        return {name: measures[ERROR] for name, measures in measured.items()}


def change(errors, corner, treatment, reference):
    return relative_change(errors[f"{corner}: {treatment}"], errors[f"{corner}: {reference}"])


def test_one_trunk_gains_where_all_is_shared_and_not_by_its_width(errors):
    assert change(errors, "related", "HardSharing", ALONE).high < -0.33
    assert change(errors, "related", "HardSharing", WIDE).high < -0.33


def test_among_strangers_it_does_harm_unless_the_baseline_has_no_weight_decay(errors):
    assert change(errors, "strangers", "HardSharing", ALONE).low > 0.2
    assert change(errors, "strangers", PLAIN, ALONE).low > 0.5
    assert change(errors, "strangers", "HardSharing", PLAIN).high < -0.1


def test_with_plenty_of_samples_the_share_stays_and_the_amount_goes(errors):
    assert change(errors, "plenty", "HardSharing", ALONE).high < -0.1
    assert paired_difference(errors["plenty: single-task"], errors["plenty: HardSharing"]).low > 0
    assert paired_difference(errors["plenty: single-task"], errors["plenty: HardSharing"]).high < 0.03
    assert np.mean(errors["plenty: single-task"]) < 0.05
