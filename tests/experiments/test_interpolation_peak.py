"""Fits by turns: they end where no turn helps, their limits are known, and their parameters are counted right."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from mtl_tutor.experiments import interpolation_peak
from mtl_tutor.experiments._peak_fits import alone, chosen, drawn, together
from mtl_tutor.experiments.interpolation_peak import APART, BARE, TUNED, InterpolationPeak
from mtl_tutor.tasks import linear_tasks

SIZE = (3, 12, 5, 2)
TABLES = drawn(SIZE, 0.5, [3, 4])


def samples(seed):
    return linear_tasks(3, 12, n_features=5, rank=2, noise=0.5, seed=seed)


def test_alone_is_scikit_learns_ridge():
    for row, seed in enumerate([3, 4]):
        tasks = samples(seed)
        fits = [Ridge(0.7, fit_intercept=False).fit(x, y).coef_ for x, y in zip(tasks.x, tasks.y, strict=True)]
        np.testing.assert_allclose(alone(TABLES, 0.7)[row], fits, atol=1e-8)


def test_a_trunk_as_wide_as_there_are_tasks_constrains_nothing():
    np.testing.assert_allclose(together(TABLES, 3, 1e-9), alone(TABLES, 0.0), atol=1e-4)


def test_together_is_of_the_rank_of_its_trunk():
    assert (np.linalg.matrix_rank(together(TABLES, 2, 0.1), tol=1e-8) == 2).all()


def test_the_ridge_on_both_layers_is_half_the_trace_norm_of_their_product():
    """|B|² + |A|² is least where it is twice the sum of singular values of B A (Srebro, Rennie & Jaakkola 2004)."""
    w, ridge, rng = together(TABLES, 3, 0.8, rounds=2000)[0], 0.8, np.random.default_rng(0)
    tasks = samples(3)

    def objective(w):
        wrong = ((np.einsum("tnd,td->tn", tasks.x, w) - tasks.y) ** 2).sum()
        return wrong + 2 * ridge * np.linalg.svd(w, compute_uv=False).sum()

    least = objective(w)
    assert all(objective(w + 0.01 * rng.normal(size=w.shape)) > least for _ in range(50))


def test_risk_is_the_squared_error_on_fresh_samples():
    x, wrong = np.random.default_rng(1).normal(size=(200_000, 5)), np.zeros_like(TABLES.w)
    np.testing.assert_allclose(TABLES.risk(wrong)[0], ((x @ TABLES.w[0].T) ** 2).mean(), rtol=0.02)


def test_validation_chooses_for_every_draw():
    fits = [alone(TABLES, ridge) for ridge in (0.01, 1.0, 100.0)]
    for row, seed in enumerate([3, 4]):
        tasks = samples(seed)
        wrong = [((np.einsum("tnd,td->tn", tasks.x_validation, w[row]) - tasks.y_validation) ** 2).sum() for w in fits]
        assert chosen(TABLES, fits)[row] == TABLES.risk(fits[int(np.argmin(wrong))])[row]


@pytest.mark.parametrize("n_tasks", [2, 4, 8])
def test_parameters_are_the_directions_in_which_the_weights_can_move(n_tasks):
    trunk, heads = torch.randn(20, 2, dtype=torch.float64), torch.randn(2, n_tasks, dtype=torch.float64)
    slopes = torch.autograd.functional.jacobian(lambda a, b: (a @ b).flatten(), (trunk, heads))
    free = torch.linalg.matrix_rank(torch.cat([slope.flatten(1) for slope in slopes], dim=1))
    assert InterpolationPeak().parameters()[n_tasks] == free


def test_one_run_has_every_cell_and_a_picture_for_each_number_of_tasks(monkeypatch):
    monkeypatch.setattr(interpolation_peak, "N_TASKS", (4, 16))
    monkeypatch.setattr(interpolation_peak, "N_SAMPLES", (2, 11, 32))
    result = InterpolationPeak(seeds=20, n_features=6).run()
    assert set(result.risks[16, 32]) == {APART, BARE, TUNED}
    assert result.curves(4).x[0] == pytest.approx(2 * 4 / 16)


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"seeds": 19}, {"first_seed": -1}, {"rank": 0}, {"n_features": 2}, {"noise": -0.1}])
def test_impossible_settings_are_refused(bad):
    with pytest.raises(ValueError, match="must be at least"):
        InterpolationPeak(**bad)
