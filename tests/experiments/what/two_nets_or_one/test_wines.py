"""Two questions about wines, from the outside."""

import numpy as np
import pytest

from mtl_tutor.experiments import Wines
from mtl_tutor.experiments.what.two_nets_or_one.wines import GRAPE, STRENGTH


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"n_wines": 10}, {"missing": 0.6}])
def test_impossible_settings_are_refused(bad):
    with pytest.raises(ValueError, match="must"):
        Wines(**bad)


def test_both_nets_and_the_joint_one_learn_from_the_same_wines():
    arms = Wines().arms()
    grape, strength, joint = (arms[name].data(7) for name in ("grape", "strength", "joint"))
    np.testing.assert_array_equal(joint.train.y, np.hstack([grape.train.y, strength.train.y]))
    np.testing.assert_array_equal(joint.test.x, grape.test.x)


def test_the_control_deals_out_grapes_and_leaves_the_strengths():
    true, dealt = (Wines().arms()[name].data(7).train.y for name in ("joint", "shuffled"))
    np.testing.assert_array_equal(true[:, 1], dealt[:, 1])
    assert not np.array_equal(true[:, 0], dealt[:, 0], equal_nan=True)
    np.testing.assert_array_equal(np.sort(true[:, 0]), np.sort(dealt[:, 0]))


def test_an_arm_is_judged_on_the_questions_that_it_was_asked():
    trial = Wines(seeds=20)
    judged = {name: set(trial.measured(arm, 4, 0.03)) for name, arm in trial.arms().items()}
    assert judged == {"grape": {GRAPE}, "strength": {STRENGTH}, "joint": {GRAPE, STRENGTH}, "shuffled": {GRAPE, STRENGTH}}
