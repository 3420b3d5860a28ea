"""What a net costs is what one counts on paper."""

import pytest
from torch import nn

from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.sharing.cost import Cost, cost_of


@pytest.mark.parametrize(("d", "h", "n"), [(15, 16, 8), (3, 1, 1), (2, 7, 30)])
def test_one_trunk_is_counted_once_and_a_net_for_each_task_as_often_as_there_are_tasks(d, h, n):
    one = HardSharing(d, h, n)
    assert cost_of(one) == Cost(parameters=d * h + h + n * (h + 1), multiply_adds=d * h + n * h)
    assert cost_of(SingleTask.like(one)) == Cost(parameters=n * (d * h + 2 * h + 1), multiply_adds=n * (d * h + h))


def test_every_layer_counts_and_so_does_a_missing_bias():
    net = nn.Sequential(nn.Linear(4, 5, bias=False), nn.Tanh(), nn.Linear(5, 6), nn.ReLU(), nn.Linear(6, 1))
    assert cost_of(net) == Cost(parameters=20 + 36 + 7, multiply_adds=20 + 30 + 6)


@pytest.mark.parametrize("model", [nn.Tanh(), nn.Sequential(nn.Linear(2, 2), nn.Conv1d(1, 1, 3)), nn.Embedding(3, 2)])
def test_a_net_whose_products_nobody_can_count_is_refused(model):
    with pytest.raises(ValueError, match=r"must do its products in nn\.Linear"):
        cost_of(model)
