"""Two tasks that are the same or unrelated, alone and in one trunk."""

import numpy as np

from mtl_tutor.experiments import TrainedTooLong

TRIAL = TrainedTooLong()


def test_tasks_are_the_same_but_for_the_noise_or_look_in_unrelated_directions():
    same, unrelated = TRIAL.draw(1.0)(3), TRIAL.draw(0.0)(3)
    np.testing.assert_allclose(same.test.y[:, 0], same.test.y[:, 1], atol=1e-9)
    assert (same.train.y[:, 0] != same.train.y[:, 1]).all()
    assert abs(np.corrcoef(unrelated.test.y.T)[0, 1]) < 0.15


def test_alone_learns_from_the_same_labels_as_beside_the_same_task():
    arms = TRIAL.arms()
    np.testing.assert_array_equal(arms["alone"].data(3).train.y[:, 0], arms["same"].data(3).train.y[:, 0])
    assert arms["alone"].data(3).train.y.shape == (60, 1)


def test_every_hypothesis_names_arms_that_there_are():
    assert {arm for h in TRIAL.hypotheses for arm in (h.treatment, h.reference)} <= set(TRIAL.arms())
