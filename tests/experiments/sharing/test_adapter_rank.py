"""Additions of low rank: their ends are one fit for all and ties, between them the rank is kept and the objective falls."""

import numpy as np
import pytest

from mtl_tutor.experiments.sharing.conditioning import low_rank_fits
from mtl_tutor.experiments.sharing.conditioning.adapter_rank import RANKS, adapter_rank_curves, best
from mtl_tutor.experiments.sharing.conditioning.low_rank_fits import adapted_fit, linear_tasks, own_fit

SIZE = (3, 20, 5, 4)
DRAWS = linear_tasks(2, range(3, 5), size=SIZE, spread=1.0, noise=0.5)


def rank_of_differences(w):
    """What is common has no rank to be seen; the difference between two tasks has."""
    return np.linalg.matrix_rank(w[:, 1:] - w[:, :1], tol=1e-6)


def misfit(w):
    """Squared error on the training samples, but for a constant."""
    return ((w * (DRAWS.gram @ w)).sum(axis=(2, 3)) - 2 * (w * DRAWS.moment).sum(axis=(2, 3))).sum(axis=1)


def test_rank_nought_is_least_squares_on_all_samples_as_one():
    one = np.linalg.solve(DRAWS.gram.sum(axis=1), DRAWS.moment.sum(axis=1))
    for task in range(3):
        np.testing.assert_allclose(adapted_fit(DRAWS, 0, 3.0)[:, task], one, atol=1e-7)


def test_full_rank_without_a_penalty_is_each_task_by_itself():
    np.testing.assert_allclose(adapted_fit(DRAWS, 4, 1e-9), own_fit(DRAWS, 1e-9), atol=1e-5)


def test_an_endless_penalty_is_rank_nought():
    np.testing.assert_allclose(adapted_fit(DRAWS, 2, 1e9), adapted_fit(DRAWS, 0, 1.0), atol=1e-5)


@pytest.mark.parametrize("rank", [1, 2])
def test_tasks_differ_by_no_more_than_two_additions(rank):
    assert (rank_of_differences(adapted_fit(DRAWS, rank, 0.3)) <= 2 * rank).all()
    assert (rank_of_differences(adapted_fit(DRAWS, 1, 0.3)) == 2).all()


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_more_turns_and_higher_ranks_fit_the_training_samples_better(rank, monkeypatch):
    misfits = []
    for turns in (1, 2, 4, 12):
        monkeypatch.setattr(low_rank_fits, "N_ROUNDS", turns)
        misfits.append(misfit(adapted_fit(DRAWS, rank, 1e-9)))
    assert (np.diff(misfits, axis=0) < 1e-6).all()
    assert (misfits[-1] > misfit(adapted_fit(DRAWS, rank + 1, 1e-9))).all()
    assert (misfits[-1] < misfit(adapted_fit(DRAWS, rank - 1, 1e-9))).all()


def test_without_noise_the_planted_rank_finds_the_tasks_and_a_lower_one_does_not():
    clear = linear_tasks(1, range(3), size=(4, 40, 5, 4), spread=1.0, noise=1e-4)
    assert clear.risk(adapted_fit(clear, 1, 1e-9)).max() < 0.01
    assert clear.risk(adapted_fit(clear, 0, 1e-9)).min() > 0.1


def test_planted_differences_have_their_rank_and_their_length():
    for rank in (1, 2, 4):
        w = linear_tasks(rank, range(300), size=(2, 3, 16, 12), spread=0.5, noise=1.0).w
        difference = w[:, 1] - w[:, 0]
        assert np.linalg.matrix_rank(difference[0], tol=1e-9) == 2 * rank
        assert (difference**2).sum(axis=(1, 2)).mean() == pytest.approx(2 * 0.25 * 12, rel=0.05)
        assert (w[:, 0] ** 2).sum(axis=(1, 2)).mean() == pytest.approx(12 * 1.25, rel=0.05)


def test_risk_is_the_squared_error_on_fresh_samples():
    x, fit = np.random.default_rng(1).normal(size=(100_000, 5)), np.zeros_like(DRAWS.w)
    np.testing.assert_allclose(DRAWS.risk(fit)[0], ((x @ DRAWS.w[0]) ** 2).mean(axis=(1, 2)), rtol=0.03)


def test_shuffling_leaves_inputs_and_the_first_task():
    shuffled = linear_tasks(2, range(3, 5), size=SIZE, spread=1.0, noise=0.5, shuffled=True)
    np.testing.assert_array_equal(shuffled.moment[:, 0], DRAWS.moment[:, 0])
    assert not np.allclose(shuffled.moment[:, 1], DRAWS.moment[:, 1])


def test_validation_chooses_and_never_sees_the_risk():
    wrong, risk = best(DRAWS, [DRAWS.w, 0 * DRAWS.w])
    np.testing.assert_allclose(risk, 0)
    np.testing.assert_allclose(wrong, DRAWS.validated(DRAWS.w).mean(axis=1))


def test_the_widget_draws_every_rank_and_a_flat_line_for_tasks_apart():
    picture = adapter_rank_curves(1, 24, n_seeds=20)
    assert list(picture.x) == list(RANKS)
    assert np.ptp(picture.y["tasks apart, tuned ridge"]) == 0
    assert RANKS[int(np.argmin(picture.y["one matrix + own additions"]))] == 1
