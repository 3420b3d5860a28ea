"""Task vectors: what is added, what is left alone, and the case in which a sum is exact."""

import numpy as np
import pytest
import torch

from mtl_tutor.experiments import Hypothesis, Result, TaskArithmeticExperiment, task_arithmetic_curves
from mtl_tutor.experiments.sharing.after_training.mlp_batch import fit
from mtl_tutor.experiments.sharing.after_training.task_arithmetic import (
    CHOSEN,
    COEFFICIENTS,
    COSINE,
    ERROR,
    FAMILIES,
    GAINED,
    HAD,
    HARM,
    LOSS,
    LOST,
    OVER,
    TRAINED,
    ZERO,
    explained,
    explained_by_others,
    forgetting,
    kept,
    mean_cosine,
    rank_correlation,
    share_lost,
    share_of_loss,
)
from mtl_tutor.experiments.sharing.after_training.task_vectors import (
    HEAD,
    N_TASKS,
    TaskVectors,
    added,
    common_start,
    draw_tasks,
    per_task,
    with_shuffled_labels,
)
from mtl_tutor.tuning import Setting

SEEDS = [1, 2]


def ends(family, freeze=HEAD):
    """A start, and a trunk per task that went on from it."""
    draws = draw_tasks(family, SEEDS, 30, 0.3)
    start = common_start(SEEDS, draws, 8)
    return draws, start, fit(start, *draws.train, lr=0.01, keep_at=(20,), freeze=freeze)[0]


def test_tasks_of_a_seed_start_from_one_trunk_with_a_head_each():
    _, start, _ = ends("one subspace")
    for row in (1, 2, 3):
        assert torch.equal(start.w[0], start.w[row])
        assert not torch.equal(start.v[0], start.v[row])
    assert not torch.equal(start.w[0], start.w[N_TASKS])


def test_heads_of_the_start_are_where_no_step_lowers_the_ridge_objective():
    draws, start, _ = ends("one subspace")
    x, y = draws.train

    def objective(v):
        return float(((start.hidden(x) @ v + start.c - y) ** 2)[0].sum() + 3.0 * (v[0] ** 2).sum() + 3.0 * start.c[0] ** 2)

    least = objective(start.v)
    for row in range(20):
        assert objective(start.v + 0.01 * torch.randn(start.v.shape, generator=torch.Generator().manual_seed(row))) > least


def test_own_vector_times_one_is_the_own_net_and_a_quarter_of_all_is_the_mean():
    _, start, end = ends("one subspace")
    own = TaskVectors.of(end, start)
    torch.testing.assert_close(added(start, 1.0, own).w, end.w)
    mean = added(start, 1 / N_TASKS, own, own.of_other_tasks())
    torch.testing.assert_close(mean.w[0], end.w[:N_TASKS].mean(0))
    torch.testing.assert_close(mean.w[5], end.w[N_TASKS:].mean(0))
    assert torch.equal(mean.v, start.v)


def test_the_other_tasks_of_a_circle_are_all_the_others():
    _, start, end = ends("one subspace")
    own = TaskVectors.of(end, start)
    around = sum(own.of_task_after(places).w for places in range(1, N_TASKS))
    torch.testing.assert_close(around, own.of_other_tasks().w)
    assert torch.equal(own.of_task_after(1).b[3], own.b[0])


def test_random_vectors_are_as_long_and_point_elsewhere():
    _, start, end = ends("one subspace")
    own = TaskVectors.of(end, start)
    turned = own.random(SEEDS)
    torch.testing.assert_close(turned.flat().norm(dim=1), own.flat().norm(dim=1))
    assert torch.cosine_similarity(own.flat(), turned.flat()).abs().max() < 0.4


def test_with_inputs_of_their_own_and_biases_still_the_plain_sum_is_each_tasks_own_net():
    draws, start, end = ends("own inputs", freeze=(*HEAD, "b"))
    own = TaskVectors.of(end, start)
    both = added(start, 1.0, own, own.of_other_tasks())
    np.testing.assert_allclose(both.errors(*draws.test), end.errors(*draws.test), rtol=1e-5)
    assert torch.cosine_similarity(own.flat(), own.of_task_after(1).flat()).abs().max() == 0


def test_families_share_what_their_name_says():
    x = draw_tasks("own inputs", SEEDS, 30, 0.3).train[0].view(2, N_TASKS, 30, N_TASKS, 5)
    for task in range(N_TASKS):
        assert ((x[:, task] != 0).all(dim=(0, 1, 3)) == (torch.arange(N_TASKS) == task)).all()
        assert (x[:, task] != 0).sum() == 2 * 30 * 5
    related, strange = (draw_tasks(family, SEEDS, 30, 0.3) for family in FAMILIES[:2])
    assert torch.equal(related.test[1][0], strange.test[1][0])  # the first task is the same
    assert not torch.equal(related.test[1][1], strange.test[1][1])
    assert not torch.equal(related.train[0][0], related.train[0][1])  # samples of its own


def test_shuffling_keeps_inputs_and_labels_but_not_who_has_which():
    train = draw_tasks("one subspace", SEEDS, 30, 0.3).train
    x, y = with_shuffled_labels(train, SEEDS)
    assert torch.equal(x, train[0])
    assert torch.equal(y.sort(1).values, train[1].sort(1).values)
    assert not torch.equal(y, train[1])


def test_the_widget_draws_sums_and_flat_lines():
    curves = task_arithmetic_curves("own inputs", 20, 4, n_seeds=20)
    assert np.ptp(curves.y["a trunk per task"]) == 0
    assert list(curves.x) == list(COEFFICIENTS)
    assert curves.y["sum of four"][ZERO] == pytest.approx(curves.y["others random"][ZERO])


def test_what_is_kept_and_forgotten_is_a_share_of_sums():
    ones = np.ones(4)
    measured = {f"one subspace: {name}": {ERROR: error * ones} for name, error in {"start": 4, "sum": 3, "own": 2}.items()}
    vectors = {COSINE: np.tile([0.1, 0.2, 0.3], (4, 1)), HARM: np.tile([3.0, 2.0, 1.0], (4, 1))}
    measured |= {"vectors": vectors, "own lost": {LOSS: 2 * ones}, "other lost": {LOSS: 0.5 * ones}}

    def effect(function, treatment, reference=None):
        return function(Result(measured), Hypothesis("", "", "", treatment, reference)).estimate

    assert effect(kept, "one subspace: sum") == pytest.approx(0.5)
    assert effect(share_of_loss, "other lost", "own lost") == pytest.approx(0.25)
    assert effect(mean_cosine, "vectors") == pytest.approx(0.2)
    assert effect(rank_correlation, "vectors") == pytest.approx(-1)


def test_at_coefficient_zero_every_sum_is_the_start_and_validation_chooses_none_below():
    trial = TaskArithmeticExperiment(first_seed=1, n_hidden=4, n_samples=20).with_few_seeds(2)
    settings = {f"one subspace: {arm}": Setting(lr=0.01, steps=10) for arm in TRAINED}
    measured = trial.measure_family("one subspace", settings)
    assert COEFFICIENTS[ZERO] == 0
    for arm in ("sum", "random", "shuffled"):
        np.testing.assert_allclose(measured[arm][OVER][:, ZERO], measured["start"][ERROR], rtol=1e-5)
        assert (measured[arm][CHOSEN] >= 0).all()
        places = np.searchsorted(COEFFICIENTS, measured[arm][CHOSEN])
        np.testing.assert_array_equal(measured[arm][ERROR], measured[arm][OVER][[0, 1], places])
    assert measured["vectors"][COSINE].shape == measured["vectors"][HARM].shape == (2, N_TASKS * (N_TASKS - 1))
    assert per_task(np.arange(8.0)).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_pairs_of_one_cosine_share_a_rank_whatever_their_order():
    def correlation(cosines, harm):
        measured = {"vectors": {COSINE: np.tile(cosines, (4, 1)), HARM: np.tile(harm, (4, 1))}}
        return rank_correlation(Result(measured), Hypothesis("", "", "", "vectors")).estimate

    assert correlation([0.1, 0.1, 0.2, 0.2], [1.0, 2.0, 4.0, 3.0]) == pytest.approx(correlation([0.1, 0.1, 0.2, 0.2], [2.0, 1.0, 3.0, 4.0]))
    assert correlation([0.1, 0.1, 0.2, 0.2], [1.0, 2.0, 3.0, 4.0]) == pytest.approx(2 / 5**0.5)


def test_what_is_lost_is_a_share_of_what_was_there_or_of_what_was_added():
    ones = np.ones(4)
    measured = {"own": {LOST: 0.3 * ones, HAD: 0.6 * ones, GAINED: 0.2 * ones}, "random": {LOST: 0.1 * ones, HAD: 0.5 * ones}}

    def effect(reference=None, measure=None):
        return share_lost(Result(measured), Hypothesis("", "", "", "own", reference, measure=measure)).estimate

    assert effect() == pytest.approx(0.5)
    assert effect("random") == pytest.approx(0.3)
    assert effect(measure=GAINED) == pytest.approx(1.5)


def test_what_others_explain_is_what_their_nets_explain_with_the_tasks_vector():
    draws, start, end = ends("no subspace in common")
    own = TaskVectors.of(end, start)
    found = explained_by_others(start, -0.5, own, draws.validation)
    second = own.w[1], own.b[1]  # of the second task of the first seed
    moved = start._replace(w=start.w - 0.5 * second[0], b=start.b - 0.5 * second[1])
    assert found[0, 1] == pytest.approx(explained(moved, draws.validation)[0, [0, 2, 3]].sum(), rel=1e-5)


def test_forgetting_goes_as_far_as_the_other_tasks_allow():
    draws, start, end = ends("own inputs", freeze=(*HEAD, "b"))
    own = TaskVectors.of(end, start)
    free = forgetting(start, own, draws)  # no other task reads these inputs
    np.testing.assert_array_equal(free[CHOSEN], -1)
    nothing = forgetting(start, TaskVectors(0 * own.w, 0 * own.b), draws)
    np.testing.assert_allclose(nothing[LOST], 0)
    np.testing.assert_allclose(nothing[GAINED], 0, atol=1e-7)
    harmful = forgetting(start, TaskVectors(1e4 * torch.ones_like(own.w), 1e4 * torch.ones_like(own.b)), draws)
    np.testing.assert_array_equal(harmful[CHOSEN], 0)
    np.testing.assert_array_equal(harmful[LOST], 0)
    assert (free[HAD] == nothing[HAD]).all()
