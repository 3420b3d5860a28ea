"""Trees grown from representations: alike is what tells the same samples apart, however it is turned or scaled."""

import numpy as np
import pytest
import torch

from mtl_tutor.sharing import SingleTask
from mtl_tutor.sharing.branching import Branching
from mtl_tutor.sharing.tree import cut_tree, grow_tree, hidden_layers


def families(seed: int = 0, noise: float = 0.3) -> np.ndarray:
    """Four tasks, two families: what a family shares, and some of each one's own."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(2, 30, 6))
    return common[[0, 1, 0, 1]] + noise * rng.normal(size=(4, 30, 6))


def groups(found: np.ndarray) -> list[list[bool]]:
    return np.equal.outer(found, found).tolist()


def test_families_are_found():
    tree = grow_tree([families(0), families(1)], n_groups=[1, 2])
    assert groups(tree.groups[0]) == groups(np.zeros(4))
    assert groups(tree.groups[1]) == groups(np.array([0, 1, 0, 1]))
    assert tree.distance[0, 2] < tree.distance[0, 1] == tree.distance[2, 3]


def test_what_is_turned_and_scaled_alike_is_alike():
    one = families()[0]
    one = one - one.mean(axis=1, keepdims=True)
    axes = np.linalg.qr(np.column_stack([np.ones(6), np.random.default_rng(1).normal(size=(6, 5))]))[0][:, 1:]
    turned = 3 * (one @ axes) @ np.linalg.qr(np.random.default_rng(2).normal(size=(5, 5)))[0] @ axes.T
    assert grow_tree([np.stack([one, turned])], n_groups=[1]).dissimilarity[0, 0, 1] == pytest.approx(0, abs=1e-9)


def test_dissimilarity_is_one_minus_spearmans_correlation():
    from scipy.spatial.distance import pdist
    from scipy.stats import spearmanr

    layer = families()
    expected = 1 - spearmanr(*(pdist(hidden, "correlation") for hidden in layer[:2]))[0]
    assert grow_tree([layer], n_groups=[2]).dissimilarity[0, 0, 1] == pytest.approx(expected)


def test_samples_that_leave_all_units_silent_do_no_harm():
    layer = np.maximum(families(), 0)
    layer[:, 0] = 0
    assert np.isfinite(grow_tree([layer], n_groups=[2]).dissimilarity).all()


def test_what_grows_is_what_branching_keeps():
    tree = grow_tree([families(), families()], n_groups=[2, 3])
    net = Branching(3, (4, 4), 4, tree=tree.groups.tolist())
    assert [len(layer) for layer in net.branches] == [2, 3]
    assert net.inspect(torch.zeros(1, 3))["tree_distance"][0, 1] == 2


def test_groups_join_by_their_mean_distance_not_by_their_nearest():
    place = np.array([0, 1, 2.1, 3.3])
    assert groups(cut_tree(np.abs(place[:, None] - place), [2])[0]) == groups(np.array([0, 0, 1, 1]))


def test_hidden_layers_are_those_of_each_tasks_own_net():
    nets, x = SingleTask(3, (6, 4), 2), np.random.default_rng(0).normal(size=(5, 3))
    first, second = hidden_layers(nets, x)
    trunk = nets.nets[1].trunk
    low = torch.relu(trunk[0](torch.from_numpy(x).float()))
    np.testing.assert_allclose(first[1], low.detach(), rtol=1e-6)
    np.testing.assert_allclose(second[1], torch.relu(trunk[2](low)).detach(), rtol=1e-6)


def test_nobody_looks_into_a_trunk_of_ones_own():
    nets = SingleTask(3, 4, 2, trunk=torch.nn.Linear(3, 4))
    with pytest.raises(ValueError, match="`nets` must be perceptrons"):
        hidden_layers(nets, np.zeros((5, 3)))


@pytest.mark.parametrize("n_groups", [[2], [0, 2], [2, 1], [2, 5]])
def test_impossible_counts_get_a_sentence(n_groups):
    with pytest.raises(ValueError, match=r"`n_groups` must be 2 counts from 1 to 4, .*; got"):
        grow_tree([families(), families()], n_groups)


@pytest.mark.parametrize("few", [families()[:1], families()[:, :2]])
def test_one_task_or_two_samples_get_a_sentence(few):
    with pytest.raises(ValueError, match="`representations` must be of at least 2 tasks and 3 samples"):
        grow_tree([few], n_groups=[1])
