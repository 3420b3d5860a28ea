"""Fits apart and combined: closed forms against other libraries, populations, and each other's labels."""

import numpy as np
import pytest
from sklearn.cross_decomposition import CCA
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from mtl_tutor.experiments import CurdsAndWheyExperiment
from mtl_tutor.experiments.what.multi_label_and_ensembles.combined_fits import (
    PENALTIES,
    averaged,
    bagged,
    beside_shuffled_labels,
    each_alone,
    least_squares,
    ridge,
    stacked,
)
from mtl_tutor.recipes.canonical import canonical_shrinkage
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.tasks import mixtures, shuffled_labels
from mtl_tutor.tasks.responses import responses
from mtl_tutor.training import predict, train


def drawn(**how):
    tasks = responses(4, 40, n_features=6, seed=3, **how)
    return tasks.x[0], tasks.y.T, tasks


@pytest.mark.parametrize("bad", [{"n_samples": 29}, {"common": 1.5}, {"rank": 16}, {"n_tasks": 0}])
def test_curds_and_whey_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must"):
        CurdsAndWheyExperiment(**bad)


@pytest.mark.parametrize("corrected", [True, False])
def test_what_shrinks_is_the_canonical_coordinate(corrected):
    x, y, _ = drawn()
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    r, w = 6 / 40, least_squares(x, y)
    cca = CCA(4, scale=False, tol=1e-12, max_iter=10_000).fit(x, y)
    c2 = np.array([np.corrcoef(a, b)[0, 1] ** 2 for a, b in zip(*(part.T for part in cca.transform(x, y)), strict=True)])
    plain = c2 / (c2 + r * (1 - c2))
    d = np.maximum(0, (1 - r) * (c2 - r) / ((1 - r) ** 2 * c2 + r**2 * (1 - c2))) if corrected else plain
    ours = canonical_shrinkage(x, y, corrected=corrected)
    np.testing.assert_allclose(ours.T @ cca.y_rotations_, (w.T @ cca.y_rotations_) * d, atol=1e-5)


def test_in_large_samples_the_plain_form_is_the_best_linear_mixture_of_the_fits():
    rng = np.random.default_rng(0)
    n, p = 40_000, 5
    w, x = rng.normal(size=(3, p)) / 60, rng.normal(size=(n, p))
    y = x @ w.T + rng.normal(size=(n, 3)) @ np.diag([1.0, 0.5, 2.0])
    fitted, signal, noise = least_squares(x, y), w @ w.T, np.diag([1.0, 0.25, 4.0])
    best = signal @ np.linalg.inv(signal + p / n * noise) @ fitted
    found = canonical_shrinkage(x, y, corrected=False)
    assert np.abs(found - best).max() < 0.1 * np.abs(fitted - best).max() + 1e-3


def test_mixing_the_labels_first_mixes_the_answers():
    x, y, _ = drawn()
    mix = np.random.default_rng(1).normal(size=(4, 4))
    np.testing.assert_allclose(canonical_shrinkage(x, y @ mix), mix.T @ canonical_shrinkage(x, y), atol=1e-9)


def test_a_label_of_pure_noise_is_shrunk_to_nothing_and_one_without_noise_is_kept():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(200, 10))
    y = np.column_stack([x @ rng.normal(size=10), rng.normal(size=200)])
    found, fitted = canonical_shrinkage(x, y), least_squares(x, y)
    np.testing.assert_allclose(found[0], fitted[0], atol=1e-9)
    assert np.linalg.norm(found[1]) < 0.5 * np.linalg.norm(fitted[1])


@pytest.mark.parametrize("fit", [least_squares, bagged, ridge, "each alone"])
def test_fits_apart_and_their_bags_do_not_see_other_tasks_labels(fit):
    x, y, tasks = drawn()
    other = np.column_stack([y[:, 0], np.random.default_rng(0).permuted(y[:, 1:], axis=0)])

    def first(labels):
        if fit == "each alone":
            return each_alone(canonical_shrinkage, x, labels)[0]
        more = {bagged: (np.random.default_rng(4),), ridge: (tasks.x_validation[0], tasks.y_validation.T)}.get(fit, ())
        return fit(x, labels, *more)[0]

    np.testing.assert_allclose(first(y), first(other), atol=1e-12)


@pytest.mark.parametrize("fit", [canonical_shrinkage, stacked, averaged])
def test_combinations_do(fit):
    x, y, _ = drawn()
    other = np.column_stack([y[:, 0], np.random.default_rng(0).permuted(y[:, 1:], axis=0)])
    assert np.abs(fit(x, y)[0] - fit(x, other)[0]).max() > 0.01


def test_an_ensemble_of_nets_apart_is_the_same_to_the_bit_whatever_the_other_tasks_say():
    data = mixtures(3, 30, seed=1)
    shuffled = shuffled_labels(data, [1, 2], seed=1)
    nets = {"apart": SingleTask(15, 8, 3), "shared": HardSharing(15, 8, 3)}
    same = {}
    for name, net in nets.items():
        histories = [train(net, d, seeds=5, steps=20, lr=0.05, eval_every=20) for d in (data, shuffled)]
        mean, other = (predict(net, history, data.test.x)[0].mean(axis=0) for history in histories)
        same[name] = np.array_equal(mean, other)
    assert same == {"apart": True, "shared": False}


def test_ridge_takes_the_penalty_of_each_tasks_lowest_validation_error():
    x, y, tasks = drawn()
    found = ridge(x, y, tasks.x_validation[0], tasks.y_validation.T)
    for k in range(4):
        fits = [Ridge(penalty, fit_intercept=False).fit(x, y[:, k]).coef_ for penalty in PENALTIES]
        best = min(fits, key=lambda w: ((tasks.x_validation[0] @ w - tasks.y_validation[k]) ** 2).mean())
        np.testing.assert_allclose(found[k], best, atol=1e-8)


def test_the_second_stage_regresses_on_predictions_made_without_the_sample():
    x, y, _ = drawn()
    plain = LinearRegression(fit_intercept=False)
    out_of_fold = cross_val_predict(plain, x, y, cv=PredefinedSplit(np.arange(40) % 5))
    second = plain.fit(out_of_fold, y).coef_
    np.testing.assert_allclose(stacked(x, y), second @ least_squares(x, y), atol=1e-9)


def test_shuffling_keeps_a_tasks_own_labels():
    x, y, _ = drawn()
    y[:, 1] = x @ np.arange(6.0)  # a task without noise is not shrunk, whatever the others are
    np.testing.assert_allclose(beside_shuffled_labels(x, y, np.random.default_rng(0))[1], np.arange(6.0), atol=1e-6)


def test_averaged_answers_are_the_same_for_every_task():
    x, y, _ = drawn()
    np.testing.assert_allclose(averaged(x, y), np.tile(least_squares(x, y.mean(axis=1, keepdims=True)), (4, 1)), atol=1e-12)


def test_relations_differ_in_weights_and_noise():
    drawn_tasks = {relation: draw(3) for relation, draw in CurdsAndWheyExperiment(n_samples=4000).relations().items()}
    rank = {relation: int(np.linalg.matrix_rank(tasks.w)) for relation, tasks in drawn_tasks.items()}
    assert rank == {"related": 2, "unrelated": 8, "common noise": 8}
    noise = {relation: tasks.y - np.einsum("tnd,td->tn", tasks.x, tasks.w) for relation, tasks in drawn_tasks.items()}
    common = {relation: np.corrcoef(rows)[np.triu_indices(8, 1)].mean() for relation, rows in noise.items()}
    assert common == pytest.approx({"related": 0, "unrelated": 0, "common noise": 0.7}, abs=0.05)


def test_a_claim_about_harm_is_conditional_where_ridge_does_better():
    claims = {claim.id: claim for claim in CurdsAndWheyExperiment(seeds=40, first_seed=20_000).run().claims}
    assert str(claims["curds-and-whey-harm-ridge"].verdict) == "opposite"
    assert (str(claims["curds-and-whey-harm"].verdict), claims["curds-and-whey-harm"].condition) in {
        ("conditional", "not against tuned ridge"),
        ("not shown", ""),
    }
