"""Peaks from the outside: pairs are counted right, ranks are correlated as others do it, and a unit's weight is what it moves."""

from itertools import combinations, permutations

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from torch import nn

from mtl_tutor.experiments.why.caruana_1997.peaks import (
    ANY,
    TEST,
    UNTRAINED,
    Peaks,
    head_weights,
    pairs,
    peaks_curves,
    rank_curves,
    shared_units,
    spread_of_units,
)
from mtl_tutor.sharing import HardSharing

NAMES = ["".join(letters) for letters in permutations("ABCDEF", 3)]
TINY = Peaks(seeds=20, n_samples=10, n_hidden=5, steps=3)


@pytest.fixture(scope="module")
def result():
    return TINY.run()


@pytest.mark.messages
def test_more_variables_than_letters_are_refused_in_a_sentence():
    with pytest.raises(ValueError, match=r"`n_variables` must lie between 3 and 26, the letters of the alphabet; got 27\. Ask for 6"):
        Peaks(n_variables=27)


def test_all_pairs_of_functions_are_grouped_once():
    groups = pairs(NAMES)
    counted = {f"{n}": 0 for n in range(4)} | {f"{n}, test": 0 for n in (1, 2, 3)}
    for one, other in combinations(NAMES, 2):
        n = sum(letter in other for letter in one)
        counted[f"{n}"] += 1
        counted[f"{n}, test"] = counted.get(f"{n}, test", 0) + (one[0] == other[0])
    assert counted.pop("0, test") == 0
    assert {group: chosen.sum() for group, chosen in groups.items()} == counted
    assert sum(groups[f"{n}"].sum() for n in range(4)) == 120 * 119 / 2


def test_three_variables_and_the_test_in_common_leave_only_the_two_branches_exchanged():
    for one, other in np.argwhere(pairs(NAMES)["3, test"]):
        assert NAMES[one] == NAMES[other][0] + NAMES[other][2] + NAMES[other][1]


def test_sharing_is_the_mean_of_spearmans_rank_correlations():
    sensitivity = np.random.default_rng(0).normal(size=(2, 120, 9))
    shares, groups = shared_units(sensitivity, NAMES), pairs(NAMES)
    for net in range(2):
        oracle = spearmanr(sensitivity[net], axis=1).statistic
        for group, chosen in groups.items():
            assert shares[group][net] == pytest.approx(oracle[chosen].mean())


def test_a_weight_is_the_slope_of_an_output_and_the_spread_that_of_its_unit():
    history = TINY.trained()
    x = TINY.data(0).train.x
    weights, spread = head_weights(history), spread_of_units(history, x)
    net = HardSharing(x.shape[1], 5, 120, activation=nn.Tanh)
    net.load_state_dict({name: torch.from_numpy(value[7].copy()) for name, value in history.parameters.items()})
    units = net.trunk(torch.from_numpy(x).float()).detach().requires_grad_()
    for task in (0, 64, 119):
        (slope,) = torch.autograd.grad(net.heads[task](units).sum(), units)
        np.testing.assert_allclose(slope[0], weights[7, task], rtol=1e-6)
    np.testing.assert_allclose(units.detach().numpy().std(axis=0), spread[7, 0], rtol=1e-4)


def test_training_moves_the_nets_and_their_first_weights_scale():
    first = [np.abs(head_weights(Peaks(seeds=20, n_samples=10, n_hidden=5, steps=1).trained(start, lr=1e-12))) for start in (1.0, 0.3)]
    np.testing.assert_allclose(first[1], 0.3 * first[0], rtol=1e-4, atol=1e-7)
    assert not np.allclose(np.abs(head_weights(TINY.trained())), first[0], atol=1e-3)


def test_every_sentence_is_decided_and_untrained_nets_stand_beside_it(result):
    assert [claim.id for claim in result.claims] == [f"peaks-{hypothesis.id}" for hypothesis in Peaks.hypotheses]
    untrained = next(claim for claim in result.claims if claim.id == "peaks-untrained")
    assert untrained.measured == untrained.control
    assert all(np.abs(values).max() <= 1 for nets in result.measured.values() for values in nets.values())


@pytest.mark.parametrize("nets", ["trained", "shuffled"])
def test_the_picture_is_of_the_nets_that_were_asked_for(result, nets):
    picture = rank_curves(result, nets)
    assert list(picture.y) == [ANY, TEST, UNTRAINED]
    assert np.isnan(picture.y[TEST][0])  # no pair tests the same variable and shares none
    for n in range(4):
        assert picture.y[ANY][n] == pytest.approx(result.values(f"{n}", nets).mean())
        assert picture.y[UNTRAINED][n] == pytest.approx(result.values(f"{n}", "untrained").mean())
    assert picture.y[TEST][3] == pytest.approx(result.values("3, test", nets).mean())


def test_the_widget_shows_what_the_experiment_finds_on_its_own_seeds():
    picture = peaks_curves(units=5, steps=3, n_seeds=20)
    trained = Peaks(seeds=20, first_seed=2000, n_hidden=5, steps=3).trained()
    wanted = shared_units(np.abs(head_weights(trained)), trained.tasks)
    assert [picture.y[ANY][n] for n in range(4)] == pytest.approx([wanted[f"{n}"].mean() for n in range(4)])
