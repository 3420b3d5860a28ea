"""One net told its task: what codes do, and who pulls at what."""

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.sharing.task_conditioned import TaskConditioned, TaskEmbedding

BOTH = pytest.mark.parametrize("architecture", [TaskConditioned, TaskEmbedding])


def test_a_hidden_unit_is_stretched_and_shifted_by_hand():
    net = TaskConditioned(1, 1, 1, n_code=1)
    for p, value in ((net.codes[0], 2.0), (net.layers[0][0].weight, 3.0), (net.layers[0][0].bias, 1.0)):
        nn.init.constant_(p, value)
    net.films[0].weight.data = torch.tensor([[0.5], [-1.0]])  # scale 1 + 2 · 0.5, shift 2 · -1
    net.heads[0].weight.data, net.heads[0].bias.data = torch.ones(1, 1), torch.zeros(1)
    assert net(torch.tensor([[1.0]]))[0].item() == 2 * (3 + 1) - 2


@BOTH
def test_a_code_follows_its_task_and_the_rest_follows_all(architecture):
    net = architecture(3, 8, 2)
    own = {name for name, p in net.named_parameters() if id(p) not in {id(p) for p in net.shared_parameters()}}
    assert own == {"codes.0", "codes.1"}


@BOTH
def test_tasks_of_different_sizes_have_heads_of_their_own(architecture):
    net = architecture(3, 8, n_outputs=(1, 4))
    assert [y.shape for y in net(torch.zeros(5, 3))] == [(5, 1), (5, 4)]
    assert not {id(p) for p in net.heads.parameters()} & {id(p) for p in net.shared_parameters()}
    with pytest.raises(ValueError, match="every task has its own"):
        net.answer(torch.zeros(5, 3), net.codes[0])


@BOTH
def test_one_head_for_all_can_be_asked_for_or_refused(architecture):
    assert [len(architecture(3, 8, 3, shared_head=choice).heads) for choice in (None, True, False)] == [1, 1, 3]
    with pytest.raises(ValueError, match=r"`shared_head` must be False .*; got \(1, 4\)"):
        architecture(3, 8, n_outputs=(1, 4), shared_head=True)


@BOTH
def test_between_two_codes_there_is_an_answer_between(architecture):
    torch.manual_seed(0)
    net, x = architecture(3, 8, 2, activation=nn.Identity), torch.randn(5, 3)  # linear in the code, but for the products with x
    nn.init.zeros_(net.heads[0].bias)
    half = net.answer(x, (net.codes[0] + net.codes[1]) / 2)
    torch.testing.assert_close(half, (net(x)[0] + net(x)[1]) / 2)


@BOTH
def test_codes_are_told(architecture):
    net = architecture(3, 8, 2, n_code=3)
    np.testing.assert_array_equal(net.inspect(torch.zeros(1, 3))["codes"][1], net.codes[1].detach())


@BOTH
@pytest.mark.messages
def test_a_code_of_another_length_gets_a_sentence(architecture):
    with pytest.raises(ValueError, match=r"`code` must have shape \(2,\), .*; got \(3,\)"):
        architecture(3, 8, 2).answer(torch.zeros(5, 3), torch.zeros(3))


@BOTH
def test_no_code_and_a_trunk_of_ones_own_get_a_sentence(architecture):
    with pytest.raises(ValueError, match="`n_code` must be at least 1; got 0"):
        architecture(3, 8, 2, n_code=0)
    with pytest.raises(ValueError, match="`trunk` must be left out"):
        architecture(3, 8, 2, trunk=nn.Linear(3, 8))
