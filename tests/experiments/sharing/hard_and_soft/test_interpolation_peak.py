"""Fits by turns: they end where no turn helps, their limits are known, and their parameters are counted right."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from mtl_tutor.experiments import InterpolationPeak, interpolation_peak_curves, peak_position, risk_at
from mtl_tutor.experiments.result import Result
from mtl_tutor.experiments.sharing.hard_and_soft.interpolation_peak import APART, BARE, N_SAMPLES, N_TASKS, PARAMETERS, TUNED
from mtl_tutor.experiments.sharing.hard_and_soft.linear_trunk import drawn, fit_alone, fit_together, risk_of_chosen
from mtl_tutor.tasks import linear_tasks

SIZE = (3, 12, 5, 2)
TABLES = drawn(SIZE, 0.5, [3, 4])


def samples(seed):
    return linear_tasks(3, 12, n_features=5, rank=2, noise=0.5, seed=seed)


def test_alone_is_scikit_learns_ridge():
    for row, seed in enumerate([3, 4]):
        tasks = samples(seed)
        fits = [Ridge(0.7, fit_intercept=False).fit(x, y).coef_ for x, y in zip(tasks.x, tasks.y, strict=True)]
        np.testing.assert_allclose(fit_alone(TABLES, 0.7)[row], fits, atol=1e-8)


def test_a_trunk_as_wide_as_there_are_tasks_constrains_nothing():
    np.testing.assert_allclose(fit_together(TABLES, 3, 1e-9), fit_alone(TABLES, 0.0), atol=1e-4)


def test_together_is_of_the_rank_of_its_trunk():
    assert (np.linalg.matrix_rank(fit_together(TABLES, 2, 0.1), tol=1e-8) == 2).all()


def test_the_ridge_on_both_layers_is_half_the_trace_norm_of_their_product():
    """|B|² + |A|² is least where it is twice the sum of singular values of B A (Srebro, Rennie & Jaakkola 2004)."""
    w, ridge, rng = fit_together(TABLES, 3, 0.8, rounds=2000)[0], 0.8, np.random.default_rng(0)
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
    fits = [fit_alone(TABLES, ridge) for ridge in (0.01, 1.0, 100.0)]
    for row, seed in enumerate([3, 4]):
        tasks = samples(seed)
        wrong = [((np.einsum("tnd,td->tn", tasks.x_validation, w[row]) - tasks.y_validation) ** 2).sum() for w in fits]
        assert risk_of_chosen(TABLES, fits)[row] == TABLES.risk(fits[int(np.argmin(wrong))])[row]


@pytest.mark.parametrize("n_tasks", [2, 4, 8])
def test_parameters_are_the_directions_in_which_the_weights_can_move(n_tasks):
    trunk, heads = torch.randn(20, 2, dtype=torch.float64), torch.randn(2, n_tasks, dtype=torch.float64)
    slopes = torch.autograd.functional.jacobian(lambda a, b: (a @ b).flatten(), (trunk, heads))
    free = torch.linalg.matrix_rank(torch.cat([slope.flatten(1) for slope in slopes], dim=1))
    assert InterpolationPeak().parameters(n_tasks) == free


def risks(peaks):
    """Risks of three draws that are highest at the given number of samples for each number of tasks."""
    rng, free = np.random.default_rng(0), np.tile([InterpolationPeak().parameters(t) for t in N_TASKS], (3, 1))
    found = {risk_at(t, n): 1.0 + (n == peak) + 0.01 * rng.random(3) for t, peak in zip(N_TASKS, peaks, strict=True) for n in N_SAMPLES}
    return Result({BARE: {**found, PARAMETERS: free}, APART: found, TUNED: found})


def test_the_position_of_the_peak_is_the_geometric_mean_of_labels_per_parameter():
    hypothesis = InterpolationPeak.hypotheses[0]
    ratios = [2 * 20 / 40, 4 * 11 / 44, 8 * 6 / 52, 16 * 4 / 68]
    assert peak_position(risks((20, 11, 6, 4)), hypothesis).estimate == pytest.approx(np.prod(ratios) ** 0.25 - 1)
    assert peak_position(risks((32, 24, 14, 8)), hypothesis).estimate > 0.5


def test_the_picture_counts_labels_per_parameter():
    curves = interpolation_peak_curves(risks((20, 11, 6, 4)), 4)
    assert curves.x[6] == pytest.approx(1.0)
    assert curves.y[BARE].argmax() == 6
