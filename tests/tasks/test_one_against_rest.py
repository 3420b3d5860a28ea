"""Ten yes/no questions in the place of one with ten answers."""

import numpy as np
import pytest

from mtl_tutor.tasks import digits, only_tasks
from mtl_tutor.tasks.one_against_rest import one_against_rest


def test_exactly_one_answer_is_yes_and_it_is_the_class():
    data = digits(40, extra=["even"], n_images=60, seed=2)
    split = one_against_rest(data)
    for name, samples in split.splits().items():
        labels = data.splits()[name].y[:, 0]
        known = ~np.isnan(labels)
        np.testing.assert_array_equal(samples.y[known].sum(axis=1), 1)
        np.testing.assert_array_equal(samples.y[known].argmax(axis=1), labels[known])
        np.testing.assert_array_equal(samples.x, data.splits()[name].x)


def test_a_missing_label_is_missing_for_every_class():
    split = one_against_rest(digits(40, extra=["even"], n_images=60, seed=2))
    assert np.isnan(split.train.y[40:]).all()
    assert not np.isnan(split.train.y[:40]).any()
    assert [task.kind for task in split.tasks] == ["binary"] * 10


def test_any_multi_class_task_can_be_split():
    data = only_tasks(digits(40, extra=["even"], seed=2), [1, 0])
    np.testing.assert_array_equal(one_against_rest(data, task=1).train.y.argmax(axis=1), data.train.y[:, 1])


@pytest.mark.messages
@pytest.mark.parametrize("task", [1, 2, -1])
def test_what_has_no_classes_is_refused(task):
    with pytest.raises(ValueError, match="multi-class task"):
        one_against_rest(digits(40, extra=["even"], seed=2), task=task)
