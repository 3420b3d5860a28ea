"""Experts for each task and for all: who reads whom, level by level."""

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.sharing.ple import CGC, PLE


def test_gates_share_out_one_whole_over_own_and_shared_experts():
    torch.manual_seed(0)
    found = PLE(3, 8, 2, n_levels=3, n_private=2, n_shared=1).inspect(torch.randn(7, 3))
    assert {name: gates.shape for name, gates in found.items()} == {f"gates_{level}": (2, 7, 3) for level in range(3)}
    for gates in found.values():
        np.testing.assert_allclose(gates.sum(-1), 1, rtol=1e-5)


def test_the_last_gate_names_own_experts_before_shared_ones():
    net = CGC(3, 4, 2, n_private=1, n_shared=2)
    for gate in net.level.gates:
        nn.init.zeros_(gate.weight)
        gate.bias.data = torch.tensor([20.0, 0.0, 0.0])
    x = torch.randn(6, 3)
    assert (net.inspect(x)["gates"][..., 0] > 0.999).all()
    torch.testing.assert_close(net(x)[1], net.heads[1](net.level.private[1][0](x)), atol=1e-4, rtol=0)


@pytest.mark.parametrize(("n_levels", "shared"), [(1, {"0.shared"}), (2, {"0.shared", "0.shared_gate", "0.private", "1.shared"})])
def test_what_a_shared_gate_reads_is_shared(n_levels, shared):
    net = PLE(3, 8, 2, n_levels=n_levels)
    ids = {id(p) for p in net.shared_parameters()}
    names = {name for name, p in net.named_parameters() if id(p) in ids}
    assert {".".join(name.split(".")[1:3]) for name in names} == shared


def test_a_gate_two_levels_below_the_last_is_shared_through_the_shared_gate_between():
    net = PLE(3, 8, 2, n_levels=3)
    ids = {id(p) for p in net.shared_parameters()}
    assert [id(level.gates[0].weight) in ids for level in net.levels] == [True, False, False]


def test_without_shared_experts_nothing_is_shared():
    assert not list(PLE(3, 8, 2, n_levels=3, n_shared=0).shared_parameters())
    assert not list(CGC(3, 8, 2, n_shared=0).shared_parameters())


def test_first_level_experts_are_copies_of_a_trunk_of_ones_own_and_later_ones_as_wide():
    net = PLE(3, 4, 2, trunk=nn.Sequential(nn.Linear(3, 4), nn.Tanh()), activation=nn.Tanh)
    assert [type(level.shared[0]).__name__ for level in net.levels] == ["OwnTrunk", "Sequential"]
    assert net.levels[1].shared[0][0].weight.shape == (4, 4)
    assert [y.shape for y in net(torch.zeros(5, 3))] == [(5, 1), (5, 1)]


@pytest.mark.parametrize(
    ("architecture", "knob", "least"),
    [(PLE, "n_levels", 1), (PLE, "n_private", 1), (PLE, "n_shared", 0), (CGC, "n_private", 1), (CGC, "n_shared", 0)],
)
def test_counts_too_small_get_a_sentence(architecture, knob, least):
    with pytest.raises(ValueError, match=f"`{knob}` must be at least {least}; got {least - 1}"):
        architecture(3, 8, 2, **{knob: least - 1})
