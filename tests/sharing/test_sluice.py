"""Sluice networks: subspaces, layers side by side, and a penalty on subspaces that repeat each other."""

import numpy as np
import pytest
import torch

from mtl_tutor.sharing.sluice import Sluice


def test_widths_are_rounded_up_so_that_subspaces_are_equal():
    net = Sluice(3, (5, 1), 2, n_subspaces=3)
    assert net.n_hidden == (6, 3)
    assert [tuple(y.shape) for y in net(torch.zeros(4, 3))] == [(4, 1), (4, 1)]


def test_a_closed_subspace_is_private_and_an_open_one_is_common():
    """Two tasks of two units each: first units averaged over the tasks, second units kept."""
    net = Sluice(3, 2, 2)
    with torch.no_grad():
        net.mixtures[0] = torch.tensor([[0.5, 0, 0.5, 0], [0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0, 0, 1]])
    x = torch.randn(5, 3)
    own, other = (torch.relu(net.towers[task][0][0](x)) for task in range(2))
    common = (own[:, 0] + other[:, 0]) / 2
    torch.testing.assert_close(net(x)[0], net.heads[0](torch.stack([common, own[:, 1]], 1)))
    torch.testing.assert_close(net(x)[1], net.heads[1](torch.stack([common, other[:, 1]], 1)))


def test_heads_read_every_layer_by_its_weight():
    net = Sluice(3, (4, 4), 2)
    with torch.no_grad():
        net.layer_weights[0, 1] = 0  # the first task answers from the first layer only
        net.layer_weights[0, 0] = 1
        before = net(torch.ones(1, 3))
        net.mixtures[1].mul_(3)
        after = net(torch.ones(1, 3))
    assert torch.equal(before[0], after[0])
    assert not torch.equal(before[1], after[1])


def test_subspaces_that_repeat_each_other_cost_one_and_orthogonal_ones_nothing():
    net = Sluice(4, 2, 1, orthogonality=0.5)
    weight = net.towers[0][0][0].weight
    for rows, expected in (([[1.0, 2, 0, 0], [2.0, 4, 0, 0]], 0.5), ([[1.0, 2, 0, 0], [-2.0, 1, 3, 0]], 0.0)):
        with torch.no_grad():
            weight.copy_(torch.tensor(rows))
        assert float(net.penalty().detach()) == pytest.approx(expected, abs=1e-6)


def test_one_subspace_has_nothing_to_repeat():
    assert float(Sluice(3, 4, 2, n_subspaces=1).penalty()) == 0


def test_what_is_inspected_is_what_mixes():
    found = Sluice(3, (4, 4), 3, start=1.0).inspect(torch.zeros(1, 3))
    np.testing.assert_array_equal(found["mixtures"], np.broadcast_to(np.eye(6), (2, 6, 6)))
    np.testing.assert_allclose(found["layer_weights"], [[0.1, 1.0]] * 3)


@pytest.mark.parametrize(
    ("bad", "name"), [({"n_subspaces": 0}, "n_subspaces"), ({"orthogonality": -1}, "orthogonality"), ({"start": 2}, "start")]
)
def test_bad_settings_get_a_sentence(bad, name):
    with pytest.raises(ValueError, match=f"`{name}` must .*; got"):
        Sluice(3, 6, 2, **bad)
