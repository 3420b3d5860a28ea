"""`compare`, on a case of the atlas and seeds that the atlas has not seen, tells the same story."""

import pytest

from mtl_tutor.comparison import compare
from mtl_tutor.experiments import read_atlas
from mtl_tutor.experiments.sharing.which_one.cases import CASES
from mtl_tutor.sharing import HardSharing

pytestmark = pytest.mark.claims


@pytest.mark.parametrize(("case", "sign"), [("p10-n60", 1), ("p0-n60", -1)])
def test_compare_tells_the_story_of_the_atlas(case, sign):
    here = CASES[case]
    found = compare(
        here.draw,
        [HardSharing],
        seeds=range(20_000, 20_032),
        n_hidden=here.capacity,
        steps=150,
        lr=(0.03, 0.1, 0.3),
        weight_decay=0.1,
        references=False,
    )
    gain, recorded = found["HardSharing"].gain, read_atlas().gain("HardSharing", case)
    assert sign * gain.estimate > 0
    assert sign * recorded.estimate > 0
    assert 100 * gain.low < recorded.high
    assert recorded.low < 100 * gain.high
