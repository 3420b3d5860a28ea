"""Nets written by a net: how they start, and how alike they are."""

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.sharing.hypernetwork import HyperNetwork


def test_generated_weights_start_at_the_scale_asked_for_and_biases_at_zero():
    torch.manual_seed(0)
    net = HyperNetwork(100, 200, 50, init_scale=0.5)
    weights = torch.stack([net.generators[0](code).view(101, 200) for code in net.codes]).detach()
    assert float(weights[:, :-1].std()) == pytest.approx(0.5 / 10, rel=0.1)
    assert float(weights[:, -1].abs().max()) == 0


def test_tasks_start_from_nearly_but_not_quite_the_same_net():
    torch.manual_seed(0)
    cosine = HyperNetwork(30, 60, 40).inspect(torch.zeros(1, 30))["weight_cosine"]
    np.testing.assert_allclose(np.diag(cosine), 1, rtol=1e-5)
    assert 0.95 < cosine[np.triu_indices(40, 1)].mean() < 0.999


def test_tasks_with_one_code_have_one_net():
    net = HyperNetwork(3, 8, 2)
    net.codes[0].data = net.codes[1].data
    assert net.inspect(torch.zeros(1, 3))["weight_cosine"].min() == pytest.approx(1)
    first, second = net(torch.randn(5, 3))
    assert torch.equal(first, second)


def test_a_code_follows_its_task_and_the_generators_follow_all():
    net = HyperNetwork(3, 8, 2)
    assert {id(p) for p in net.shared_parameters()} == {id(p) for p in net.generators.parameters()}


@pytest.mark.messages
def test_a_code_of_another_length_gets_a_sentence():
    with pytest.raises(ValueError, match=r"`code` must have shape \(2,\), .*; got \(3,\)"):
        HyperNetwork(3, 8, 2).answer(torch.zeros(5, 3), torch.zeros(3))


def test_no_code_and_a_trunk_of_ones_own_get_a_sentence():
    with pytest.raises(ValueError, match="`n_code` must be at least 1; got 0"):
        HyperNetwork(3, 8, 2, n_code=0)
    with pytest.raises(ValueError, match="`trunk` must be left out"):
        HyperNetwork(3, 8, 2, trunk=nn.Linear(3, 8))
