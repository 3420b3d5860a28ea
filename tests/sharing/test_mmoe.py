"""Mixtures of experts: what gates are, who pulls at what, and that experts may be a reader's own trunk."""

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.sharing.mmoe import MMoE, OMoE, mixed


def test_a_mixture_is_a_weighted_sum_by_hand():
    gate = torch.tensor([[0.25, 0.75], [1.0, 0.0]])
    experts = [torch.tensor([[4.0, 0.0], [1.0, 2.0]]), torch.tensor([[0.0, 8.0], [5.0, 5.0]])]
    assert mixed(gate, experts).tolist() == [[1.0, 6.0], [1.0, 2.0]]


@pytest.mark.parametrize("architecture", [MMoE, OMoE])
def test_gates_share_out_one_whole_for_every_task_and_sample(architecture):
    torch.manual_seed(0)
    found = architecture(3, 8, 2, n_experts=5).inspect(torch.randn(7, 3))
    assert found["gates"].shape == (2, 7, 5)
    np.testing.assert_allclose(found["gates"].sum(-1), 1, rtol=1e-5)
    np.testing.assert_allclose(found["mean_gates"], found["gates"].mean(1))
    assert found["gates"].std(1).min() > 0  # samples differ
    assert (found["gates"].std(0).max() > 0) == (architecture is MMoE)  # tasks differ, or share the gate


def test_a_gate_follows_its_task_and_one_gate_follows_all():
    several, one = MMoE(3, 8, 2), OMoE(3, 8, 2)
    assert {id(p) for p in several.shared_parameters()} == {id(p) for p in several.experts.parameters()}
    assert {id(p) for p in one.parameters()} - {id(p) for p in one.shared_parameters()} == {id(p) for p in one.heads.parameters()}


@pytest.mark.parametrize("architecture", [MMoE, OMoE])
def test_experts_are_copies_of_a_trunk_of_ones_own_with_starts_of_their_own(architecture):
    torch.manual_seed(0)
    net = architecture(3, 4, 2, n_experts=2, trunk=nn.Sequential(nn.Linear(3, 4), nn.Tanh()))
    first, second = net.experts
    assert first.module[0].weight.shape == (4, 3)
    assert not torch.equal(first.module[0].weight, second.module[0].weight)
    assert [y.shape for y in net(torch.zeros(5, 3))] == [(5, 1), (5, 1)]


@pytest.mark.parametrize("architecture", [MMoE, OMoE])
def test_no_experts_get_a_sentence(architecture):
    with pytest.raises(ValueError, match="`n_experts` must be at least 1; got 0"):
        architecture(3, 8, 2, n_experts=0)
