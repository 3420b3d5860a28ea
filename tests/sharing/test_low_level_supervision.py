"""Low-level supervision: who answers from which layer, and who shares what therefore."""

import pytest
import torch

from mtl_tutor.sharing.low_level_supervision import LowLevelSupervision


@pytest.mark.parametrize(
    ("n_tasks", "n_layers", "depths"),
    [(1, 3, (3,)), (2, 1, (1, 1)), (2, 3, (1, 3)), (3, 2, (1, 2, 2)), (3, 3, (1, 2, 3)), (5, 3, (1, 2, 2, 3, 3))],
)
def test_tasks_are_spread_over_the_layers(n_tasks, n_layers, depths):
    assert LowLevelSupervision(3, (4,) * n_layers, n_tasks).depths == depths


@pytest.mark.parametrize(("depths", "n_shared"), [((1, 3), 1), ((3, 2), 2), ((3, 3), 3)])
def test_layers_up_to_the_second_highest_head_are_shared(depths, n_shared):
    net = LowLevelSupervision(3, (4, 5, 6), 2, depths=depths)
    expected = {id(p) for layer in net.layers[:n_shared] for p in layer.parameters()}
    assert {id(p) for p in net.shared_parameters()} == expected


def test_a_single_task_shares_nothing():
    assert list(LowLevelSupervision(3, (4, 5), 1).shared_parameters()) == []


def test_heads_read_their_layer():
    net, x = LowLevelSupervision(3, (4, 5), 2, depths=(2, 1)), torch.randn(6, 3)
    low = net.layers[0](x)
    assert torch.equal(net(x)[1], net.heads[1](low))
    assert torch.equal(net(x)[0], net.heads[0](net.layers[1](low)))


@pytest.mark.parametrize("depths", [(1, 1), (0, 2), (1, 3), (2,), (1, 2, 2)])
def test_impossible_depths_get_a_sentence(depths):
    with pytest.raises(ValueError, match=r"`depths` must be 2 layers from 1 to 2, .*; got"):
        LowLevelSupervision(3, (4, 5), 2, depths=depths)
