"""Bootstraps."""

import numpy as np
import pytest

from mtl_tutor.recipes.bagging import Bagging, bootstrap_of
from mtl_tutor.tasks import Samples, Task, TaskData


def numbered(n=50, n_labels=50):
    """Samples that carry their number as input and as label."""
    x = np.arange(float(n))[:, None]
    y = np.hstack([x, -x])
    y[n_labels:, 1] = np.nan
    return TaskData((Task("a"), Task("b")), Samples(x, y), Samples(x, y), Samples(x, y))


def test_a_bootstrap_keeps_samples_whole_and_draws_some_twice():
    data = numbered()
    drawn = bootstrap_of(data, seed=0)
    np.testing.assert_array_equal(drawn.train.y, np.hstack([drawn.train.x, -drawn.train.x]))
    assert len(drawn.train) == 50
    assert 25 <= len(np.unique(drawn.train.x)) <= 40  # 1 - 1/e of them on average
    assert drawn.validation is data.validation
    assert drawn.test is data.test


def test_every_member_and_seed_has_a_bootstrap_of_its_own_which_never_changes():
    drawn = {(seed, number): tuple(bootstrap_of(numbered(), seed, number).train.x.ravel()) for seed in range(3) for number in range(3)}
    assert len(set(drawn.values())) == 9
    assert drawn[1, 2] == tuple(bootstrap_of(numbered(), 1, 2).train.x.ravel())


def test_no_bootstrap_leaves_a_task_without_label():
    few = numbered(n_labels=1)  # a plain bootstrap misses the only label in 36% of draws
    for seed in range(40):
        assert not np.isnan(bootstrap_of(few, seed).train.y[:, 1]).all()


def test_too_few_labels_get_a_sentence():
    n = 60
    only = np.where(np.eye(n) > 0, 1.0, np.nan)  # every task has one label, and 60 have to be drawn at once
    samples = Samples(np.arange(float(n))[:, None], only)
    data = TaskData(tuple(Task(str(task)) for task in range(n)), samples)
    with pytest.raises(ValueError, match="`data` must have enough labels per task for a bootstrap"):
        bootstrap_of(data, 0)


def test_bagging_refuses_no_member():
    with pytest.raises(ValueError, match="`n_members` must be at least 1; got -1"):
        Bagging(-1)
