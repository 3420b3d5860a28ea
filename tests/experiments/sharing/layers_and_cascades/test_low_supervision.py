"""Layered trials: who answers where, who is told what, and who moves what in which stage."""

import numpy as np
import pytest
import torch

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.experiments import FusionOrLayers, LowSupervision
from mtl_tutor.experiments.sharing.layers_and_cascades import layered_nets as nets
from mtl_tutor.experiments.sharing.layers_and_cascades.fusion_or_layers import HARD, LAYERED, STITCHES
from mtl_tutor.sharing import SingleTask, cost_of
from mtl_tutor.tasks import needed_answer, shuffled_labels
from mtl_tutor.training import train

DRAW = nets.needed(40)


def test_the_helper_answers_from_the_layer_that_is_named_and_the_main_task_from_the_last():
    data = DRAW(0)
    for layer in (1, 2, 3):
        assert nets.supervised_at(layer)(data, 4).inspect(torch.zeros(1, 10))["depths"].tolist() == [3, layer]


def test_a_stranger_takes_the_helpers_place_and_nothing_else():
    helper, stranger = DRAW(3), nets.needed(40, helper=2)(3)
    np.testing.assert_array_equal(helper.train.x, stranger.train.x)
    np.testing.assert_array_equal(helper.train.y[:, 0], stranger.train.y[:, 0])
    assert (helper.train.y[:, 1] != stranger.train.y[:, 1]).all()
    assert [data.tasks[1].name for data in (helper, stranger)] == ["helper", "stranger 1"]


def test_who_is_told_is_told_the_helpers_true_answer():
    """The test labels have no noise, so there the last input is the helper's label."""
    planted, told = needed_answer(3, 40, seed=5).data, nets.told(40)(5)
    np.testing.assert_allclose(told.test.x[:, -1], planted.test.y[:, 1], atol=1e-12)
    np.testing.assert_array_equal(told.train.x[:, :-1], planted.train.x)
    assert 0.1 < (told.train.x[:, -1] - planted.train.y[:, 1]).std() < 0.5
    assert [task.name for task in told.tasks] == ["main"]


def test_few_answers_are_the_first_ones_of_the_helper():
    few = nets.few_answers(DRAW, 7)(1)
    for name, samples in few.splits().items():
        assert np.isfinite(samples.y).sum(axis=0).tolist() == ([500, 500] if name == "test" else [40, 7])
        assert np.isfinite(samples.y[:7]).all()


def test_own_samples_are_halves_without_a_common_one():
    own = nets.own_samples(DRAW)(1)
    for samples in (own.train, own.validation):
        assert np.isfinite(samples.y).sum(axis=1).tolist() == [1] * 40
        assert np.isfinite(samples.y).sum(axis=0).tolist() == [20, 20]
    assert np.isfinite(own.test.y).all()


@pytest.mark.parametrize("build", [HARD, LAYERED, STITCHES])
def test_nets_store_no_more_than_two_separate_ones(build):
    data = DRAW(0)
    for width in (2, 8):
        budget = cost_of(SingleTask(10, (width, width), 2)).parameters
        stored = cost_of(build(data, width)).parameters
        assert 0.5 * budget < stored <= budget


def in_turn(data, trunk_lr=1.0, seeds=(4, 9), lr=0.01):
    arm = nets.in_turn("", "main", lambda seed: data, nets.supervised_at(1), trunk_lr=trunk_lr)
    return LowSupervision().train(arm, np.array(seeds), 4, lr)


def test_a_frozen_layer_is_the_one_that_the_helper_left():
    data = DRAW(0)
    net = nets.supervised_at(1)(data, 4)
    first = train(net, data, FixedWeighting((0.0, 1.0)), seeds=[4, 9], steps=100, lr=0.03)
    frozen, free = in_turn(data, trunk_lr=0.0), in_turn(data)
    np.testing.assert_allclose(frozen.parameters["layers.0.0.weight"], first.parameters["layers.0.0.weight"], atol=1e-5)
    assert np.abs(free.parameters["layers.0.0.weight"] - first.parameters["layers.0.0.weight"]).max() > 1e-3


def test_the_main_task_has_no_say_in_the_first_stage():
    data = DRAW(0)
    one, other = in_turn(data, trunk_lr=0.0), in_turn(shuffled_labels(data, [0]), trunk_lr=0.0)
    np.testing.assert_array_equal(one.parameters["layers.0.0.weight"], other.parameters["layers.0.0.weight"])
    assert (one.parameters["layers.1.0.weight"] != other.parameters["layers.1.0.weight"]).any()


def test_the_helper_has_no_say_in_the_second_stage():
    net, data = nets.supervised_at(1)(DRAW(0), 4), DRAW(0)
    history = in_turn(data)
    start = train(net, data, seeds=[4, 9], steps=1, lr=1e-12)
    np.testing.assert_allclose(history.parameters["heads.1.weight"], start.parameters["heads.1.weight"], atol=1e-6)


def test_each_rate_of_a_seed_goes_on_from_the_same_first_stage():
    data = DRAW(0)
    both, alone = in_turn(data, seeds=(4, 4), lr=np.array([0.01, 0.05])), in_turn(data, seeds=(4,), lr=np.array([0.05]))
    np.testing.assert_allclose(both.parameters["layers.0.0.weight"][1], alone.parameters["layers.0.0.weight"][0], atol=1e-6)


@pytest.mark.parametrize("trial", [LowSupervision(seeds=20), FusionOrLayers(seeds=20)], ids=lambda trial: trial.name)
def test_every_hypothesis_names_arms_that_exist(trial):
    arms = trial.arms()
    assert {arm for h in trial.hypotheses for arm in (h.treatment, h.reference)} <= set(arms)
    assert {trial.baseline, trial.control} <= set(arms)
