"""The claims about stitches, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import Stitches
from mtl_tutor.experiments.sharing.cross_stitch.stitches import CUT, SHARE
from mtl_tutor.statistics import bootstrap, paired_difference

pytestmark = pytest.mark.claims
TRIAL = Stitches(seeds=40, first_seed=20_000)


@pytest.fixture(scope="module")
def read():
    return {name: TRIAL.read(name) for name in ("unrelated", "same", "shuffled", "same, open")}


def test_stitches_order_tasks_by_their_relation(read):
    assert paired_difference(read["same"][SHARE], read["unrelated"][SHARE]).low > 0.03
    assert paired_difference(read["same"][SHARE], read["shuffled"][SHARE]).low > 0.03


def test_but_they_do_not_close_between_unrelated_tasks(read):
    assert bootstrap(read["unrelated"][SHARE]).low > 0.1
    assert bootstrap(read["unrelated"][CUT]).low > 0.1


def test_where_they_end_depends_on_where_they_start(read):
    assert paired_difference(read["same, open"][SHARE], read["same"][SHARE]).low > 0.05
