"""The claims about codes and additions, on seeds that neither the settings nor the page have seen."""

import numpy as np
import pytest

from mtl_tutor.experiments import AdapterRank, TaskCodes, ZeroShot
from mtl_tutor.experiments.sharing.conditioning.code_nets import KINDS
from mtl_tutor.experiments.sharing.conditioning.new_curves import film_answers, found
from mtl_tutor.experiments.sharing.conditioning.task_codes import ERROR, ORDER, PLANE
from mtl_tutor.experiments.sharing.conditioning.zero_shot import NET, SHARE
from mtl_tutor.statistics import relative_change

pytestmark = pytest.mark.claims
SEEDS = range(20_000, 20_024)


def test_two_numbers_each_beat_a_net_each_and_hold_the_plane_in_order():
    trial = TaskCodes(seeds=len(SEEDS), first_seed=SEEDS[0])
    alone = KINDS["alone"].train(trial.draw, SEEDS, 16, 0.03).best().mean(axis=1)
    codes = KINDS["film"].train(trial.draw, SEEDS, 16, 0.03)
    assert relative_change(codes.best().mean(axis=1), alone).high < -0.3
    places = trial.places(codes)
    assert np.mean(places[PLANE]) > 0.6
    assert np.mean(places[ORDER]) > 0.7


def test_new_curves_are_answered_inside_the_ring_and_nowhere_else():
    trial = ZeroShot(seeds=len(SEEDS), first_seed=SEEDS[0])
    history = NET.train(trial.draw, SEEDS, 16, 0.01)
    measured = trial.meet(history)
    errors = {name: measures[ERROR] for name, measures in measured.items() if ERROR in measures}
    assert relative_change(errors["told"], errors["zero"]).high < -0.5
    assert errors["told, shuffled"].mean() > 0.8 * errors["zero"].mean()
    assert relative_change(errors["found by 16"], errors["told"]).high < 0
    assert errors["found by 2"].mean() > errors["found by 8"].mean()
    assert measured["told, large amplitude"][SHARE].mean() > 1.5 * measured["told"][SHARE].mean()
    assert errors["found by 16, double frequency"].mean() > 0.9 * errors["zero, double frequency"].mean()
    assert measured["told"][PLANE].mean() > 0.7
    new = trial.new(history, [trial.planted(seed) for seed in SEEDS])
    fitted = (film_answers(history, found(history, new, 8), new.x_few) - new.y_few) ** 2
    assert fitted[..., :8].mean() < fitted[..., 8:].mean()


def test_the_planted_rank_is_the_best_one_and_validation_finds_a_low_one():
    claims = {c.id.removeprefix("adapter-rank-"): c.measured for c in AdapterRank(seeds=40, first_seed=20_000).run().claims}
    assert claims["alone"].high < -0.4
    assert claims["below"].low > 0.5
    assert claims["above"].low > 0.2
    assert claims["found-1"].estimate > 0.95
    assert claims["found-2"].estimate > 0.95
    assert claims["found-4"].estimate < 0.8
    assert claims["full-rank"].low > 0.1
    assert claims["shuffled"].low > 0
