"""Task vectors: what is added, what is left alone, and the case in which a sum is exact."""

import numpy as np
import pytest
import torch

from mtl_tutor.experiments._base import Sentence
from mtl_tutor.experiments._sums import COEFFICIENTS, FAMILIES, ZERO, Sums, effect_of, sums_of
from mtl_tutor.experiments._two_layers import fitted
from mtl_tutor.experiments._vectors import HEAD, N_TASKS, Vectors, added, common_start, drawn, per_task, shuffled
from mtl_tutor.experiments.task_arithmetic import TaskArithmetic, add_vectors

SEEDS = [1, 2]


def ends(family, still=HEAD):
    """A start, and a trunk per task that went on from it."""
    draws = drawn(family, SEEDS, 30, 0.3)
    start = common_start(SEEDS, draws, 8)
    return draws, start, fitted(start, *draws.train, lr=0.01, looks=(20,), still=still)[0]


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
    own = Vectors.of(end, start)
    torch.testing.assert_close(added(start, 1.0, own).w, end.w)
    mean = added(start, 1 / N_TASKS, own, own.of_other_tasks())
    torch.testing.assert_close(mean.w[0], end.w[:N_TASKS].mean(0))
    torch.testing.assert_close(mean.w[5], end.w[N_TASKS:].mean(0))
    assert torch.equal(mean.v, start.v)


def test_the_other_tasks_of_a_circle_are_all_the_others():
    _, start, end = ends("one subspace")
    own = Vectors.of(end, start)
    around = sum(own.of_task_after(places).w for places in range(1, N_TASKS))
    torch.testing.assert_close(around, own.of_other_tasks().w)
    assert torch.equal(own.of_task_after(1).b[3], own.b[0])


def test_random_vectors_are_as_long_and_point_elsewhere():
    _, start, end = ends("one subspace")
    own = Vectors.of(end, start)
    turned = own.turned_at_random(SEEDS)
    torch.testing.assert_close(turned.flat().norm(dim=1), own.flat().norm(dim=1))
    assert torch.cosine_similarity(own.flat(), turned.flat()).abs().max() < 0.4


def test_with_inputs_of_their_own_and_biases_still_the_plain_sum_is_each_tasks_own_net():
    draws, start, end = ends("own inputs", still=(*HEAD, "b"))
    own = Vectors.of(end, start)
    both = added(start, 1.0, own, own.of_other_tasks())
    np.testing.assert_allclose(both.errors(*draws.test), end.errors(*draws.test), rtol=1e-5)
    assert torch.cosine_similarity(own.flat(), own.of_task_after(1).flat()).abs().max() == 0


def test_families_share_what_their_name_says():
    x = drawn("own inputs", SEEDS, 30, 0.3).train[0].view(2, N_TASKS, 30, N_TASKS, 5)
    for task in range(N_TASKS):
        assert ((x[:, task] != 0).all(dim=(0, 1, 3)) == (torch.arange(N_TASKS) == task)).all()
        assert (x[:, task] != 0).sum() == 2 * 30 * 5
    related, strange = (drawn(family, SEEDS, 30, 0.3) for family in FAMILIES[:2])
    assert torch.equal(related.test[1][0], strange.test[1][0])  # the first task is the same
    assert not torch.equal(related.test[1][1], strange.test[1][1])
    assert not torch.equal(related.train[0][0], related.train[0][1])  # samples of its own


def test_shuffling_keeps_inputs_and_labels_but_not_who_has_which():
    train = drawn("one subspace", SEEDS, 30, 0.3).train
    x, y = shuffled(train, SEEDS)
    assert torch.equal(x, train[0])
    assert torch.equal(y.sort(1).values, train[1].sort(1).values)
    assert not torch.equal(y, train[1])


def test_what_is_kept_and_forgotten_is_a_share_of_sums():
    ones = np.ones(4)
    errors = {"start": 4 * ones, "sum": 3 * ones, "own": 2 * ones}
    sums = Sums(errors, {}, np.tile([0.1, 0.2, 0.3], (4, 1)), np.tile([3.0, 2.0, 1.0], (4, 1)), np.tile([2.0, 0.5], (4, 1)), {})
    effects = {more: effect_of(Sentence("", "", "", more), sums).estimate for more in ("kept", "others' share", "ranks", "own loss")}
    assert effects == pytest.approx({"kept": 0.5, "others' share": 0.25, "ranks": -1, "own loss": 2})


def test_at_coefficient_zero_every_sum_is_the_start_and_validation_chooses_none_below():
    sums = sums_of("one subspace", SEEDS, n_hidden=4, n_samples=20, noise=0.3)
    assert COEFFICIENTS[ZERO] == 0
    for over in sums.over.values():
        np.testing.assert_allclose(over[:, ZERO], sums.errors["start"], rtol=1e-5)
    assert (sums.errors["coefficient"] >= 0).all()
    np.testing.assert_allclose(sums.errors["plain sum"], sums.over["sum"][:, np.flatnonzero(COEFFICIENTS == 1)[0]])
    assert sums.cosines.shape == sums.harm.shape == (2, N_TASKS * (N_TASKS - 1))
    assert per_task(np.arange(8.0)).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_the_widget_draws_sums_and_flat_lines():
    curves = add_vectors("own inputs", 20, 4, n_seeds=20)
    assert np.ptp(curves.y["a trunk per task"]) == 0
    assert list(curves.x) == list(COEFFICIENTS)
    assert curves.y["sum of four"][ZERO] == pytest.approx(curves.y["others random"][ZERO])


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"seeds": 19}, {"first_seed": -1}, {"n_hidden": 1}, {"n_samples": 1}, {"noise": 0.0}])
def test_task_arithmetic_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must be at least"):
        TaskArithmetic(**bad)
