"""What was recorded once does at other numbers what the function does; torch's own recorder is the judge."""

import pytest
import torch
from torch import nn
from torch.func import functional_call, vmap
from torch.fx.experimental.proxy_tensor import make_fx

from mtl_tutor.training.recording import record

CONSTANT = torch.arange(3.0)
NET = nn.Sequential(nn.Unflatten(-1, (1, 4, 4)), nn.Conv2d(1, 2, 3), nn.Tanh(), nn.Flatten(), nn.Linear(8, 3))
DRAWS = torch.Generator().manual_seed(0)
WEIGHTS = {name: torch.empty(2, *p.shape).uniform_(-1, 1, generator=DRAWS) for name, p in NET.named_parameters()}


def _net(x):
    leaf = x.detach().requires_grad_()
    with torch.enable_grad():
        outputs = vmap(lambda values: functional_call(NET, values, (leaf,)))(WEIGHTS)
    return [outputs.detach(), torch.autograd.grad(outputs.square().sum(), leaf)[0]]


def _slope(x):
    leaf = x.detach().requires_grad_()
    with torch.enable_grad():
        loss = (leaf.tanh() @ CONSTANT.expand(2, 3).T).softmax(-1).square().sum() + leaf.chunk(3, -1)[1].exp().sum()
    return torch.autograd.grad(loss, leaf)[0]


def _written_over(x):
    total = torch.tensor([1.0, 2.0, 3.0])
    total.add_(x[0])
    return {"total": total, "several": [*x.split(1, -1), x.sort(-1).values], "unchanged": x}


FUNCTIONS = {"convolution": (_net, (5, 16)), "slope": (_slope, (4, 3)), "written over": (_written_over, (2, 3))}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_recording_does_at_other_numbers_what_the_function_does(name):
    function, shape = FUNCTIONS[name]
    generator = torch.Generator().manual_seed(1)
    x = [torch.randn(shape, generator=generator) for _ in range(3)]
    ours, torchs = record(function, x[0]), make_fx(function)(x[0])
    for one in x:
        for _ in range(2):  # nothing is left of the call before
            found, expected = ours(one), torchs(one)
            torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
            torch.testing.assert_close(found, function(one), rtol=1e-5, atol=1e-6)


def test_a_number_read_out_of_a_tensor_would_never_change_again():
    with pytest.raises(RuntimeError, match=r"reads a number out of a tensor"):
        record(lambda x: x * x.sum().item(), torch.ones(2))
