"""What tasks add to shared layers: how much, of which rank, and to whom it belongs."""

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.sharing.adapters import Adapters, LowRank

BOTH = pytest.mark.parametrize("architecture", [Adapters, LowRank])


@BOTH
def test_what_a_task_adds_follows_that_task(architecture):
    net = architecture(3, (8, 5), 2)
    assert {id(p) for p in net.shared_parameters()} == {id(p) for p in net.layers.parameters()}


def test_tasks_start_from_nearly_the_same_features():
    torch.manual_seed(0)
    shares = Adapters(3, (8, 5), 2).inspect(torch.randn(50, 3))["adapter_share"]
    assert (shares > 0).all()
    assert (shares < 0.05).all()


def test_a_bottleneck_corrects_features_by_hand():
    net = Adapters(1, 1, 1, n_bottleneck=1)
    for p in net.parameters():
        nn.init.zeros_(p)
    down, _, up = net.adapters[0][0]
    for p, value in ((net.layers[0][0].weight, 2.0), (down.weight, 3.0), (up.weight, 0.5), (net.heads[0].weight, 1.0)):
        nn.init.constant_(p, value)
    x = torch.ones(4, 1)
    assert net(x)[0][0].item() == 2 + 0.5 * (3 * 2)
    assert net.inspect(x)["adapter_share"].tolist() == [[1.5]]


def test_added_matrices_have_the_rank_asked_for_and_are_told_apart_from_their_mean():
    torch.manual_seed(0)
    net = LowRank(6, (8, 7), 2, rank=2)
    for p in net.changes.parameters():
        nn.init.normal_(p)
    found = net.inspect(torch.randn(9, 6))
    assert found["singular_values_0"].shape == (2, 6)
    assert found["singular_values_1"].shape == (2, 7)
    one, two = (up.weight @ down.weight for down, up in net.changes[1])
    np.testing.assert_allclose(found["singular_values_1"][0], torch.linalg.svdvals((one - two) / 2).detach(), atol=1e-5)
    assert (found["singular_values_1"][:, 4:] < 1e-5).all()  # two matrices of rank 2 differ in 4 directions


def test_the_share_of_a_low_rank_change_is_measured_before_the_activation_by_hand():
    net = LowRank(1, 1, 1, rank=1)
    (linear, _), (down, up) = net.layers[0], net.changes[0][0]
    for p, value in ((linear.weight, 2.0), (linear.bias, 0.0), (down.weight, 3.0), (up.weight, -1.0), (up.bias, 0.5)):
        nn.init.constant_(p, value)
    assert net.inspect(torch.ones(4, 1))["adapter_share"].tolist() == [[1.25]]


@pytest.mark.parametrize(("architecture", "knob"), [(Adapters, "n_bottleneck"), (LowRank, "rank")])
def test_nothing_to_add_and_a_trunk_of_ones_own_get_a_sentence(architecture, knob):
    with pytest.raises(ValueError, match=f"`{knob}` must be at least 1; got 0"):
        architecture(3, 8, 2, **{knob: 0})
    with pytest.raises(ValueError, match="`trunk` must be left out"):
        architecture(3, 8, 2, trunk=nn.Linear(3, 8))
