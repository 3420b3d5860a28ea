"""Nets with experts: what is drawn, how it is read, and who is refused."""

import numpy as np
import pytest
import torch

from mtl_tutor.experiments import Experts, experts_curves, gains_of, is_seesaw, train_wavy, two_kinds, wavy_net, wavy_pair
from mtl_tutor.experiments.sharing.experts_and_gates.experts import GAIN, GAP, SEESAW, STARTS, TABLE
from mtl_tutor.experiments.sharing.experts_and_gates.models import MODELS, NEXT_START
from mtl_tutor.tasks import task_pairs


def test_two_starts_of_a_net_learn_from_the_same_draw():
    draw = wavy_pair(0.5)
    np.testing.assert_array_equal(draw(7).train.y, draw(7 + NEXT_START).train.y)
    assert (draw(7).train.y != draw(8).train.y).all()


def test_the_sign_of_the_first_input_decides_which_direction_a_label_follows():
    four, two = task_pairs(4, 200, correlation=0.0, noise=0.3, seed=5).data, two_kinds()(5)
    for sign, columns in ((1, [0, 2]), (-1, [1, 3])):
        rows = np.sign(four.test.x[:, 0]) == sign
        np.testing.assert_array_equal(two.test.y[rows], four.test.y[np.ix_(rows, columns)])
    assert len(two.tasks) == 2


@pytest.mark.parametrize("name", MODELS)
def test_every_model_answers_two_tasks_from_two_layers_of_the_given_width(name):
    net = wavy_net(name, 3)
    assert [tuple(answer.shape) for answer in net(torch.zeros(4, 10))] == [(4, 1), (4, 1)]
    assert net.width == 3
    wide = [value.shape for value in net.parameters() if value.shape == (3, 3)]
    assert wide, "no second layer"


def test_gains_gaps_starts_and_seesaws_are_read_as_the_closed_form_says():
    alone, other = np.ones((1, 2, 2)), np.array([[[0.5, 1.5], [0.5, 0.5]]])
    errors = {f"single, {dataset}": alone for dataset in ("unrelated", "same", "opposed")}
    errors |= {"hard, unrelated": other, "hard, opposed": other, "hard, same": alone}
    errors |= {f"{net}, {dataset}": alone for dataset in ("unrelated", "same") for net in ("omoe", "mmoe")}
    read = gains_of(errors)
    assert read["hard, unrelated"][GAIN] == pytest.approx([np.log(4 / 3)])
    assert read["hard"][GAP] == pytest.approx([-np.log(4 / 3)])
    assert read["hard, unrelated"][STARTS] == pytest.approx([np.log(3) / 2])
    assert read["hard, unrelated"][SEESAW] == pytest.approx([0.5])  # up and down in the first run, up and up in the second
    assert read["hard"][SEESAW] == pytest.approx([1 / 3])
    assert read["single"][SEESAW] == pytest.approx([0.0])


def test_a_seesaw_needs_a_margin_on_either_side():
    gains = np.array([[0.2, -0.2], [-0.2, 0.2], [0.2, -0.05], [0.05, -0.2], [0.2, 0.2], [-0.2, -0.2]])
    assert is_seesaw(gains).tolist() == [True, True, False, False, False, False]


def test_reported_tuning_and_confirming_seeds_have_data_of_their_own():
    seeds = np.concatenate([np.arange(1000, 1064), 900_000 + np.arange(64_000), 1_100_000 + np.arange(10_000)])
    starts = np.concatenate([seeds, seeds + NEXT_START])
    assert len(np.unique(seeds % NEXT_START)) == len(seeds)
    assert len(np.unique(starts)) == len(starts)


def test_single_task_nets_are_held_against_their_own_other_start():
    alone, datasets = np.array([[[1.0, 2.0], [2.0, 1.0]]]), ("unrelated", "same", "opposed")
    read = gains_of({f"{net}, {dataset}": alone for dataset in datasets for net in ("single", "hard", "omoe", "mmoe")})
    assert read["single"][SEESAW] == pytest.approx([1.0])
    assert read["hard"][SEESAW] == pytest.approx([0.0])


def test_every_hypothesis_finds_what_it_compares():
    rng = np.random.default_rng(0)
    errors = {f"{net}, {dataset}": 1 + rng.random((16, 2, 2)) for dataset in TABLE for net in TABLE[dataset]}
    result = Experts().decided(gains_of(errors), {})
    assert [claim.id for claim in result.claims] == [f"experts-{h.id}" for h in Experts.hypotheses]
    gap = result.values("hard", GAP) - result.values("mmoe", GAP)
    assert result.claim("gap-hard").measured.estimate == pytest.approx(gap.mean())


@pytest.mark.slow
def test_validation_chooses_among_the_widths_and_each_seed_starts_twice():
    trial = Experts(tuning_seeds=2).with_few_seeds(3)
    setting = trial.tune("hard, unrelated")
    assert setting.n_hidden > 1  # two directions don't go through a single unit
    error = trial.errors("hard, unrelated", setting)
    assert error.shape == (3, 2, 2)
    assert (error[:, 0] != error[:, 1]).all()


@pytest.mark.slow
def test_the_widget_shows_gains_over_the_same_nets_alone():
    curves = experts_curves(3, 50, n_seeds=3)
    assert not curves.y["single-task nets"].any()
    draw = wavy_pair(1.0, 50)
    seeds = range(2000, 2003)
    alone, one = (train_wavy(net, draw, width, seeds, 0.1).best().mean(axis=1) for net, width in (("single", 1), ("hard", 3)))
    assert curves.y["one trunk"][-1] == pytest.approx(np.log(alone / one).mean())
