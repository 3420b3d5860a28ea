"""Wavy pairs: directions have the planted cosine, labels follow the paper's formula, and resemble each other the more."""

import numpy as np
import pytest

from mtl_tutor.tasks.task_pairs import task_pairs


@pytest.mark.parametrize("correlation", [-1.0, 0.0, 0.3, 1.0])
def test_weights_have_the_length_and_cosine_asked_for(correlation):
    weights = task_pairs(correlation=correlation, scale=0.5, seed=1).truth["weights"]
    np.testing.assert_allclose(weights @ weights.T, 0.25 * np.array([[1, correlation], [correlation, 1]]), atol=1e-12)


def test_labels_are_a_line_and_waves_along_each_direction():
    planted = task_pairs(n_waves=3, noise=0.0, seed=2)
    z = planted.data.train.x @ planted.truth["weights"].T
    np.testing.assert_allclose(planted.data.train.y, z + np.sin(z) + np.sin(2 * z + 1) + np.sin(3 * z + 4))


def test_labels_resemble_each_other_the_more_the_directions_agree():
    measured = [task_pairs(correlation=p, seed=3).truth["label_correlation"][0, 1] for p in (0.0, 0.4, 0.8, 1.0)]
    assert measured[0] == pytest.approx(0, abs=0.03)
    assert measured[1] + 0.1 < measured[2] < measured[3] - 0.1
    assert measured[3] == pytest.approx(1)


def test_the_measured_correlation_is_that_of_the_noise_free_labels():
    planted = task_pairs(3, 20_000, correlation=0.7, noise=0.0, seed=4)
    np.testing.assert_allclose(np.corrcoef(planted.data.train.y.T), planted.truth["label_correlation"], atol=0.03)
    assert task_pairs(1).truth["label_correlation"].tolist() == [[1.0]]


def test_three_tasks_agree_by_twos():
    weights = task_pairs(3, correlation=-0.5).truth["weights"]
    np.testing.assert_allclose(weights @ weights.T, 1.5 * np.eye(3) - 0.5, atol=1e-7)


@pytest.mark.parametrize(
    "bad", [{"correlation": 1.1}, {"correlation": -0.6, "n_tasks": 3}, {"n_waves": 0}, {"scale": 0.0}, {"n_features": 1}]
)
def test_pairs_that_cannot_be_get_a_sentence(bad):
    with pytest.raises(ValueError, match=rf"`{next(iter(bad))}` must .*; got"):
        task_pairs(**bad)
