"""Joint training and its relatives: who is asked what, when, and which weights move."""

from itertools import combinations

import numpy as np
import pytest

from mtl_tutor.experiments import Questions, Relatives, relatives_curves, swapped, transfer_arms
from mtl_tutor.experiments.what.one_network_many_tasks import WRONG
from mtl_tutor.tasks.digits import LABELINGS
from mtl_tutor.training import predict, train

SEEDS = np.array([5, 6])
TRIAL = Relatives(seeds=20, n_images=200)
TRUNK = ("trunk.0.weight", "trunk.0.bias")


@pytest.mark.parametrize("bad", [{"n_few": 9}, {"n_images": 100}, {"n_many": 900, "n_images": 950}])
def test_relatives_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must"):
        Relatives(**bad)


def test_the_five_questions_tell_all_digits_apart_but_five_and_seven():
    def answers(digit):
        return [digit in yes for yes in LABELINGS.values()]

    assert [pair for pair in combinations(range(10), 2) if answers(pair[0]) == answers(pair[1])] == [(5, 7)]


def test_both_stages_see_the_images_of_the_joint_net():
    first, second, both = (Questions(asked, 20, 100, 3)(7) for asked in ("others", "main after the others", "all"))
    np.testing.assert_array_equal(first.train.y, both.train.y[:, 1:])
    np.testing.assert_array_equal(second.train.y, both.train.y[:, :1])
    assert np.isfinite(second.train.y).sum() == 20
    assert "which digit" not in {task.name for task in first.tasks}
    for data in (first, second):
        np.testing.assert_array_equal(data.train.x, both.train.x)
        np.testing.assert_array_equal(data.test.x, both.test.x)


def test_shuffled_answers_are_the_same_for_both_kinds_of_training_and_leave_the_main_ones():
    joint, mixed = Questions("all", 20, 100, 3)(7), Questions("all", 20, 100, 3, shuffled=True)(7)
    np.testing.assert_array_equal(joint.train.y[:, 0], mixed.train.y[:, 0])
    np.testing.assert_array_equal(joint.train.y.sum(axis=0)[1:], mixed.train.y.sum(axis=0)[1:])
    assert (joint.train.y != mixed.train.y)[:, 1:].any(axis=0).all()
    np.testing.assert_array_equal(Questions("others", 20, 100, 3, shuffled=True)(7).train.y, mixed.train.y[:, 1:])


def test_a_frozen_trunk_is_what_the_other_questions_left_and_a_fine_tuned_one_is_not():
    arms = transfer_arms(20, 40)
    frozen, tuned = (TRIAL.train(arms[name], SEEDS, 8, 0.05).parameters for name in ("frozen", "tuned"))
    others = Questions("others", 20, 40, 5)
    net = TRIAL.net(others(0), 8)
    before = [train(net, others, seeds=SEEDS, steps=80, lr=lr, eval_every=80).parameters for lr in TRIAL.lrs]
    assert [all(np.array_equal(frozen[name], one[name]) for name in TRUNK) for one in before].count(True) == 1
    assert not any(np.array_equal(tuned["trunk.0.weight"], one["trunk.0.weight"]) for one in before)
    assert np.abs(frozen["heads.0.weight"]).max() > 0.1


def test_rates_tried_in_one_call_start_from_the_same_trunk():
    arm = transfer_arms(20, 40)["frozen"]
    swept = TRIAL.train(arm, np.repeat(SEEDS, 2), 8, np.tile([0.01, 0.1], 2)).parameters
    for name in TRUNK:
        np.testing.assert_array_equal(swept[name][0::2], swept[name][1::2])
    assert not np.array_equal(swept["heads.0.weight"][0], swept["heads.0.weight"][1])


def test_the_random_trunk_never_moves_and_every_way_has_its_steps():
    arms = transfer_arms(20, 40)
    one, other = (TRIAL.train(arms["random"], SEEDS, 8, lr) for lr in (0.01, 0.1))
    np.testing.assert_array_equal(one.parameters["trunk.0.weight"], other.parameters["trunk.0.weight"])
    steps = {name: TRIAL.train(arms[name], SEEDS, 8, 0.01).steps[-1] for name in ("alone", "joint", "tuned", "frozen")}
    assert steps == {"alone": 160, "joint": 160, "tuned": 80, "frozen": 80}


def test_every_line_of_the_widget_follows_the_labels_questions_and_images_asked_for(monkeypatch):
    def measured(trial, arm, n_hidden, lr):
        return {WRONG: np.full(trial.seeds, arm.data.n_labels + 1000.0 * arm.data.n_images + 1e6 * arm.data.n_extra)}

    monkeypatch.setattr(Relatives, "measured", measured)
    curves = relatives_curves(2, 300, n_seeds=20)
    n = np.array([20, 40, 80, 160])
    np.testing.assert_array_equal(curves.x, n)
    assert len(curves.y) == len(curves.roles.keys() & curves.y.keys()) == 6
    for name, line in curves.y.items():
        np.testing.assert_allclose(line, n + 1000 * (n if name == "answers on the same images" else 300) + 2e6)


@pytest.mark.parametrize("name", ["alone", "joint", "frozen"])
def test_swapped_digits_are_counted_one_by_one(name):
    arm = transfer_arms(20, 40)[name]
    history = TRIAL.train(arm, SEEDS, 8, 0.05)
    found = swapped(TRIAL, arm, history, 8)
    for row, seed in enumerate(SEEDS):
        test = arm.data(int(seed)).test
        answers = predict(TRIAL.net(arm.data(0), 8), history, test.x)[0][row].argmax(axis=1)
        pairs = [(int(right), int(answer)) for right, answer in zip(test.y[:, 0], answers, strict=True) if right in (5, 7)]
        assert found[row] == pytest.approx(sum(pair in {(5, 7), (7, 5)} for pair in pairs) / len(pairs))
    assert found.max() > 0
