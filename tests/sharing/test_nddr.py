"""NDDR: every unit of every task may be read by every unit of every other, from a diagonal start."""

import numpy as np
import pytest
import torch

from mtl_tutor.sharing.nddr import NDDR


def test_strengths_before_training_are_the_weights_of_the_start():
    strengths = NDDR(3, (6, 5), 3, start=0.8).inspect(torch.zeros(1, 3))["strengths"]
    np.testing.assert_allclose(strengths, np.broadcast_to(0.7 * np.eye(3) + 0.1, (2, 3, 3)), atol=1e-6)


def test_strengths_say_who_reads_and_whose():
    net = NDDR(3, 4, 2)
    with torch.no_grad():
        net.fusions[0].weight.zero_()
        net.fusions[0].weight[:4, 4:] = 0.5  # the first task's units read the second's
    np.testing.assert_allclose(net.inspect(torch.zeros(1, 3))["strengths"], [[[0, 1.0], [0, 0]]], atol=1e-6)


def test_one_unit_can_be_read_crosswise():
    net = NDDR(3, 2, 2, start=1.0)
    x = torch.randn(5, 3)
    before = net(x)[0]
    with torch.no_grad():
        net.fusions[0].weight[0] = 0  # task 0's first unit now reads the second unit of task 1
        net.fusions[0].weight[0, 3] = 1
    own, other = (torch.relu(net.towers[task][0][0](x)) for task in range(2))
    expected = net.towers[0][-1](torch.stack([other[:, 1], own[:, 1]], 1))
    torch.testing.assert_close(net(x)[0], expected)
    assert not torch.equal(before, expected)


def test_a_start_outside_the_unit_interval_gets_a_sentence():
    with pytest.raises(ValueError, match=r"`start` must lie in \[0, 1\]; got 2"):
        NDDR(3, 6, 2, start=2)
