"""The plane of XOR shows the loss at its start and at both ends."""

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator
from torch import nn

from mtl_tutor.experiments import xor_plane
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import only_tasks, parity
from mtl_tutor.training import train


def test_the_plane_of_xor_holds_the_start_and_both_ends_and_shows_the_loss_there():
    plane = xor_plane(seed=1000, steps=60)
    heights = RegularGridInterpolator((plane.y, plane.x), plane.z)
    for way, data in zip(plane.paths, (only_tasks(parity(2), [0]), parity(2)), strict=True):
        net = HardSharing(2, 2, len(data.tasks), activation=nn.Tanh)
        start, end = (train(net, data, seeds=[1000], steps=steps, lr=lr, eval_every=1) for steps, lr in ((1, 1e-12), (60, 0.05)))
        names = ("trunk.0.weight", "trunk.0.bias", "heads.0.weight", "heads.0.bias")
        length = np.sqrt(sum(((end.parameters[name] - start.parameters[name]) ** 2).sum() for name in names))
        np.testing.assert_allclose(way[0], 0, atol=1e-12)
        assert np.linalg.norm(way[-1]) == pytest.approx(length, rel=1e-4)
        for place, run in ((way[0], start), (way[-1], end)):
            assert heights(place[::-1])[0] == pytest.approx(run.loss["train"][0, -1, 0], abs=0.02)
