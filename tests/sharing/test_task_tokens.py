"""Attention shared by tasks: agreement with PyTorch's, and what a token can see."""

import numpy as np
import pytest
import torch
from torch import nn

from mtl_tutor.sharing.task_tokens import Block, TaskTokens


@pytest.mark.parametrize("n_heads", [1, 2, 4])
def test_attention_is_pytorchs(n_heads):
    torch.manual_seed(0)
    block, tokens = Block(8, n_heads, 5, nn.ReLU).double(), torch.randn(6, 7, 8, dtype=torch.float64)
    theirs = nn.MultiheadAttention(8, n_heads, batch_first=True, dtype=torch.float64)
    theirs.in_proj_weight.data = torch.cat([block.query.weight, block.key.weight, block.value.weight])
    theirs.out_proj.weight.data, theirs.out_proj.bias.data = block.out.weight, block.out.bias
    nn.init.zeros_(theirs.in_proj_bias)
    expected, weights = theirs(tokens[:, :3], tokens, tokens, average_attn_weights=False)
    asking, norm = tokens[:, :3] + expected, nn.RMSNorm(8, eps=1e-6, dtype=torch.float64)
    found, attention = block(tokens[:, :3], tokens)
    torch.testing.assert_close(attention, weights)
    torch.testing.assert_close(found, norm(norm(asking) + block.layer(norm(asking))))


@pytest.mark.parametrize("n_hidden", [8, (6, 8)])
def test_the_order_of_tasks_and_of_features_does_not_matter(n_hidden):
    torch.manual_seed(0)
    net, x = TaskTokens(4, n_hidden, 3), torch.randn(5, 4)
    before, order, places = net(x), [2, 0, 1], [3, 1, 0, 2]
    tokens, heads = [token.data.clone() for token in net.task_tokens], list(net.heads)
    for task, other in enumerate(order):
        net.task_tokens[task].data = tokens[other]
        net.heads[task] = heads[other]
    net.feature_weights.data, net.feature_places.data = net.feature_weights.data[places], net.feature_places.data[places]
    for answer, other in zip(net(x[:, places]), order, strict=True):
        torch.testing.assert_close(answer, before[other])


def test_attention_shares_out_one_whole_over_tasks_and_features():
    torch.manual_seed(0)
    attention = TaskTokens(4, (8, 8), 3).inspect(torch.randn(5, 4))["attention"]
    assert attention.shape == (3, 5, 3 + 4)
    np.testing.assert_allclose(attention.sum(-1), 1, rtol=1e-5)


@pytest.mark.parametrize(("n_features", "n_tokens", "found"), [(10, 16, 10), (10, 5, 5), (10, 4, 4), (5, 4, 3), (300, 16, 16), (1, 16, 1)])
def test_neighbouring_features_share_a_token_where_there_are_too_many(n_features, n_tokens, found):
    net = TaskTokens(n_features, 4, 1, n_tokens=n_tokens)
    assert len(net.feature_places) == found <= n_tokens
    x = torch.randn(2, n_features, requires_grad=True)
    net(x)[0].sum().backward()
    assert (x.grad != 0).all()


def test_a_task_looks_at_what_the_other_tasks_ask():
    torch.manual_seed(0)
    net = TaskTokens(4, 8, 2)
    net(torch.randn(5, 4))[0].sum().backward()
    assert net.task_tokens[1].grad.abs().max() > 0
    assert net.heads[1].weight.grad is None


def test_bad_counts_and_a_trunk_of_ones_own_get_a_sentence():
    for knob in ("n_heads", "n_tokens"):
        with pytest.raises(ValueError, match=f"`{knob}` must be at least 1; got 0"):
            TaskTokens(3, 8, 2, **{knob: 0})
    with pytest.raises(ValueError, match="`trunk` must be left out"):
        TaskTokens(3, 8, 2, trunk=nn.Linear(3, 8))
