"""Planted trees: what counts as found, and where the numbers come from."""

from itertools import product

import numpy as np
import pytest

from mtl_tutor.experiments import PlantedTree, are_pairs


def test_only_the_planted_pairs_are_right_whatever_their_names():
    right = [groups for groups in product(range(4), repeat=4) if are_pairs(np.array(groups))]
    assert all(a == b != c == d for a, b, c, d in right)
    assert len(right) == 4 * 3


def test_guessing_finds_one_partition_into_two_in_seven():
    partitions = {tuple(np.equal.outer(g, g).ravel()) for g in product((0, 1), repeat=4) if len(set(g)) == 2}
    right = [groups for groups in product((0, 1), repeat=4) if are_pairs(np.array(groups))]
    assert (len(partitions), len(right)) == (7, 2)


def test_labels_that_differ_in_noise_only_are_paired(monkeypatch):
    """Each pair one task twice: then the correlations of the labels must find them."""
    trial = PlantedTree(seeds=20)
    data = trial.draw(1000)
    doubled = data.train.y[:, [0, 0, 2, 2]] + 0.1 * np.random.default_rng(0).normal(size=(300, 4))
    monkeypatch.setattr(PlantedTree, "draw", lambda self, seed, n: type("", (), {"train": type("", (), {"y": doubled})}))
    assert trial.by_labels(300).all()
    doubled[:, 1] *= -1
    assert trial.by_labels(300).all()


@pytest.mark.slow
def test_every_net_of_a_draw_sees_the_same_tasks_and_starts_elsewhere():
    distance = PlantedTree(seeds=20, n_nets=2).routes()
    assert distance.shape == (20, 2, 4, 4)
    np.testing.assert_allclose(np.diagonal(distance, axis1=2, axis2=3), 0, atol=1e-6)
    assert (distance[:, 0] != distance[:, 1]).any(axis=(1, 2)).all()
