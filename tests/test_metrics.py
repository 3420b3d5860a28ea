"""Gain, gradient cosine and representation, on cases worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mtl_tutor.metrics import gradient_cosine, learning_curves, relative_gain, relevance_auc, representation_used
from mtl_tutor.results import History


def a_history(*errors):
    error = {"test": np.array(errors, dtype=float)[:, None, None]}
    n = len(errors)
    return History(np.arange(n), np.array([0]), ("T",), error, error, np.ones(n), np.zeros(n, dtype=bool), {})


def test_the_mean_gain_is_the_gain_of_the_means():
    gain = relative_gain(a_history(1.0, 2.0), over=a_history(3.0, 1.0))
    assert gain[:, 0].tolist() == [1.0, -0.5]
    assert gain.mean() == pytest.approx(1 - 1.5 / 2.0)


def test_gain_needs_the_same_seeds():
    other = replace(a_history(1.0, 2.0), seeds=np.array([5, 6]))
    with pytest.raises(ValueError, match="share seeds"):
        relative_gain(a_history(1.0, 2.0), over=other)


def test_gain_over_a_perfect_baseline_is_refused():
    with pytest.raises(ValueError, match="some error"):
        relative_gain(a_history(1.0, 2.0), over=a_history(0.0, 0.0))


def test_cosine_ignores_length_and_a_task_without_gradient_agrees_with_nobody():
    cosine = gradient_cosine(np.array([[1.0, 1.0], [5.0, 5.0], [0.0, 0.0]]))
    assert cosine[0, 1] == pytest.approx(1.0)
    assert np.isnan(cosine[0, 2])


def test_a_net_at_the_threshold_is_mixed():
    assert representation_used(np.array([0.75, 0.25, 0.76, 0.24])).tolist() == [-1, -1, 0, 1]
    with pytest.raises(ValueError, match="threshold"):
        representation_used(np.array([0.5]), threshold=0.4)


def test_the_ranking_of_inputs_is_the_area_under_the_roc_curve():
    strength = np.random.default_rng(0).integers(0, 6, size=(20, 9)).astype(float)  # with ties
    truth = np.arange(9) < 3
    expected = [roc_auc_score(truth, row) for row in strength]
    np.testing.assert_allclose(relevance_auc(strength, 3), expected)


@pytest.mark.messages
@pytest.mark.parametrize("n", [0, 9])
def test_a_ranking_needs_inputs_on_either_side(n):
    with pytest.raises(ValueError, match="n_relevant"):
        relevance_auc(np.ones((2, 9)), n)


@pytest.mark.messages
def test_no_history_has_no_learning_curve():
    with pytest.raises(ValueError, match="`histories` must hold at least one History; got none"):
        learning_curves({})
