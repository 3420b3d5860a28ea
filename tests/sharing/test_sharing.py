"""Who shares what: gradients flow where the architecture says, and nowhere else."""

import pytest
import torch
from torch import nn

from mtl_tutor.sharing import HardSharing, SingleTask


def gradient_sizes(net, task):
    net.zero_grad()
    net(torch.ones(4, 3))[task].sum().backward()
    return {name: 0.0 if p.grad is None else float(p.grad.abs().sum()) for name, p in net.named_parameters()}


def test_every_task_pulls_at_the_trunk_and_at_its_own_head_only():
    torch.manual_seed(0)
    sizes = gradient_sizes(HardSharing(3, (8, 5), 2), task=1)
    assert sizes["trunk.0.weight"] > 0
    assert sizes["heads.1.weight"] > 0
    assert sizes["heads.0.weight"] == 0


def test_one_single_task_net_never_moves_another():
    torch.manual_seed(0)
    sizes = gradient_sizes(SingleTask(3, 8, 2), task=0)
    assert all((size > 0) == name.startswith("nets.0") for name, size in sizes.items())


def test_the_first_single_task_net_starts_as_the_shared_one_does():
    shared = HardSharing(3, 8, 2)
    alone = SingleTask.like(shared)
    for net in (shared, alone):
        torch.manual_seed(5)
        net.reset_parameters()
    assert torch.equal(alone.nets[0].trunk[0].weight, shared.trunk[0].weight)


def test_like_keeps_everything_but_the_width_asked_for():
    shared = HardSharing(3, (8, 4), n_outputs=(1, 10), activation=nn.Tanh, init_scale=0.3)
    alone = SingleTask.like(shared, n_hidden=6)
    assert [net.n_hidden for net in alone.nets] == [(6,), (6,)]
    assert [net.n_outputs for net in alone.nets] == [(1,), (10,)]
    assert {type(net.trunk[1]) for net in alone.nets} == {nn.Tanh}
    assert {net.init_scale for net in alone.nets} == {0.3}


def test_weights_start_at_the_scale_asked_for():
    torch.manual_seed(0)
    net = HardSharing(400, 300, 1, init_scale=0.5)
    assert float(net.trunk[0].weight.detach().std()) == pytest.approx(0.5 / 20, rel=0.02)
    assert float(net.trunk[0].bias.detach().abs().max()) == 0


def test_shared_parameters_are_the_trunk_or_nothing():
    shared = HardSharing(3, 8, 2)
    assert {id(p) for p in shared.shared_parameters()} == {id(p) for p in shared.trunk.parameters()}
    assert list(SingleTask(3, 8, 2).shared_parameters()) == []


@pytest.mark.parametrize(
    "bad", [{"n_features": 0}, {"n_hidden": 0}, {"n_hidden": ()}, {"n_tasks": 0}, {"n_outputs": (1, 0)}, {"init_scale": 0.0}]
)
@pytest.mark.parametrize("architecture", [HardSharing, SingleTask])
def test_bad_sizes_get_a_sentence(architecture, bad):
    with pytest.raises(ValueError, match=r"must be .*; got"):
        architecture(**({"n_features": 3, "n_hidden": 8, "n_tasks": 2} | bad))
