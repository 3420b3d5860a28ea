"""The claims about the atlas, on seeds that neither the settings nor the page have seen; those of them that are cheap."""

import numpy as np
import pytest

from mtl_tutor.experiments._contest import ALONE, WIDE
from mtl_tutor.experiments.which_one import CORNERS, PLAIN, PLENTY, RELATED, STRANGERS, WhichOne
from mtl_tutor.sharing import HardSharing
from mtl_tutor.statistics import paired_difference, relative_change

pytestmark = pytest.mark.claims


@pytest.fixture(scope="module")
def errors():
    trial = WhichOne(seeds=64, first_seed=20_000)
    with pytest.MonkeyPatch.context() as patch:
        for corner, (relatedness, n_samples, _) in CORNERS.items():
            patch.setitem(CORNERS, corner, (relatedness, n_samples, (HardSharing,)))
        return {corner: {name: one.test.mean(axis=1) for name, one in trial.judged(corner).items()} for corner in CORNERS}


def change(errors, corner, more, less):
    return relative_change(errors[corner][more], errors[corner][less])


def test_one_trunk_gains_where_all_is_shared_and_not_by_its_width(errors):
    assert change(errors, RELATED, "HardSharing", ALONE).high < -0.33
    assert change(errors, RELATED, "HardSharing", WIDE).high < -0.33


def test_among_strangers_it_does_harm_unless_the_baseline_has_no_weight_decay(errors):
    assert change(errors, STRANGERS, "HardSharing", ALONE).low > 0.2
    assert change(errors, STRANGERS, PLAIN, ALONE).low > 0.5
    assert change(errors, STRANGERS, "HardSharing", PLAIN).high < -0.1


def test_with_plenty_of_samples_the_share_stays_and_the_amount_goes(errors):
    assert change(errors, PLENTY, "HardSharing", ALONE).high < -0.1
    assert paired_difference(errors[PLENTY][ALONE], errors[PLENTY]["HardSharing"]).low > 0
    assert paired_difference(errors[PLENTY][ALONE], errors[PLENTY]["HardSharing"]).high < 0.02
    assert np.mean(errors[PLENTY][ALONE]) < 0.05
