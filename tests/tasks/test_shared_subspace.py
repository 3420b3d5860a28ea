"""Tasks through few directions: the weights lie where the truth says, and the labels follow from them."""

import numpy as np
import pytest

from mtl_tutor.tasks.shared_subspace import shared_subspace


def test_labels_without_noise_are_what_the_weights_say():
    planted = shared_subspace(noise=0.0, seed=2)
    np.testing.assert_allclose(planted.data.train.y, planted.data.train.x @ planted.truth["weights"].T)


@pytest.mark.parametrize("rank", [1, 3])
def test_weights_lie_in_the_basis_and_fill_it(rank):
    truth = shared_subspace(rank=rank, seed=1).truth
    weights, basis = truth["weights"], truth["basis"]
    np.testing.assert_allclose(basis.T @ basis, np.eye(rank), atol=1e-12)
    np.testing.assert_allclose(weights @ basis @ basis.T, weights, atol=1e-12)
    assert np.linalg.matrix_rank(weights) == truth["rank"] == rank


def test_fewer_tasks_than_directions_have_a_lower_rank():
    assert shared_subspace(2, rank=3).truth["rank"] == 2


def test_bent_labels_are_the_same_mixtures_of_bent_features():
    planted = shared_subspace(curved=True, noise=0.0, seed=5)
    weights, basis = planted.truth["weights"], planted.truth["basis"]
    features = np.tanh(1.5 * planted.data.train.x @ basis) / 0.7353
    np.testing.assert_allclose(planted.data.train.y, features @ (weights @ basis).T)
    np.testing.assert_array_equal(weights, shared_subspace(seed=5).truth["weights"])


@pytest.mark.parametrize("curved", [False, True])
def test_strangers_share_no_directions_but_the_first_task_is_the_same(curved):
    strangers, friends = (shared_subspace(6, curved=curved, shared=shared, seed=5) for shared in (False, True))
    assert strangers.truth["rank"] == 6
    assert "basis" not in strangers.truth
    np.testing.assert_allclose(strangers.data.train.y[:, 0], friends.data.train.y[:, 0])
    assert not np.allclose(strangers.data.train.y[:, 1], friends.data.train.y[:, 1])


def test_own_samples_are_answered_by_the_same_weights():
    planted = shared_subspace(3, 10, noise=0.0, separate=True)
    train, weights = planted.data.train, planted.truth["weights"]
    asked = np.repeat(np.arange(3), 10)
    np.testing.assert_allclose(train.y[np.arange(30), asked], (train.x * weights[asked]).sum(axis=1))


@pytest.mark.parametrize("bad", [{"rank": 0}, {"rank": 21}, {"n_features": 0}])
def test_a_rank_that_no_basis_has_gets_a_sentence(bad):
    with pytest.raises(ValueError, match=rf"`{next(iter(bad))}` must .*; got"):
        shared_subspace(**bad)
