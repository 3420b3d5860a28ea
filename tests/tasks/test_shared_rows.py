"""The same inputs for all tasks: the rest has no weight, and the weights decide the labels."""

import numpy as np
import pytest

from mtl_tutor.tasks.shared_rows import shared_rows


def test_labels_without_noise_are_what_the_weights_say():
    planted = shared_rows(noise=0.0, seed=2)
    np.testing.assert_allclose(planted.data.validation.y, planted.data.validation.x @ planted.truth["weights"].T)


def test_every_task_reads_the_rows_and_nothing_else():
    truth = shared_rows(6, n_rows=3, seed=1).truth
    assert truth["rows"].sum() == 3
    assert ((truth["weights"] != 0) == truth["rows"]).all()


def test_which_inputs_matter_is_left_to_the_seed():
    rows = np.mean([shared_rows(2, 1, n_features=8, n_rows=2, seed=seed).truth["rows"] for seed in range(400)], axis=0)
    np.testing.assert_allclose(rows, 0.25, atol=0.08)


def test_strangers_read_as_many_inputs_each_but_other_ones():
    truth = shared_rows(6, n_rows=3, shared=False, seed=1).truth
    assert ((truth["weights"] != 0).sum(axis=1) == 3).all()
    np.testing.assert_array_equal(truth["rows"], (truth["weights"] != 0).any(axis=0))
    assert truth["rows"].sum() > 6


def test_weights_of_different_tasks_are_unrelated():
    weights = [shared_rows(2, 1, n_rows=4, seed=seed).truth["weights"] for seed in range(400)]
    assert np.mean([one @ other for one, other in weights]) == pytest.approx(0, abs=0.08)


@pytest.mark.parametrize("bad", [{"n_rows": 0}, {"n_rows": 31}])
def test_more_rows_than_inputs_get_a_sentence(bad):
    with pytest.raises(ValueError, match=r"`n_rows` must .*; got"):
        shared_rows(**bad)
