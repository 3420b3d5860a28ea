"""Every arm tries as many settings, is tuned for the step at which it is read, and what it saves has the right sign."""

import numpy as np
import pytest

from mtl_tutor.experiments import NoiseByOptimizer, Result
from mtl_tutor.experiments.trial import LAST, STOPPED
from mtl_tutor.experiments.why.noise_as_regulariser.noise_by_optimizer import FINE_RATES, saved

SMALL = NoiseByOptimizer(seeds=20, first_seed=5000, tuning_seeds=4)


def test_every_arm_tries_as_many_settings():
    tried = {len(SMALL.variants(kind, "SGD")) * len(SMALL.lrs) for kind in ("noise", "decay")}
    assert tried == {len(SMALL.variants("alone", "SGD")) * len(FINE_RATES)}


def test_the_finer_grid_covers_the_coarse_one():
    assert FINE_RATES[0] <= SMALL.lrs[0]
    assert FINE_RATES[-1] >= SMALL.lrs[-1]


@pytest.mark.parametrize("by", ["SGD", "Adam"])
def test_the_arms_read_at_the_last_step_have_the_lowest_validation_error_there(monkeypatch, by):
    monkeypatch.setattr(NoiseByOptimizer, "widths", (4,))
    best, last = (SMALL.tune(f"alone, {by}, {read}") for read in ("best", "last"))
    assert best.error < last.error  # the best step can't be worse than the last
    arm = SMALL.arms()[f"alone, {by}, last"]
    history = SMALL.train(arm, SMALL.tuning_range(4), last.n_hidden, last.lr)
    assert history.last("validation")[:, 0].mean() == pytest.approx(last.error, rel=1e-5)


def test_half_of_the_error_saved_is_one_half():
    hypotheses = {one.id: one for one in NoiseByOptimizer.hypotheses}
    halves = {"noise, SGD, best": 1.0, "alone, SGD, best": 2.0, "decay, Adam, last": 3.0, "noise, Adam, last": 2.0}
    result = Result({name: {STOPPED: np.full(32, value), LAST: np.full(32, value)} for name, value in halves.items()}, n_blocks=4)
    assert saved(result, hypotheses["sgd"]).estimate == 0.5
    assert saved(result, hypotheses["adam-decay"]).estimate == -0.5
