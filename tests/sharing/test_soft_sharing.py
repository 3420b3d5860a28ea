"""Springs between nets: what they cost, and what they say of the tasks."""

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.sharing.soft_sharing import SoftSharing


def net_of(*trunks, strength=3.0):
    """Trunks of two weights, given by hand."""
    net = SoftSharing(2, 1, len(trunks), strength=strength, trunk=nn.Linear(2, 1, bias=False))
    for one, weights in zip(net.nets, trunks, strict=True):
        one.trunk.module.weight.data = torch.tensor([weights])
    return net


def test_the_penalty_is_the_squared_distance_to_the_mean_by_hand():
    net = net_of([0.0, 2.0], [4.0, 2.0])  # the mean is (2, 2)
    assert net.penalty().item() == 3.0 * (4 + 4)


def test_the_penalty_pulls_trunks_and_leaves_heads_alone():
    net = net_of([0.0, 2.0], [4.0, 2.0])
    net.penalty().backward()
    assert net.nets[0].trunk.module.weight.grad.tolist() == [[2 * 3.0 * -2, 0.0]]
    assert net.nets[0].heads[0].weight.grad is None


def test_a_lone_task_is_pulled_nowhere():
    assert SoftSharing(3, 8, 1, strength=5.0).penalty().item() == 0


def test_distances_are_in_units_of_a_trunks_length():
    found = net_of([3.0, 4.0], [-3.0, 4.0], [3.0, 4.0]).inspect(torch.zeros(1, 2))["distance"]
    np.testing.assert_allclose(found, np.array([[0, 6, 0], [6, 0, 6], [0, 6, 0]]) / 5)


def test_no_loss_but_its_own_reaches_a_net():
    net = SoftSharing(3, 8, 2)
    net(torch.ones(4, 3))[0].sum().backward()
    assert all(p.grad is None for p in net.nets[1].parameters())
    assert not list(net.shared_parameters())


def test_a_trunk_with_nothing_to_pull_at_gets_a_sentence():
    with pytest.raises(ValueError, match="`trunk` must have parameters"):
        SoftSharing(3, 3, 2, trunk=nn.Identity())


def test_negative_springs_get_a_sentence():
    with pytest.raises(ValueError, match=r"`strength` must be at least 0; got -0\.1"):
        SoftSharing(3, 8, 2, strength=-0.1)
