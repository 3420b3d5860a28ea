"""Ties: their ends are a fit for each task and one fit for all, and between these the gradient is zero."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from mtl_tutor.experiments import Tied, near_tasks, tied_curves, tied_fit
from mtl_tutor.experiments.what.two_nets_or_one.tied import SPREADS
from mtl_tutor.experiments.what.two_nets_or_one.tied_fits import PENALTIES

SIZE = (4, 12, 5)
DRAWS = near_tasks(0.4, SIZE, 0.5, [3, 4])


def samples(seed, spread=0.4):
    """The same tasks as `near_tasks`, drawn again with their samples."""
    rng = np.random.default_rng([seed, 0x71])
    common, own = rng.normal(size=5) / np.sqrt(5), rng.normal(size=(4, 5)) / np.sqrt(5)
    w = np.sqrt(1 - spread**2) * common + spread * own
    x = rng.normal(size=SIZE)
    return x, np.einsum("tnd,td->tn", x, w) + 0.5 * rng.normal(size=SIZE[:2]), w


@pytest.mark.parametrize("ridge", [1e-3, 2.0])
def test_a_vanishing_penalty_gives_scikit_learns_ridge_for_each_task(ridge):
    for row, seed in enumerate([3, 4]):
        x, y, _ = samples(seed)
        apart = [Ridge(ridge, fit_intercept=False).fit(a, b).coef_ for a, b in zip(x, y, strict=True)]
        for penalty in (0.0, 1e-10):
            np.testing.assert_allclose(tied_fit(DRAWS, penalty, ridge)[row], apart, atol=1e-8)


@pytest.mark.parametrize("ridge", [1e-3, 2.0])
def test_an_infinite_penalty_gives_scikit_learns_ridge_for_all_samples_as_one(ridge):
    for row, seed in enumerate([3, 4]):
        x, y, _ = samples(seed)
        one = Ridge(4 * ridge, fit_intercept=False).fit(x.reshape(-1, 5), y.ravel()).coef_
        for penalty in (1e11, np.inf):
            np.testing.assert_allclose(tied_fit(DRAWS, penalty, ridge)[row], np.tile(one, (4, 1)), atol=1e-8)


@pytest.mark.parametrize("penalty", [0.3, 30.0, 1000.0])
def test_between_them_no_step_away_lowers_the_objective(penalty):
    x, y, _ = samples(3)
    w, rng = tied_fit(DRAWS, penalty, 0.7)[0], np.random.default_rng(0)

    def objective(w):
        return ((np.einsum("tnd,td->tn", x, w) - y) ** 2).sum() + penalty * ((w - w.mean(axis=0)) ** 2).sum() + 0.7 * (w**2).sum()

    least = objective(w)
    for _ in range(50):
        step = 1e-3 * rng.normal(size=w.shape)
        assert objective(w + step) > least
        assert objective(w + step) + objective(w - step) - 2 * least == pytest.approx(2 * (objective(w + step) - least), rel=1e-5)


def test_risk_is_the_squared_error_on_fresh_samples():
    _, _, w = samples(3)
    np.testing.assert_allclose(DRAWS.w[0], w)
    x, wrong = np.random.default_rng(1).normal(size=(200_000, 5)), np.zeros_like(DRAWS.w)
    np.testing.assert_allclose(DRAWS.risk(wrong)[0], ((x @ w.T) ** 2).mean(axis=0), rtol=0.02)


def test_tasks_keep_their_length_while_they_part():
    for spread, common in ((0.0, 1.0), (0.6, 0.64), (1.0, 0.0)):
        w = near_tasks(spread, (2, 3, 10), 0.5, range(1500)).w
        assert (w**2).sum(axis=-1).mean() == pytest.approx(1, abs=0.04)
        assert (w[:, 0] * w[:, 1]).sum(axis=-1).mean() == pytest.approx(common, abs=0.04)


def test_shuffling_leaves_inputs_and_the_first_task_and_the_length_of_the_labels():
    shuffled = near_tasks(0.4, SIZE, 0.5, [3, 4], shuffled=True)
    np.testing.assert_array_equal(shuffled.gram, DRAWS.gram)
    np.testing.assert_array_equal(shuffled.moment[:, 0], DRAWS.moment[:, 0])
    assert (shuffled.moment[:, 1:] != DRAWS.moment[:, 1:]).all()


def test_validation_is_the_squared_error_but_for_a_constant():
    x, y = np.random.default_rng(2).normal(size=SIZE), np.random.default_rng(3).normal(size=SIZE[:2])
    gram, moment = (x.transpose(0, 2, 1) @ x)[None], np.einsum("tnd,tn->td", x, y)[None]
    draws = replace(near_tasks(0.4, SIZE, 0.5, [3]), gram_validation=gram, moment_validation=moment)
    for w in np.random.default_rng(4).normal(size=(3, 1, 4, 5)):
        wrong = ((np.einsum("tnd,td->tn", x, w[0]) - y) ** 2).sum(axis=1)
        np.testing.assert_allclose(draws.validated(w)[0] + (y**2).sum(axis=1), wrong)


def test_the_widget_draws_both_ends_as_flat_lines_that_the_ties_approach():
    curves = tied_curves(0.0, 40, 3, n_seeds=20)
    assert list(curves.x) == list(PENALTIES[1:-1])
    assert np.ptp(curves.y["one pooled fit"]) == 0
    assert np.ptp(curves.y["apart, tuned ridge"]) == 0
    assert curves.y["tied"][-1] == pytest.approx(curves.y["one pooled fit"][0], rel=0.05)


def test_draws_whose_best_penalties_tie_share_their_ranks():
    trial = Tied(seeds=20)
    best = np.array([10, 9, 9, 7, 5, 4, 4])  # of each spread; two pairs are equal
    found = {f"penalty {penalty:g}": {} for penalty in PENALTIES}
    for spread, index in zip(SPREADS, best, strict=True):
        for i, penalty in enumerate(PENALTIES):
            found[f"penalty {penalty:g}"][f"spread {spread:g}"] = np.full(20, 1.0 + (i != index))
    risks = trial.with_few_seeds(2).measure_all({})
    everything = {way: {at: np.resize(values, 20) for at, values in measures.items()} for way, measures in risks.items()}
    ranks = np.array([7, 5.5, 5.5, 4, 3, 1.5, 1.5])  # by hand
    claim = trial.decided(everything | found, {}).claim("falls")
    assert claim.measured.estimate == pytest.approx(np.corrcoef(np.arange(7), ranks)[0, 1])
    assert claim.measured.estimate != pytest.approx(np.corrcoef(np.arange(7), best)[0, 1])
