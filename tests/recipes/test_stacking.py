"""Folds, and the second fit."""

import numpy as np
import pytest

from mtl_tutor.recipes import TrainingConfig
from mtl_tutor.recipes.stacking import Stacking, folds_of
from mtl_tutor.tasks import Samples, Task, TaskData, sine_family


def table(known, group=None):
    y = np.where(known, 1.0, np.nan)
    return TaskData(tuple(Task(str(task)) for task in range(y.shape[1])), Samples(np.zeros((len(y), 1)), y, group))


def test_folds_are_of_equal_size_and_drawn_by_the_seed():
    data = table(np.ones((50, 2)))
    folds = folds_of(data, 5, seed=0)
    assert np.bincount(folds).tolist() == [10] * 5
    assert (folds != folds_of(data, 5, seed=1)).any()
    np.testing.assert_array_equal(folds, folds_of(data, 5, seed=0))


def test_a_task_with_few_samples_of_its_own_has_them_in_different_folds():
    known = np.zeros((63, 2), dtype=bool)
    known[:60, 0] = known[60:, 1] = True
    for seed in range(20):
        folds = folds_of(table(known), 5, seed)
        assert len(set(folds[60:])) == 3
        assert np.bincount(folds[:60]).tolist() == [12] * 5


def test_what_belongs_together_lies_in_one_fold():
    group = np.repeat(np.arange(10), 4)
    folds = folds_of(table(np.ones((40, 1)), group), 5, seed=0).reshape(10, 4)
    assert (folds == folds[:, :1]).all()
    assert np.bincount(folds[:, 0]).tolist() == [2] * 5


def test_a_task_with_one_label_gets_a_sentence_before_anything_is_trained():
    known = np.ones((20, 2), dtype=bool)
    known[1:, 1] = False
    one = table(known)
    data = TaskData(one.tasks, one.train, one.train, one.train)
    with pytest.raises(ValueError, match=r"`n_folds` must leave task '1' labels outside every fold; they all lie in one of 5"):
        Stacking().run(data, [0], [0.01], TrainingConfig(n_hidden=(4,), steps=5))


@pytest.mark.parametrize("bad", [{"n_folds": 1}, {"strengths": ()}, {"strengths": (-1.0, 1.0)}, {"strengths": (float("nan"),)}])
def test_impossible_settings_get_a_sentence(bad):
    with pytest.raises(ValueError, match=r"must (be|hold)"):
        Stacking(**bad)


def test_stacking_stores_the_nets_and_the_correction():
    data, plan = sine_family(n_tasks=3), TrainingConfig(n_hidden=(8,))
    nets = 3 * (8 + 8 + 8 + 1)
    assert Stacking().cost(data, plan).parameters == nets + 3 * (3 + 1)
    assert not Stacking().is_separate(data, plan)
