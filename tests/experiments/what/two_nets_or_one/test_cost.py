"""Counting what training took, by hand."""

import numpy as np

from mtl_tutor.experiments import CostOfSharing, cost_to_target
from mtl_tutor.experiments.what.two_nets_or_one.cost import LEARNED, OTHER_STARTS, SPENT, STEPS, Mixtures, target_errors
from mtl_tutor.results import History

TRIAL = CostOfSharing(seeds=20, first_seed=0)


def history(error):
    """A history of two seeds, three looks and two tasks, whose validation errors are given."""
    error = {"validation": np.array(error, dtype=float)}
    return History(np.arange(2), np.array([0, 10, 20]), ("a", "b"), error, error, np.ones(2), np.zeros(2, bool), {})


HISTORY = history([[[9, 9], [1, 9], [5, 2]], [[0, 9], [9, 9], [9, 9]]])  # seed 0: task a at step 10, b at 20; seed 1: a at 0, b never
TARGET = np.array([[1.0, 3.0], [1.0, 3.0]])
NET = TRIAL.net(Mixtures(2, 60)(0), 4)  # 15·4 products, then 4 for each of two tasks


def test_a_shared_net_trains_until_its_last_task_is_learned():
    took = cost_to_target(HISTORY, TARGET, 60, NET, shared=True)
    np.testing.assert_array_equal(took[STEPS], [20, 20])
    np.testing.assert_array_equal(took[LEARNED], [True, False])
    np.testing.assert_allclose(took[SPENT], 3 * 60 * 68 * np.array([20, 20]) / 1e6)


def test_a_net_for_each_task_stops_with_its_own():
    took = cost_to_target(HISTORY, TARGET, 60, NET, shared=False)
    np.testing.assert_array_equal(took[STEPS], [20, 20])
    np.testing.assert_allclose(took[SPENT], 3 * 60 * 64 * np.array([10 + 20, 0 + 20]) / 1e6)


def test_a_net_that_diverged_has_learned_nothing():
    took = cost_to_target(history(np.full((2, 3, 2), np.nan)), TARGET, 60, NET, shared=True)
    assert not took[LEARNED].any()
    assert set(took[STEPS]) == {20}


def test_the_target_comes_from_nets_that_start_elsewhere_on_the_same_data():
    draw = Mixtures(8, 60)
    np.testing.assert_array_equal(draw(5).train.y, draw(2 * OTHER_STARTS + 5).train.y)
    target = target_errors(TRIAL, draw, (3, 5))
    assert target.shape == (2, 8)
    np.testing.assert_array_equal(target[1], target_errors(TRIAL, draw, (5,))[0])
    own = TRIAL.train(TRIAL.arms()["separate"], np.array([3, 5]), 16, 0.05).best("validation")
    assert (np.abs(own - target) > 0).all()
    np.testing.assert_allclose(own, target, rtol=0.6)


def test_tuning_prefers_a_dearer_net_that_learns_to_a_cheap_one_that_does_not(monkeypatch):
    def counted(self, arm, seeds, n_hidden, lr):
        cheap = lr < 0.03
        return {SPENT: np.where(cheap, 1.0, 10.0 * n_hidden + lr), LEARNED: ~cheap}

    monkeypatch.setattr(CostOfSharing, "counted", counted)
    setting = TRIAL.tune("one, cheapest")
    assert (setting.n_hidden, setting.lr, setting.at_edge) == (1, 0.05, False)
    assert TRIAL.tune("one").n_hidden == 16

