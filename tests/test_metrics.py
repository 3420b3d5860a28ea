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


GOOD = a_history(1.0, 2.0)
LOST = replace(GOOD, diverged=np.ones(2, dtype=bool))


@pytest.mark.messages
@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda: relative_gain(3, GOOD), r"^`history` must be a History; got 3\.$"),
        (lambda: relative_gain(GOOD, over=None), r"^`over` must be a History; got None\.$"),
        (lambda: relative_gain(GOOD, GOOD, split="best"), r"^`split` must be one of \['test'\]; got 'best'\."),
        (lambda: relative_gain(GOOD, GOOD, split=3), r"^`split` must be a string; got 3\.$|^`split` must be .*; got 3\.$"),
        (lambda: relative_gain(LOST, GOOD), r"^`history` must hold a net whose training stayed finite; all 2 diverged\."),
        (lambda: relative_gain(GOOD, LOST), r"^`over` must hold a net whose training stayed finite; all 2 diverged\."),
        (lambda: gradient_cosine(np.ones(3)), r"^`jacobian` must be an array of numbers \[task param\]; got an array of shape \(3,\)"),
        (lambda: gradient_cosine([["a", "b"]]), r"^`jacobian` must be an array of numbers \[task param\]; got \[\['a', 'b'\]\]\.$"),
        (lambda: gradient_cosine(np.array([[np.nan, 1.0]])), r"^`jacobian` must be finite; 1 entries are not\."),
        (lambda: representation_used(np.array([0.5, np.nan])), r"^`share_of_first` must lie in \[0, 1\]; some entries don't\."),
        (lambda: representation_used(np.array([2.0])), r"^`share_of_first` must lie in \[0, 1\]"),
        (lambda: representation_used(0.5), r"^`share_of_first` must be an array of numbers \[seed\]; got 0\.5\.$"),
        (lambda: representation_used(np.array([0.5]), threshold="a"), r"^`threshold` must be a number; got 'a'\.$"),
        (lambda: relevance_auc(np.ones(4), 2), r"^`strength` must be an array of numbers \[seed feature\]"),
        (lambda: relevance_auc(np.full((1, 4), np.nan), 2), r"^`strength` must be numbers; 4 entries are NaN\."),
        (lambda: relevance_auc(np.ones((1, 4)), 2.0), r"^`n_relevant` must be a whole number; got 2\.0\. Write 2\.$"),
        (lambda: learning_curves({}), r"^`histories` must hold at least one History; got none\.$"),
        (lambda: learning_curves(GOOD), r"^`histories` must be a dict; got a History\.$"),
        (lambda: learning_curves({"a": 3}), r"^`histories\['a'\]` must be a History; got 3\.$"),
        (lambda: learning_curves({"a": GOOD}, task=1), r"^`task` must be at most 0; got 1\.$"),
        (lambda: learning_curves({"a": GOOD}, task=-1), r"^`task` must be at least 0; got -1\.$"),
        (lambda: learning_curves({"a": GOOD}, split="all"), r"^`histories` must have looked at 'all' after the same steps"),
        (lambda: learning_curves({"a": LOST}), r"^`histories` must hold two or more nets whose training stayed finite; 'a' has 0\.$"),
        (lambda: learning_curves({"a": GOOD}, roles={"a": "nobody"}), r"^`roles\['a'\]` must be one of "),
        (lambda: learning_curves({"a": GOOD}, roles={"b": "main"}), r"^`roles` must be one of 'a'; got 'b'\."),
    ],
)
def test_odd_input_is_told_in_one_sentence(ask, sentence) -> None:
    with pytest.raises((ValueError, TypeError), match=sentence):
        ask()


def test_a_line_keeps_its_role_where_some_nets_diverged() -> None:
    some, good = replace(a_history(1.0, 2.0, 3.0), diverged=np.array([False, True, False])), a_history(1.0, 2.0, 3.0)
    curves = learning_curves({"a": some, "b": good}, roles={"a": "single_task"})
    assert list(curves.y) == ["a (1 of 3 diverged, left out)", "b"]
    assert curves.roles == {"a (1 of 3 diverged, left out)": "single_task"}


def test_lists_and_whole_numbers_are_arrays_too() -> None:
    assert gradient_cosine([[1, 0], [0, 2]]).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert representation_used([1, 0]).tolist() == [0, 1]
    assert relevance_auc([[5, 1, 2, 0]], np.int64(2)).tolist() == [0.75]
