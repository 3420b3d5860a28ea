"""Tied trunks: where they start, where a strong tie ends, and how the best tie is found."""

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.experiments import OneStart, TiedTrunks, best_ties, one_trunk, tied_nets, tied_trunks_curves
from mtl_tutor.experiments.result import Result
from mtl_tutor.experiments.sharing.hard_and_soft import tied_trunks
from mtl_tutor.experiments.sharing.hard_and_soft.tied_trunks import ALL, CHOICE, FIRST, SPREADS, TIES
from mtl_tutor.sharing import HardSharing, SoftSharing
from mtl_tutor.tasks import deviations
from mtl_tutor.training import SGD, train
from mtl_tutor.tuning import Setting, Settings

DATA = deviations(3, 20, n_features=5, seed=0).data


class Kept(nn.Module):
    """A net that starts with the weights that it has."""

    def __init__(self, net):
        super().__init__()
        self.net = net
        for part in ("penalty", "shared_parameters"):
            if hasattr(net, part):
                setattr(self, part, getattr(net, part))

    def forward(self, x):
        return self.net(x)

    def reset_parameters(self):
        """Leave all as it is."""


def welded():
    """One trunk, and three that start as it does, with the same heads."""
    torch.manual_seed(0)
    one = one_trunk(0.5)(DATA, 4)
    soft = SoftSharing(5, 4, 3, strength=0.0, activation=nn.Tanh)
    for net, head in zip(soft.nets, one.heads, strict=True):
        net.trunk.load_state_dict(one.trunk.state_dict())
        net.heads[0].load_state_dict(head.state_dict())
    return one, soft


def test_the_stronger_the_tie_the_nearer_to_one_trunk_that_moves_by_the_mean_gradient():
    one, soft = welded()
    how = {"seeds": 2, "steps": 100, "lr": 0.005, "optimizer": SGD(), "dtype": torch.float64}
    end = train(Kept(one), DATA, trunk_lr=1 / 3, **how).error["test"]
    apart = []
    for soft.strength in (0.0, 10.0, 90.0):
        apart.append(np.abs(train(Kept(soft), DATA, **how).error["test"] - end).max())
    assert apart == sorted(apart, reverse=True)
    assert apart[-1] < 0.02 * apart[0]


def test_one_start_gives_all_trunks_the_first_ones_weights_and_leaves_heads_alone():
    net = OneStart(5, 4, 3, strength=2.0)
    net.reset_parameters()
    first, *others = net.nets
    for other in others:
        for a, b in zip(first.trunk.parameters(), other.trunk.parameters(), strict=True):
            assert torch.equal(a, b)
        assert not torch.equal(first.heads[0].weight, other.heads[0].weight)
    assert net.penalty().item() == pytest.approx(0, abs=1e-10)
    assert list(net.shared_parameters()) == []


def test_the_scale_is_that_of_the_first_weights():
    net = tied_nets(1.0, scale=0.25)(deviations(2, 5, n_features=400, seed=0).data, 50)
    net.reset_parameters()
    assert net.nets[1].trunk[0].weight.std().item() == pytest.approx(0.25 / 20, rel=0.05)
    assert isinstance(tied_nets(1.0, scale=1.0, alike=False)(DATA, 4), SoftSharing)
    assert isinstance(one_trunk(0.5)(DATA, 4), HardSharing)


def test_validation_on_the_tuning_seeds_chooses_the_tie():
    errors = dict(zip(TIES, (0.5, 0.4, 0.3, 0.6, 0.7), strict=True))
    other = dict(zip(TIES, (0.5, 0.4, 0.3, 0.2, 0.7), strict=True))
    tuned = {f"{t:g}, 0.3": Settings(Setting(4, 0.005, error=each[t]) for each in (errors, other) * 2) for t in TIES}
    result = Result({}, tuned, n_blocks=4)
    assert best_ties(result, "tied, 0.3") == ["1, 0.3", "3, 0.3"] * 2
    assert best_ties(result, "apart, 0.3") == ["apart, 0.3"] * 4


def every_arm(error):
    """Errors of sixteen draws in every arm, `error(name)` with some noise."""
    rng, names = np.random.default_rng(0), list(TiedTrunks().arms())
    return {name: {measure: error(name) + 0.01 * rng.random(16) for measure in (ALL, FIRST, CHOICE)} for name in names}


def test_the_best_tie_to_shuffled_tasks_is_that_of_the_first_tasks_validation_error():
    measured = every_arm(lambda name: 1.0)
    measured["3, shuffled"][CHOICE] = measured["10, shuffled"][FIRST] = np.zeros(16)
    assert best_ties(Result(measured, n_blocks=4), "shuffled") == ["3, shuffled"] * 4


def test_every_claim_is_about_the_best_tie_and_shows_its_reference():
    errors = {name: float(name.startswith(("10, ", "1, apart"))) for name in TiedTrunks().tuned()}
    settings = {name: Settings([Setting(4, 0.005, error=error)]) for name, error in errors.items()}
    result = TiedTrunks().decided(every_arm(lambda name: 0.5 if name.startswith("0.1, ") else 1.0), settings)
    near = result.claim("near")
    assert near.measured.estimate == pytest.approx(-0.5, abs=0.02)
    assert near.baseline.estimate == pytest.approx(1.0, abs=0.02)
    assert [claim.baseline is None for claim in result.claims] == [False] * 14 + [True]


def test_the_order_is_minus_one_where_every_draw_wants_weaker_ties_as_tasks_part():
    strengths = ("apart", *(f"{t:g}" for t in TIES), "one")
    best = {0.0: 6, 0.3: 4, 1.0: 2, 10.0: 0}
    order = TiedTrunks.hypotheses[-1]
    parting = {f"{w}, {s:g}": {ALL: np.full(3, abs(at - best[s]))} for s in SPREADS for at, w in enumerate(strengths)}
    assert order.effect(Result(parting), order).estimate == pytest.approx(-1)
    same = {f"{w}, {s:g}": {ALL: np.full(3, at)} for s in SPREADS for at, w in enumerate(strengths)}
    assert order.effect(Result(same), order).estimate == 0


@pytest.mark.slow
def test_the_widget_shows_both_ends_as_flat_lines(monkeypatch):
    monkeypatch.setattr(TiedTrunks, "steps", 4)
    monkeypatch.setattr(TiedTrunks, "eval_every", 2)
    monkeypatch.setattr(tied_trunks, "TIES", (0.1, 10.0))
    curves = tied_trunks_curves(1.0, "apart, large", 20, n_seeds=20)
    assert curves.x.tolist() == [0.1, 10.0]
    assert all(np.ptp(curves.y[end]) == 0 for end in ("apart", "apart, weights decay", "one trunk"))
    assert np.ptp(curves.y["tied"]) > 0
