"""Groups of tasks: cosines are exactly the planted ones, and two groups are opposites."""

import numpy as np
import pytest

from mtl_tutor.tasks.clusters import clusters


@pytest.mark.parametrize("knobs", [{}, {"opposite": -0.5}, {"within": 1.0}, {"within": 0.0}, {"n_groups": 1}, {"n_groups": 9}])
def test_weights_have_length_one_and_exactly_the_planted_cosines(knobs):
    truth = clusters(seed=3, **knobs).truth
    np.testing.assert_allclose(truth["weights"] @ truth["weights"].T, truth["correlation"], atol=1e-12)


def test_correlations_are_high_within_opposite_between_the_first_two_and_zero_elsewhere():
    truth = clusters(6, n_groups=3, within=0.8, opposite=-0.5).truth
    assert truth["group"].tolist() == [0, 0, 1, 1, 2, 2]
    assert truth["correlation"][0].tolist() == pytest.approx([1, 0.8, -0.4, -0.4, 0, 0])
    assert truth["correlation"][5].tolist() == pytest.approx([0, 0, 0, 0, 0.8, 1])


def test_noise_free_labels_correlate_as_planted():
    planted = clusters(n_samples=20_000, noise=0.0, seed=1)
    np.testing.assert_allclose(np.corrcoef(planted.data.train.y.T), planted.truth["correlation"], atol=0.03)
    np.testing.assert_allclose(planted.data.train.y, planted.data.train.x @ planted.truth["weights"].T)


def test_one_task_can_be_the_opposite_of_another():
    weights = clusters(3, n_groups=3, within=1.0).truth["weights"]
    np.testing.assert_allclose(weights[0], -weights[1], atol=1e-7)


def test_groups_are_as_equal_in_size_as_can_be():
    assert sorted(np.bincount(clusters(8, n_groups=3).truth["group"])) == [2, 3, 3]


def test_groups_are_turned_at_random():
    mean = np.mean([clusters(seed=seed).truth["weights"] for seed in range(400)], axis=0)
    assert np.abs(mean).max() < 0.06


@pytest.mark.parametrize("bad", [{"n_tasks": 2}, {"n_features": 8}, {"n_groups": 0}, {"within": 1.1}, {"within": -0.1}, {"opposite": -1.1}])
def test_groups_that_cannot_be_get_a_sentence(bad):
    with pytest.raises(ValueError, match=r"must .*; got"):
        clusters(**bad)
