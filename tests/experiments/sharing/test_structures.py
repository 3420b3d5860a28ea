"""Ways to fit against other libraries and closed forms; worlds have what their names say; the table picks the right rivals."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso as SklearnLasso
from sklearn.linear_model import Ridge as SklearnRidge

from mtl_tutor.experiments import Result, Structures, structures_bars
from mtl_tutor.experiments.sharing.regularised_families.penalised_fits import (
    ALONE,
    FAMILIES,
    WAYS,
    Lasso,
    Ridge,
    chosen,
    errors_of,
    first_chosen,
)
from mtl_tutor.experiments.sharing.regularised_families.structured_tasks import (
    CURVES,
    GROUPS,
    MEAN,
    NOTHING,
    PARTLY,
    SUBSPACE,
    UNEVEN,
    structured_tasks,
)
from mtl_tutor.experiments.sharing.regularised_families.structures import FITTED, OWN, RISK, SHARING, best, first_risks
from mtl_tutor.sharing.regularised import Clustered, JointFeatures
from mtl_tutor.sharing.regularised._loss import linear_loss
from mtl_tutor.tasks import only_tasks, shared_subspace

DATA = shared_subspace(5, 25, n_features=8, seed=3).data
X, Y = DATA.train.x, DATA.train.y
SMALL = structured_tasks(9, 12, 20, 1.0)


@pytest.mark.parametrize("strength", [0.05, 0.4])
def test_ridge_and_lasso_are_those_of_scikit_learn_for_each_task(strength):
    ridge, lasso = SklearnRidge(len(X) * strength).fit(X, Y), SklearnLasso(strength, tol=1e-10).fit(X, Y)
    np.testing.assert_allclose(Ridge(strength).fit(X, Y).weights, ridge.coef_, atol=1e-8)
    np.testing.assert_allclose(Lasso(strength).fit(X, Y).weights, lasso.coef_, atol=1e-8)
    np.testing.assert_allclose(Lasso(strength).fit(X, Y[:, [2]]).weights, JointFeatures(strength).fit(X, Y[:, [2]]).weights, atol=1e-8)


@pytest.mark.parametrize("way", [way for way in FAMILIES if way not in ("least squares", "one fit for all")])
def test_paths_of_strengths_end_where_single_fits_end(way):
    family, loss = FAMILIES[way], linear_loss(X, Y)
    models = [variant(strength) for variant in family.variants for strength in family.strengths]
    for fit, model in zip(family.fits(loss), models, strict=True):
        alone = model.fit(X, Y)
        np.testing.assert_allclose(fit.weights, alone.weights, atol=5e-3)
        np.testing.assert_allclose(fit.intercepts, alone.intercepts, atol=5e-3)


def test_a_tie_to_the_mean_is_a_ridge_for_the_mean_and_a_stronger_one_for_what_is_left():
    model, mean = FAMILIES["mean"].variants[1](0.2), Y.mean(axis=1, keepdims=True)
    expected = Ridge(0.2).fit(X, mean).weights + Ridge(2.0).fit(X, Y - mean).weights
    np.testing.assert_allclose(model.fit(X, Y).weights, expected, atol=1e-8)
    np.testing.assert_allclose(model.fit(X, Y).weights, Clustered(0.2, 1, 10.0).fit(X, Y).weights, atol=1e-8)


def test_validation_chooses_for_all_tasks_at_once_or_for_each():
    validation, test = np.array([[1.0, 9.0], [3.0, 2.0]]), np.array([[10.0, 20.0], [30.0, 40.0]])
    errors = {"ridge": (validation, test)}
    assert chosen("ridge", errors) == 35
    assert chosen("ridge, each", errors) == 25
    assert first_chosen("ridge", errors) == 10


def test_a_process_for_each_task_hears_of_no_other():
    alone = errors_of(["GP alone"], DATA)["GP alone"]
    one = errors_of(["GP alone"], only_tasks(DATA, [1]))
    np.testing.assert_allclose(alone[1][:, [1]], one["GP alone"][1])


@pytest.mark.parametrize("world", list(SMALL))
def test_labels_have_variance_one_on_average(world):
    labels = np.concatenate([SMALL[world](seed).test.y for seed in range(40)])
    assert (labels**2).mean() == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize(("world", "even"), [(PARTLY, True), (UNEVEN, False)])
def test_two_inputs_matter_to_all_and_two_to_each(world, even):
    test = SMALL[world](7).test
    weights = np.linalg.lstsq(test.x, test.y, rcond=None)[0].T
    matters = np.abs(weights) > 1e-9
    assert (matters.sum(axis=1) == 4).all()
    assert (matters.sum(axis=0) == 9).sum() == 2
    assert (np.allclose(np.abs(weights[matters]), 0.5)) is even


def test_curves_are_mixtures_of_two_and_the_other_worlds_as_related_as_they_say():
    sizes = np.linalg.svd(SMALL[CURVES](3).test.y, compute_uv=False)
    assert sizes[2] < 1e-9 * sizes[0] < sizes[1]
    weights = [np.linalg.lstsq(SMALL[w](3).test.x, SMALL[w](3).test.y, rcond=None)[0].T for w in (MEAN, SUBSPACE, NOTHING)]
    assert [np.linalg.matrix_rank(w, tol=1e-6) for w in weights] == [9, 2, 9]
    mean, _, nothing = (np.corrcoef(w)[np.triu_indices(9, 1)].mean() for w in weights)
    assert mean > 0.85
    assert abs(nothing) < 0.15


def test_there_is_a_row_per_draw_and_more_where_leads_are_small():
    trial = Structures(seeds=20, n_tasks=3, n_samples=8, n_features=4)
    assert len(trial.rows(GROUPS, ["ridge"])) == 20
    assert len(trial.rows(UNEVEN, ["ridge"])) == 60
    assert [row["ridge"][1].shape[1] for row in trial.rows(GROUPS, ["ridge, each"])] == [3] * 20


@pytest.mark.slow
def test_the_widget_has_a_bar_per_way_but_least_squares():
    bars = structures_bars("mixed curves", 8, n_seeds=20)
    assert set(bars.bars) == set(WAYS) - {"least squares"}
    assert {bars.roles[way] for way in SHARING} == {"main"}


def effects(firsts=(0.6, 1.1, 1.0), **changed):
    """Decide with risks that are 1 for every way but a few, the same for all draws, so that effects are exact."""
    risks = {f"{name}: {way}": 1.0 for name, ways in FITTED.items() for way in ways}
    risks |= {f"{name.replace('_', ' ')}: {way}": risk for name, row in changed.items() for way, risk in row.items()}
    risks |= dict(zip((f"first task: {how}" for how in ("beside true", "beside shuffled", "apart")), firsts, strict=True))
    result = Structures().decided({name: {RISK: np.full(20, risk)} for name, risk in risks.items()}, {})
    return {claim.id.removeprefix("structures-"): claim.measured.estimate for claim in result.claims}


def test_a_structures_own_way_is_held_against_the_best_other_but_not_its_twin():
    found = effects(shared_subspace={"trace norm": 0.5, "covariance": 0.4, "clusters": 0.8, "ridge": 0.9})
    assert found["subspace"] == pytest.approx(0.5 / 0.8 - 1)
    table = {f"{SUBSPACE}: {way}": {RISK: np.full(20, risk)} for way, risk in {"ridge": 0.9, "lasso": 1.0, "dirty": 0.1}.items()}
    assert best(Result(table), SUBSPACE, ALONE) == "ridge"


def test_of_several_effects_the_one_is_reported_that_speaks_against_the_claim():
    changed = {name.replace(" ", "_"): {own: 0.7} for name, own in OWN.items()}
    changed["groups"] = {"clusters": 0.9, "covariance": 0.6}
    changed["nothing_shared"] = {"dirty": 1.3, "mean": 0.95, "GP": 5.0, "GP alone": 4.0, "mean, no ridge": 2.0}
    found = effects(**changed)
    assert found["alone"] == pytest.approx(-0.1)
    assert found["only"] == pytest.approx(-0.4)
    assert found["twins"] == pytest.approx(1 / 0.7 - 1)
    assert (found["nothing"], found["harm"]) == (pytest.approx(-0.05), pytest.approx(0.3))
    assert (found["harm-GP"], found["no-ridge"]) == (pytest.approx(0.25), pytest.approx(1.0))
    assert (found["true"], found["shuffled"]) == (pytest.approx(-0.4), pytest.approx(0.1))


def test_first_tasks_are_added_up_over_structures_draw_by_draw():
    trial = Structures(seeds=20, n_tasks=3, n_samples=8, n_features=4)
    rows = {name: trial.rows(name, ["ridge"]) for name in (MEAN, GROUPS)}
    expected = [sum(first_chosen("ridge", row) for row in pair) for pair in zip(*rows.values(), strict=True)]
    np.testing.assert_allclose(first_risks(rows, dict.fromkeys(rows, "ridge"), 20), expected)
    assert len(first_risks(rows, dict.fromkeys(rows, "ridge"), 7)) == 7


def test_shuffling_the_others_changes_what_the_first_task_is_told():
    trial = Structures(seeds=20, n_tasks=3, n_samples=8, n_features=4)
    true, shuffled = trial.rows(GROUPS, ["clusters"]), trial.rows_beside_shuffled(GROUPS)
    assert len(shuffled) == 20
    assert [first_chosen("clusters", row) for row in true] != [first_chosen("clusters", row) for row in shuffled]


def test_the_rank_of_tasks_needs_as_many_inputs():
    with pytest.raises(ValueError, match="n_features"):
        Structures(n_features=8)
