"""Nets as arrays: they learn what PyTorch would, matching finds an order that was lost, and lines end where the nets are."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from mtl_tutor.experiments import MergingExperiment, merging_curves
from mtl_tutor.experiments.sharing.after_training.merging import LRS, STEPS
from mtl_tutor.experiments.sharing.after_training.mlp_batch import (
    MLPBatch,
    fit,
    gradients,
    init,
    interpolate,
    match,
    permute,
    repeat,
)
from mtl_tutor.experiments.sharing.after_training.net_pairs import (
    SHARES,
    draw_pairs,
    errors_of_mixed_predictions,
    errors_of_mixed_weights,
    train_pairs,
)

X = torch.randn(3, 12, 4, generator=torch.Generator().manual_seed(0))
Y = torch.randn(3, 12, 1, generator=torch.Generator().manual_seed(1))
NETS = init([5, 6, 7], 4, 8)


def test_gradients_are_those_of_autograd():
    parts = [part.clone().requires_grad_() for part in NETS]
    w, b, v, c = parts
    answers = torch.relu(X @ w + b) @ v + c
    functional.mse_loss(answers, Y, reduction="none").mean(dim=(1, 2)).sum().backward()
    for part, slope in zip(parts, gradients(NETS, X, Y), strict=True):
        torch.testing.assert_close(slope, part.grad)
    np.testing.assert_allclose(NETS.errors(X, Y), (answers - Y).square().mean(dim=(1, 2)).detach(), rtol=1e-6)


def test_training_is_pytorchs_adam():
    parts = [part.clone().requires_grad_() for part in NETS]
    adam = torch.optim.Adam(parts, lr=0.02)
    for _ in range(30):
        adam.zero_grad()
        w, b, v, c = parts
        (torch.relu(X @ w + b) @ v + c - Y).square().mean(dim=(1, 2)).sum().backward()
        adam.step()
    early, end = fit(NETS, X, Y, lr=0.02, keep_at=(10, 30))
    for found, expected in zip(end, parts, strict=True):
        torch.testing.assert_close(found, expected.detach(), rtol=1e-3, atol=1e-4)
    assert not torch.equal(early.w, end.w)


def test_what_is_frozen_stays_and_rows_that_go_together_keep_one_trunk():
    (frozen,) = fit(NETS, X, Y, lr=0.02, keep_at=(5,), freeze=("v", "c"))
    assert torch.equal(frozen.v, NETS.v)
    assert not torch.equal(frozen.w, NETS.w)
    (tied,) = fit(repeat(init([5], 4, 8), 3), X, Y, lr=0.02, keep_at=(5,), tied_rows=3)
    assert torch.equal(tied.w[0], tied.w[2])
    assert not torch.equal(tied.v[0], tied.v[2])


def test_a_common_trunk_goes_where_the_mean_of_the_gradients_points():
    start = repeat(init([5], 4, 8), 3)
    (tied,) = fit(start, X, Y, lr=0.02, keep_at=(1,), tied_rows=3)
    down = -gradients(start, X, Y).w.mean(0)  # the first step of Adam has one size, whichever the slope
    torch.testing.assert_close((tied.w - start.w)[1], 0.02 * down.sign() * (down != 0), atol=1e-4, rtol=0)


def test_another_order_of_units_changes_no_answer_and_matching_finds_the_old_one():
    orders = [np.random.default_rng(row).permutation(8) for row in range(3)]
    copy = permute(NETS, orders)
    torch.testing.assert_close(copy.predictions(X), NETS.predictions(X))
    assert not torch.allclose(interpolate(NETS, copy, 0.5).predictions(X), NETS.predictions(X))
    for found, expected in zip(match(copy, to=NETS), NETS, strict=True):
        assert torch.equal(found, expected)


def test_no_order_of_three_units_is_nearer_than_the_matched_one():
    first, second = init([1], 4, 3), init([2], 4, 3)

    def distance(other: MLPBatch) -> float:
        return float(sum((p - q).square().sum() for p, q in zip(first, other, strict=True)))

    tried = [distance(permute(second, [order])) for order in ([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0])]
    assert distance(match(second, to=first)) == pytest.approx(min(tried))


def test_a_line_ends_at_both_nets_whether_weights_or_answers_are_mixed():
    draws = draw_pairs([1, 2], 20, 0.3)
    for name, pair in train_pairs([1, 2], draws, 6, 0.01, 5).items():
        for way in (errors_of_mixed_weights, errors_of_mixed_predictions):
            errors = way(pair, draws.test)
            assert errors.shape == (2, len(SHARES))
            np.testing.assert_allclose(errors[:, 0], pair[0].errors(*draws.test), rtol=1e-5, err_msg=name)
            np.testing.assert_allclose(errors[:, -1], pair[1].errors(*draws.test), rtol=1e-5, err_msg=name)


def test_pairs_have_in_common_what_their_name_says():
    draws = draw_pairs([3], 20, 0.3)
    pairs = train_pairs([3], draws, 6, 0.01, 1)

    def apart(name: str) -> float:
        return float((pairs[name][0].w - pairs[name][1].w).abs().max())

    assert apart("random start") <= 0.021  # one step of Adam each
    assert apart("trained start") <= 0.021
    assert apart("nothing") > 0.3
    assert apart("all but the order") > 0.3
    assert not torch.equal(draws.first[0], draws.second[0])


def test_the_setting_that_is_chosen_is_among_those_tried():
    trial = MergingExperiment(seeds=20, n_samples=30, n_hidden=4)
    setting = trial.tune("one net")
    assert setting.lr in LRS
    assert setting.steps in STEPS
    assert setting.error > 0


def test_the_widget_follows_four_lines():
    curves = merging_curves(4, 20, 5, n_seeds=20)
    assert list(curves.y) == ["different starts", "... units matched", "... answers mixed", "one start"]
    assert curves.y["different starts"][0] == pytest.approx(curves.y["one start"][0])
