"""The claims about codes and additions, on seeds that neither the settings nor the page have seen."""

import numpy as np
import pytest

from mtl_tutor.experiments._code_nets import WAYS
from mtl_tutor.experiments._new_curves import film_answers, found
from mtl_tutor.experiments.adapter_rank import AdapterRank
from mtl_tutor.experiments.task_codes import TaskCodes
from mtl_tutor.experiments.zero_shot import NET, ZeroShot
from mtl_tutor.statistics import relative_change

pytestmark = pytest.mark.claims
SEEDS = range(20_000, 20_024)


def rate(lr):
    return [lr] * len(SEEDS)


def test_two_numbers_each_beat_a_net_each_and_hold_the_plane_in_order():
    trial = TaskCodes(seeds=len(SEEDS), first_seed=SEEDS[0])
    alone = WAYS["alone"].train(trial.draw, SEEDS, 16, rate(0.03)).best().mean(axis=1)
    codes = WAYS["film"].train(trial.draw, SEEDS, 16, rate(0.03))
    assert relative_change(codes.best().mean(axis=1), alone).high < -0.3
    places = trial.places(codes)
    assert np.mean(places["plane"]) > 0.6
    assert np.mean(places["order"]) > 0.7


def test_new_curves_are_answered_inside_the_ring_and_nowhere_else():
    trial = ZeroShot(seeds=len(SEEDS), first_seed=SEEDS[0])
    history = NET.train(trial.draw, SEEDS, 16, rate(0.01))
    measured = trial.meet(history)
    assert relative_change(measured["told"], measured["zero"]).high < -0.5
    assert measured["told, shuffled"].mean() > 0.8 * measured["zero"].mean()
    assert relative_change(measured["found by 16"], measured["told"]).high < 0
    assert measured["found by 2"].mean() > measured["found by 8"].mean()
    assert measured["beyond"].mean() > 1.5 * measured["inside"].mean()
    assert measured["double"].mean() > 0.9 * measured["double, zero"].mean()
    assert measured["plane"].mean() > 0.7
    new = trial.new(history, [trial.planted(seed) for seed in SEEDS], None, 1.0)
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
