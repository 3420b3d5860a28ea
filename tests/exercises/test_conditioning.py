"""A task's own numbers, counted in nets, and slopes, by differentiation."""

import torch
from torch import nn

from mtl_tutor.exercises import check_own_numbers, check_slopes
from mtl_tutor.sharing import HardSharing, SingleTask, TaskConditioned


def test_a_tasks_own_numbers_are_those_of_the_packages_nets():
    def count(module: nn.Module) -> int:
        return sum(one.numel() for one in module.parameters())

    net, shared, coded = SingleTask(1, 16, 1), HardSharing(1, 16, 2), TaskConditioned(1, 16, 2, n_code=2)
    thin = nn.Linear(16, 2, bias=False), nn.Linear(2, 12, bias=False)
    counts = (count(net), count(shared.heads[0]), coded.codes[0].numel(), sum(map(count, thin)))
    assert check_own_numbers(counts).startswith("Right")


def test_a_code_beside_the_input_leaves_the_slope_alone():
    x = torch.tensor(1.0, requires_grad=True)
    units = (2 * x + 1 + 3).relu(), (1.5 * (2 * x + 1) + 3).relu()
    assert check_slopes([torch.autograd.grad(unit, x)[0].item() for unit in units]).startswith("Right")
