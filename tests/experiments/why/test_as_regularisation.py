"""Stein's estimate and the fits of linear tasks agree with closed forms."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from mtl_tutor.experiments import Stein, Subspace, fit_all, james_stein
from mtl_tutor.experiments.why.as_regularisation.subspace_fits import PENALTIES
from mtl_tutor.tasks import linear_tasks


def test_shrinking_never_turns_a_measurement_around_and_leaves_two_alone():
    y = np.random.default_rng(0).normal(size=(50, 10))
    assert (james_stein(y) * y >= 0).all()
    assert (np.abs(james_stein(y)) <= np.abs(y)).all()
    np.testing.assert_array_equal(james_stein(y[:, :2]), y[:, :2])


def test_one_far_mean_among_nine_zeros_pays_for_their_gain():
    changes = Stein(seeds=500).changes(np.array([5.0] + 9 * [0.0]))
    assert changes[:, 0].mean() > 1 > 0 > changes.sum(axis=1).mean()


@pytest.mark.parametrize("bad", [{"rank": 0}, {"n_samples": 0}, {"noise": -0.1}])
def test_subspace_refuses_tasks_that_cannot_be_drawn(bad):
    with pytest.raises(ValueError, match="must"):
        Subspace(**bad)


def test_a_draw_of_tasks_has_the_same_risks_each_time():
    trial = Subspace(seeds=20)
    few, many = trial.risks((1, 3), 7), trial.risks((1, 3), 7)
    assert few == many
    assert all(value >= 0 for values in few.values() for value in values)


def test_the_same_draws_have_the_same_risks_whatever_others_are_fitted():
    few, more = (Subspace().with_few_seeds(seeds).measured((1, 3)) for seeds in (2, 3))
    for arm, risks in few.items():
        np.testing.assert_array_equal(risks, more[arm][:2])


def test_a_subspace_that_is_the_whole_space_leaves_ridge_regression():
    tasks = linear_tasks(2, 12, n_features=4, rank=4, seed=3)
    ridges = []
    for penalty in PENALTIES:
        fits = [Ridge(penalty, fit_intercept=False).fit(x, y).coef_ for x, y in zip(tasks.x, tasks.y, strict=True)]
        wrong = np.mean([(x @ w - y) ** 2 for x, y, w in zip(tasks.x_validation, tasks.y_validation, fits, strict=True)])
        ridges.append((wrong, np.array(fits)))
    np.testing.assert_allclose(fit_all(tasks, rank=4)["joint, penalised"], min(ridges, key=lambda tried: tried[0])[1], atol=1e-6)
