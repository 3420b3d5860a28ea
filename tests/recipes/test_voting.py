"""Votes."""

import numpy as np
import pytest

from mtl_tutor.recipes.voting import Voting
from mtl_tutor.tasks import Task

NUMBER, COIN, COLOUR = Task("number"), Task("coin", "binary"), Task("colour", "multiclass", 3)


def test_an_odd_one_out_is_not_heard():
    assert Voting().joined(NUMBER, np.array([1.0, 2.0, 600.0]).reshape(3, 1, 1, 1)).tolist() == [[[2.0]]]
    assert Voting().joined(COIN, np.array([0.1, 0.1, -900.0]).reshape(3, 1, 1, 1)) > 0


def test_a_class_with_more_votes_wins_against_a_surer_one():
    ballots = np.array([[1.0, 0.9, 0.0], [1.0, 0.9, 0.0], [0.0, 99.0, 0.0]]).reshape(3, 1, 1, 3)
    found = Voting().joined(COLOUR, ballots)
    assert found.argmax(axis=-1) == 0
    np.testing.assert_allclose(np.exp(found), [[[3 / 6, 2 / 6, 1 / 6]]])


def test_a_tie_goes_to_the_first_class():
    assert Voting().joined(COLOUR, np.eye(3)[[2, 1]].reshape(2, 1, 1, 3)).argmax(axis=-1) == 1
    assert not Voting().joined(COIN, np.array([1.0, -1.0]).reshape(2, 1, 1, 1)) > 0


@pytest.mark.parametrize("task", [NUMBER, COIN, COLOUR], ids=lambda task: task.name)
def test_members_of_one_mind_answer_as_each_of_them(task):
    one = np.random.default_rng(0).normal(size=(1, 4, 6, task.n_outputs))
    found = Voting().joined(task, np.repeat(one, 5, axis=0))
    if task.kind == "regression":
        np.testing.assert_array_equal(found, one[0])
    elif task.kind == "binary":
        np.testing.assert_array_equal(found > 0, one[0] > 0)
    else:
        np.testing.assert_array_equal(found.argmax(axis=-1), one[0].argmax(axis=-1))
