"""The cascade: who reads whom, what is handed on, and who is pulled at by whom."""

import numpy as np
import pytest
import torch

from mtl_tutor.sharing import HardSharing
from mtl_tutor.sharing.cascade import Cascade


def inputs(net: Cascade) -> list[int]:
    return [net.levels[task].n_features for task in range(net.n_tasks)]


def test_every_task_reads_all_before_it_when_nobody_says_otherwise():
    assert inputs(Cascade(3, (6, 4), n_outputs=(1, 5, 1))) == [3, 3 + 4 + 1, 3 + 4 + 1 + 4 + 5]


def test_feeds_without_shortcut_replace_the_samples_where_there_are_feeds():
    net = Cascade(3, (6, 4), n_outputs=(1, 5, 1), feeds=[(), (), (1,)], shortcut=False, representations=False)
    assert inputs(net) == [3, 3, 5]


def test_the_nets_that_feed_others_are_shared_with_their_heads():
    net = Cascade(3, 4, 3, feeds=[(), (0,), (0,)])
    assert {id(p) for p in net.shared_parameters()} == {id(p) for p in net.levels[0].parameters()}
    net(torch.randn(5, 3))[2].sum().backward()
    pulled = [any(p.grad is not None for p in level.parameters()) for level in net.levels]
    assert pulled == [True, False, True]


def test_numbers_are_handed_on_as_they_are_and_classes_as_probabilities():
    net, x = Cascade(3, 4, n_outputs=(1, 3, 1), representations=False), torch.randn(5, 3)
    number, classes, last = net(x)
    read = torch.cat([x, number, classes.softmax(-1)], 1)
    torch.testing.assert_close(last, net.levels[2](read)[0])


def test_shares_name_the_source_that_a_task_lives_on():
    net, x = Cascade(3, 4, 2, representations=False), torch.randn(50, 3)
    with torch.no_grad():
        net.levels[1].trunk[0].weight[:, :3] = 0  # the samples, which come first
    shares = net.inspect(x)["shares"]
    np.testing.assert_allclose(shares, [[0, 0, 1], [1, 0, 0]], atol=1e-12)


def test_a_task_may_be_fed_by_one_that_is_named_later():
    net, x = Cascade(3, 4, n_outputs=(1, 2), feeds=[(1,), ()], representations=False), torch.randn(5, 3)
    main, helper = net(x)
    assert torch.equal(helper, net.levels[1](x)[0])
    assert torch.equal(main, net.levels[0](torch.cat([x, helper.softmax(-1)], 1))[0])
    assert net.inspect(x)["shares"][1].tolist() == [0, 0, 1]


@pytest.mark.parametrize("feeds", [[()], [(0,), ()], [(1,), (0,)], [(), (-1,)], [(), (2,)]])
def test_feeds_in_a_circle_or_from_unknown_tasks_get_a_sentence(feeds):
    with pytest.raises(ValueError, match=r"`feeds` must name tasks .*; got"):
        Cascade(3, 4, 2, feeds=feeds)


def test_a_trunk_of_ones_own_gets_a_sentence():
    with pytest.raises(ValueError, match="`trunk` must be left out"):
        Cascade(3, 6, 2, trunk=HardSharing(3, 6, 2).trunk)
