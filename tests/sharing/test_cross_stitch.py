"""Cross-stitch: near-identity stitches, one per layer, that a seed sets and a task's gradient reads row by row."""

import numpy as np
import pytest
import torch

from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.sharing.cross_stitch import CrossStitch, mixture, near_identity


def test_weights_of_a_mixture_add_up_to_one_and_favour_oneself():
    stitches = CrossStitch(3, (6, 4), 4, start=0.7).inspect(torch.zeros(1, 3))["stitches"]
    np.testing.assert_allclose(stitches, np.broadcast_to(0.6 * np.eye(4) + 0.1, (2, 4, 4)), atol=1e-6)


def test_a_single_task_listens_to_itself_only():
    assert near_identity(1, 0.9).tolist() == [[1.0]]


def test_a_mixture_is_what_each_has_times_its_weight():
    mixed = mixture(torch.tensor([0.5, 2.0]), [torch.ones(2, 1), torch.full((2, 1), 3.0)])
    assert mixed.tolist() == [[6.5], [6.5]]


def test_towers_start_as_single_task_nets_do():
    stitch, single = CrossStitch(3, (6, 4), 2), SingleTask(3, (6, 4), 2)
    for net in (stitch, single):
        torch.manual_seed(5)
        net.reset_parameters()
    towers = [p for name, p in stitch.named_parameters() if name != "stitches"]
    assert all(torch.equal(a, b) for a, b in zip(towers, single.parameters(), strict=True))


def test_a_reset_brings_the_stitches_back():
    net = CrossStitch(3, 6, 2)
    with torch.no_grad():
        net.stitches.fill_(7)
    net.reset_parameters()
    assert torch.equal(net.stitches[0], near_identity(2, 0.9))


def test_stitches_that_weigh_all_alike_make_all_tasks_read_the_same():
    net = CrossStitch(3, 6, 2, start=0.5)
    net.towers[1][-1].load_state_dict(net.towers[0][-1].state_dict())
    one, other = net(torch.randn(4, 3))
    assert torch.equal(one, other)


@pytest.mark.parametrize("start", [-0.1, 1.1, float("nan")])
def test_a_start_outside_the_unit_interval_gets_a_sentence(start):
    with pytest.raises(ValueError, match=r"`start` must (lie in \[0, 1\]|be a finite number); got"):
        CrossStitch(3, 6, 2, start=start)


def test_a_trunk_of_ones_own_gets_a_sentence():
    with pytest.raises(ValueError, match="CrossStitch works between the layers"):
        CrossStitch(3, 6, 2, trunk=HardSharing(3, 6, 2).trunk)
