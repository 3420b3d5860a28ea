"""Nets with experts: what is drawn, how it is read, and who is refused."""

import numpy as np
import pytest
import torch

from mtl_tutor.experiments._expert_sentences import SENTENCES, TABLE
from mtl_tutor.experiments._gated_nets import KINDS, Fitted, World, fitted, pair_of, read_pairs, trained, two_kinds
from mtl_tutor.experiments.experts import Experts, gains_by_correlation
from mtl_tutor.tasks import task_pairs


def test_two_starts_of_a_net_learn_from_the_same_draw():
    draw = pair_of(0.5)
    np.testing.assert_array_equal(draw(7).train.y, draw(7 + 1_000_003).train.y)
    assert (draw(7).train.y != draw(8).train.y).all()


def test_the_sign_of_the_first_input_decides_which_direction_a_label_follows():
    four, two = task_pairs(4, 200, correlation=0.0, noise=0.3, seed=5).data, two_kinds()(5)
    for sign, columns in ((1, [0, 2]), (-1, [1, 3])):
        rows = np.sign(four.test.x[:, 0]) == sign
        np.testing.assert_array_equal(two.test.y[rows], four.test.y[np.ix_(rows, columns)])
    assert len(two.tasks) == 2


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_answers_two_tasks_from_two_layers_of_the_given_width(name):
    net = KINDS[name].of(3)(n_features=10, n_hidden=(32,), n_outputs=(1, 1))
    assert [tuple(answer.shape) for answer in net(torch.zeros(4, 10))] == [(4, 1), (4, 1)]
    assert net.width == 3
    wide = [value.shape for value in net.parameters() if value.shape == (3, 3)]
    assert wide, "no second layer"


def made(error):
    return Fitted(np.array(error, dtype=float), 2, 0.1)


def test_gains_gaps_starts_and_seesaws_are_read_as_the_closed_form_says():
    alone, other = made([[[1.0, 1.0], [1.0, 1.0]]]), made([[[0.5, 1.5], [0.5, 0.5]]])
    found = {(world, "single"): alone for world in ("unrelated", "same", "opposed")}
    found |= {(world, "hard"): other for world in ("unrelated", "opposed")} | {("same", "hard"): alone}
    found |= {(world, who): alone for world in ("unrelated", "same") for who in ("omoe", "mmoe")}
    read = read_pairs(found)
    assert read["hard, unrelated"] == pytest.approx([np.log(4 / 3)])
    assert read["hard, gap"] == pytest.approx([-np.log(4 / 3)])
    assert read["hard, unrelated, starts"] == pytest.approx([np.log(3) / 2])
    assert read["hard, unrelated, seesaw"] == pytest.approx([0.5])  # up and down in the first run, up and up in the second
    assert read["hard, seesaw"] == pytest.approx([1 / 3])
    assert read["single, seesaw"] == pytest.approx([0.0])


def test_single_task_nets_are_held_against_their_own_other_start():
    alone = made([[[1.0, 2.0], [2.0, 1.0]]])
    found = {(world, who): alone for world in ("unrelated", "same", "opposed") for who in ("single", "hard", "omoe", "mmoe")}
    assert read_pairs(found)["single, seesaw"] == pytest.approx([1.0])
    assert read_pairs(found)["hard, seesaw"] == pytest.approx([0.0])


def test_every_sentence_finds_what_it_compares():
    rng = np.random.default_rng(0)
    read = read_pairs({(world, who): made(1 + rng.random((3, 2, 2))) for world in TABLE for who in TABLE[world]})
    assert {name for s in SENTENCES for name in (s.more, s.less) if name} <= set(read)


def test_validation_chooses_among_the_widths_and_the_reported_seeds_are_all_there():
    found = fitted(KINDS["hard"], World(pair_of(0.0), (1, 3)), range(3), tuning_seeds=2)
    assert found.error.shape == (3, 2, 2)
    assert found.width == 3  # two directions don't go through a single unit
    assert (found.error[:, 0] != found.error[:, 1]).all()


@pytest.mark.slow
def test_the_widget_shows_gains_over_the_same_nets_alone():
    curves = gains_by_correlation(3, 50, n_seeds=3)
    assert not curves.y["single-task nets"].any()
    draw = pair_of(1.0, 50)
    alone, one = (trained(KINDS[who], draw, width, range(2000, 2003), lr=0.1) for who, width in (("single", 1), ("hard", 3)))
    assert curves.y["one trunk"][-1] == pytest.approx(np.log(alone / one).mean())


@pytest.mark.messages
@pytest.mark.parametrize("bad", [{"seeds": 19}, {"first_seed": -1}, {"tuning_seeds": 1}, {"first_seed": 899_990}])
def test_experts_refuses_impossible_settings(bad):
    with pytest.raises(ValueError, match="must"):
        Experts(**bad)
