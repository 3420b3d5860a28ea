"""More and fewer tasks beside one that stays the same."""

import numpy as np

from mtl_tutor.experiments import NumberOfTasks

TRIAL = NumberOfTasks(n_samples=6, n_features=10)


def test_the_first_task_is_the_same_whatever_stands_beside_it():
    first = TRIAL.draw(1)(5)
    for draw in (TRIAL.draw(4), TRIAL.draw(4, shared=False), TRIAL.draw()):
        labels = draw(5).test.y[:, 0]
        np.testing.assert_array_equal(labels, first.test.y[:, 0])


def test_each_task_has_samples_of_its_own_and_none_is_kept_that_nobody_asks_about():
    data = TRIAL.draw(4)(5)
    asked = np.isfinite(data.train.y)
    assert asked.sum(axis=0).tolist() == [6] * 4
    assert asked.sum(axis=1).tolist() == [1] * 24
    np.testing.assert_array_equal(data.train.x[:6], TRIAL.draw(1)(5).train.x)


def test_on_the_same_inputs_every_sample_answers_every_task():
    data = TRIAL.draw(separate=False)(5)
    assert np.isfinite(data.train.y).all()
    assert data.train.y.shape == (6, 16)


def test_unrelated_tasks_look_in_directions_of_their_own():
    def rank(data):
        weights = np.linalg.lstsq(data.test.x, data.test.y, rcond=None)[0]
        return np.linalg.matrix_rank(weights, tol=1e-6)

    assert rank(TRIAL.draw()(5)) == 2
    assert rank(TRIAL.draw(shared=False)(5)) == 10


def test_every_hypothesis_names_arms_that_there_are():
    arms = TRIAL.arms()
    assert {arm for h in TRIAL.hypotheses for arm in (h.treatment, h.reference)} <= set(arms)
    assert [arms[f"related, {n}"].label for n in (2, 16)] == ["2 related tasks", "16 related tasks"]
    assert arms["narrow"].n_hidden == 4
    assert arms["related, 16"].n_hidden is None
