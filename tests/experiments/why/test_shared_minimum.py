"""The landscape of two parameters is a landscape, and preferences are checked."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from mtl_tutor.experiments import SharedMinimum, Tide, groups_read, valleys
from mtl_tutor.experiments.why.avoided_representations import CONSTRUCTIONS, LEAN, LEFT


@pytest.mark.parametrize("bad", [{"mild": 0.5}, {"mild": 4.0, "strong": 2.0}])
def test_the_strong_preference_must_be_stronger_than_the_mild_one(bad):
    with pytest.raises(ValueError, match="must"):
        SharedMinimum(**bad)


def test_a_net_reads_the_group_that_more_than_three_quarters_of_its_answers_follow():
    read = groups_read(np.array([[1.0, 0.8], [0.5, 0.1], [0.0, 0.0], [1.0, 0.2]]))
    assert read["T reads A"].tolist() == [True, False, False, True]
    assert read["T reads B"].tolist() == [False, False, True, False]
    assert read["T′ reads C (1) or A (-1)"].tolist() == [-1, 1, 1, 1]
    assert read["both read A"].tolist() == [True, False, False, False]


def test_ranks_are_taken_within_each_resample_and_ties_share_their_rank():
    lean = np.repeat([3.0, 2.0, 1.0, 0.0], 5)
    left = np.arange(20.0)
    measured = {name: {LEFT: np.array([x]), LEAN: np.array([y])} for name, x, y in zip(CONSTRUCTIONS, left, lean, strict=True)}
    found = Tide().decided(measured, {}).claim("what-t-leaves").measured
    assert found.estimate == pytest.approx(spearmanr(left, lean).statistic)
    rows = np.column_stack([left, lean])[np.random.default_rng(0).integers(20, size=(400, 20))]
    inside = [spearmanr(one[:, 0], one[:, 1]).statistic for one in rows]
    assert found.low == pytest.approx(np.quantile(inside, 0.025), abs=0.01)
    assert found.high == pytest.approx(np.quantile(inside, 0.975), abs=0.01)


def test_every_walk_over_the_valleys_goes_downhill():
    def height(u, v):
        d1, d2 = (u + 1) ** 2, (v - 1) ** 2
        return (u**2 - 1) ** 2 / 2 - 0.4 * u + d1 * d2 / (d1 + d2)

    picture = valleys(0.4)
    levels = height(picture.paths[..., 0], picture.paths[..., 1])
    assert (np.diff(levels, axis=1) < 1e-9).all()


def test_no_preference_leaves_a_and_a_strong_one_ends_in_b_and_c():
    free, forced = (np.bincount(valleys(preference).kinds, minlength=3) for preference in (0.0, 1.6))
    assert free[0] > 100
    assert forced[1] == 200


@pytest.mark.parametrize("bad", [{"n_starts": 0}, {"lr": 0.0}, {"weight": -1.0}])
def test_valleys_refuses(bad):
    with pytest.raises(ValueError, match="positive"):
        valleys(**bad)
