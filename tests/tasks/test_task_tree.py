"""Branching tasks: labels have as many features as there are branches, and distances are those of a tree."""

import numpy as np
import pytest

from mtl_tutor.tasks.task_tree import task_tree

DEEP = [[0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 2, 2]]


def n_functions(labels):
    """How many functions of the inputs, a constant apart, the labels are made of."""
    return np.linalg.matrix_rank(labels - labels.mean(axis=0), tol=1e-8)


def test_tasks_of_one_branch_mix_the_same_units():
    y = task_tree(12, n_units=2, tree=[[0] * 12, [0] * 6 + [1] * 6], seed=1).data.test.y
    assert n_functions(y[:, :6]) == n_functions(y[:, 6:]) == 2
    assert n_functions(y) == 4


@pytest.mark.parametrize(("row", "n"), [([0] * 6, 2), ([0, 0, 0, 1, 1, 1], 4), ([0, 0, 1, 1, 2, 2], 6)])
def test_the_first_layer_has_units_for_every_branch(row, n):
    assert n_functions(task_tree(6, tree=[row]).data.test.y) == n


def test_one_layer_bends_a_projection_of_the_inputs_and_two_make_waves_of_it():
    """A bent line is odd, so that labels change sign with the inputs; waves with a shift don't."""
    for tree, odd in (([[0, 0]], True), ([[0, 0], [0, 1]], False)):
        data = task_tree(2, 20_000, n_features=2, n_units=1, tree=tree, noise=0.0, separate=False).data.train
        even_part = np.abs(np.mean(data.y * (data.x**2 - 1).sum(axis=1, keepdims=True), axis=0)).max()
        assert (even_part < 0.05) == odd


def test_distances_count_what_two_tasks_do_not_share():
    distance = task_tree(6, tree=DEEP).truth["distance"]
    assert distance[0].tolist() == [0, 1, 2, 2, 3, 3]
    assert distance[5].tolist() == [3, 3, 3, 3, 1, 0]


@pytest.mark.parametrize("tree", [DEEP, None, [[0, 1, 1, 1, 2, 2], [0, 1, 1, 2, 3, 4]]])
def test_distances_are_those_of_a_tree(tree):
    """In a tree the longest two of any three distances are equal: an ultrametric."""
    distance = task_tree(6, tree=tree).truth["distance"]
    assert (distance == distance.T).all()
    assert (distance[:, None, :] <= np.maximum(distance[:, :, None], distance[None])).all()
    assert ((distance == 0) == np.eye(6, dtype=bool)).all()


def test_the_given_tree_is_the_truth_and_the_default_pairs_neighbours():
    assert task_tree(6, tree=DEEP).truth["tree"].tolist() == DEEP
    assert task_tree(5).truth["tree"].tolist() == [[0, 0, 0, 0, 0], [0, 0, 1, 1, 2]]


def test_labels_are_standardised():
    y = task_tree(n_samples=20_000, noise=0.0, separate=False).data.train.y
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=0.06)
    np.testing.assert_allclose(y.std(axis=0), 1, atol=0.05)


@pytest.mark.messages
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"tree": []}, "one branch per task, 8"),
        ({"tree": [[0, 0, 0]]}, "one branch per task, 8"),
        ({"tree": [[0, 0, 2, 2]], "n_tasks": 4}, "without gaps"),
        ({"tree": [[-1, 0, 0, 0]], "n_tasks": 4}, "without gaps"),
        ({"tree": [[0, 0, 1, 1], [0, 1, 1, 0]], "n_tasks": 4}, "layer 2 joins"),
        ({"n_units": 7}, "at most `n_features`"),
    ],
)
def test_trees_that_are_none_get_a_sentence(bad, message):
    with pytest.raises(ValueError, match=message):
        task_tree(**bad)
