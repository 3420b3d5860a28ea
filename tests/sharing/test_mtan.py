"""Attention masks: what is shown is what was applied, and each mask hears of the layer before."""

import numpy as np
import torch

from mtl_tutor.sharing.mtan import MTAN


def test_masks_shown_are_means_of_those_applied():
    net, x = MTAN(3, (5, 4), 2), torch.randn(6, 3)
    first = net.layers[0](x)
    mask = torch.sigmoid(net.masks[1][0](first))
    second = net.layers[1](first)
    above = torch.sigmoid(net.masks[1][1](torch.cat([second, mask * first], 1)))
    found = net.inspect(x)
    np.testing.assert_allclose(found["masks_1"][1], mask.mean(0).detach(), rtol=1e-5)
    np.testing.assert_allclose(found["masks_2"][1], above.mean(0).detach(), rtol=1e-5)
    torch.testing.assert_close(net(x)[1], net.heads[1](above * second))


def test_masks_lie_between_closed_and_open_and_differ_between_tasks():
    masks = MTAN(3, (5, 4), 3).inspect(torch.randn(6, 3))
    assert {name: values.shape for name, values in masks.items()} == {"masks_1": (3, 5), "masks_2": (3, 4)}
    assert all((values > 0).all() and (values < 1).all() for values in masks.values())
    assert np.ptp(masks["masks_2"], axis=0).min() > 0


def test_a_task_never_pulls_at_another_ones_masks():
    net = MTAN(3, (5, 4), 2)
    net(torch.randn(6, 3))[0].sum().backward()
    assert all(p.grad is not None for p in net.masks[0].parameters())
    assert all(p.grad is None for p in net.masks[1].parameters())
