"""Averages of answers."""

import numpy as np
import pytest

from mtl_tutor.recipes import Network, TrainingConfig
from mtl_tutor.recipes.averaging import Averaging
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Task, sine_family

NUMBER, COIN, COLOUR = Task("number"), Task("coin", "binary"), Task("colour", "multiclass", 3)


def logit(p):
    return np.log(p / (1 - p))


def test_numbers_are_averaged():
    assert Averaging().joined(NUMBER, np.array([1.0, 2.0, 6.0]).reshape(3, 1, 1, 1)).tolist() == [[[3.0]]]


def test_probabilities_are_averaged_and_not_logits():
    found = Averaging().joined(COIN, logit(np.array([0.9, 0.1, 0.2])).reshape(3, 1, 1, 1))
    np.testing.assert_allclose(found, [[[logit(0.4)]]])
    three = np.log(np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])).reshape(2, 1, 1, 3) + 5  # logits are known up to a constant
    np.testing.assert_allclose(np.exp(Averaging().joined(COLOUR, three)), [[[0.4, 0.5, 0.1]]])


@pytest.mark.parametrize("task", [COIN, COLOUR], ids=lambda task: task.name)
def test_certain_members_do_not_overflow(task):
    answers = np.zeros((2, 1, 1, task.n_outputs))
    answers[:, 0, 0, 0] = 1e4, -1e4
    assert np.isfinite(Averaging().joined(task, answers)).all()


def test_members_of_other_kinds_share_as_they_do():
    data, plan = sine_family(n_tasks=2), TrainingConfig(n_hidden=(8,))
    assert Averaging().is_separate(data, plan)
    assert not Averaging(build=HardSharing).is_separate(data, plan)
    assert Averaging(build=HardSharing).name == "Averaging of HardSharing"


def test_an_ensemble_costs_what_its_members_cost():
    data, plan = sine_family(n_tasks=2), TrainingConfig(n_hidden=(8,))
    one, three = (Averaging(n, HardSharing).cost(data, plan) for n in (1, 3))
    assert one == Network(HardSharing).cost(data, plan)
    assert (three.parameters, three.multiply_adds) == (3 * one.parameters, 3 * one.multiply_adds)


def test_no_member_gets_a_sentence():
    with pytest.raises(ValueError, match="`n_members` must be at least 1; got 0"):
        Averaging(0)
