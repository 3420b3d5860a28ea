"""Every toy is scored against its own truth, and of several ranks the least favourable one decides."""

import numpy as np
import pytest

from mtl_tutor.experiments import Hypothesis, Result, spectrum_curves
from mtl_tutor.experiments.sharing.regularised_families.penalised_fits import FAMILIES
from mtl_tutor.experiments.sharing.regularised_families.recovery import SCORE, highest_rank, lowest_rank
from mtl_tutor.experiments.sharing.regularised_families.structure_recovery import (
    best_fit,
    counted,
    inputs_found,
    rank_found,
    relations,
    spectra,
)
from mtl_tutor.sharing.regularised import TraceNorm
from mtl_tutor.tasks import clusters, shared_subspace


def test_singular_values_are_counted_from_a_share_of_the_largest():
    values = np.array([5.0, 1.1, 0.9, 0.0])
    assert (counted(values), counted(values, 0.1), counted(values, 0.0)) == (2, 3, 3)


def test_the_true_spectrum_has_the_planted_rank_and_the_trace_norms_is_that_of_the_library():
    values = spectra(3, 30, 0.5, seed=5)
    assert counted(values["truth"], 1e-9) == 3
    assert counted(spectra(3, 30, 0.5, seed=5, shared=False)["truth"], 1e-9) == 15
    data = shared_subspace(15, 30, n_features=20, rank=3, noise=0.5, seed=5).data
    ends = [TraceNorm(s).fit(data.train.x, data.train.y).found["singular_values"] for s in FAMILIES["trace norm"].strengths]
    assert min(np.abs(values["trace norm"] - end).max() for end in ends) < 0.02


def test_the_fit_that_is_kept_is_the_one_that_validation_likes_best():
    data = shared_subspace(6, 20, n_features=8, noise=1.0, seed=1).data
    kept = best_fit(FAMILIES["ridge"], data)
    wrong = [((np.hstack(fit.predict(data.validation.x)) - data.validation.y) ** 2).mean() for fit in _ridges(data)]
    assert ((np.hstack(kept.predict(data.validation.x)) - data.validation.y) ** 2).mean() == pytest.approx(min(wrong), rel=1e-3)


def _ridges(data):
    variant = FAMILIES["ridge"].variants[0]
    return [variant(strength).fit(data.train.x, data.train.y) for strength in FAMILIES["ridge"].strengths]


def test_without_a_subspace_right_means_more_than_five():
    assert rank_found(0, seed=4)["above zero"] is True
    assert rank_found(2, seed=4)["above zero"] is False


def test_relations_are_correlations():
    tables = relations(clusters(6, 200, n_features=10, n_groups=2, within=0.8, opposite=-0.75, noise=0.1, seed=0).data)
    truth = np.kron([[0.8, -0.6], [-0.6, 0.8]], np.ones((3, 3)))
    np.fill_diagonal(truth, 1)
    for way, table in tables.items():
        np.testing.assert_allclose(np.diag(table), 1, err_msg=way)
        assert np.abs(table - truth).max() < (0.45 if way == "GP" else 0.2), way


def test_inputs_are_scored_in_company_beside_shuffled_tasks_and_alone():
    scores = inputs_found(seed=2)
    assert set(scores) == {f"{way}{score}" for way in ("joint", "shuffled", "alone") for score in ("", ", F1")}
    assert all(0 <= score <= 1 for score in scores.values())


def test_the_widget_draws_ten_values_of_which_the_truth_has_as_many_as_planted():
    curves = spectrum_curves(3, 20, 1.0, n_seeds=2)
    assert list(curves.x) == list(range(1, 11))
    assert (curves.y["truth"] > 1e-9).sum() == 3


def test_of_several_ranks_the_one_counts_that_speaks_against_the_claim():
    shares = {1: 0.9, 2: 0.5, 3: 0.8, 5: 0.7}
    measured = {f"rank {rank}: trace norm": {SCORE: np.arange(20) < 20 * share} for rank, share in shares.items()}
    measured |= {f"rank {rank}: ridge": {SCORE: np.arange(20) < 2} for rank in shares}
    alone, against = Hypothesis("", "", "", "trace norm"), Hypothesis("", "", "", "trace norm", "ridge")
    assert lowest_rank(Result(measured), alone).estimate == pytest.approx(0.5)
    assert highest_rank(Result(measured), alone).estimate == pytest.approx(0.9)
    assert lowest_rank(Result(measured), against).estimate == pytest.approx(0.4)
