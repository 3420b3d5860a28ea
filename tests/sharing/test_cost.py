"""What a net costs is what one counts on paper."""

import pytest
from torch import nn

from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.sharing.cost import Cost, cost_of, width_within


@pytest.mark.parametrize(("d", "h", "n"), [(15, 16, 8), (3, 1, 1), (2, 7, 30)])
def test_one_trunk_is_counted_once_and_a_net_for_each_task_as_often_as_there_are_tasks(d, h, n):
    one = HardSharing(d, h, n)
    assert cost_of(one) == Cost(parameters=d * h + h + n * (h + 1), multiply_adds=d * h + n * h)
    assert cost_of(SingleTask.like(one)) == Cost(parameters=n * (d * h + 2 * h + 1), multiply_adds=n * (d * h + h))


def test_every_layer_counts_and_so_does_a_missing_bias():
    net = nn.Sequential(nn.Linear(4, 5, bias=False), nn.Tanh(), nn.Linear(5, 6), nn.ReLU(), nn.Linear(6, 1))
    assert cost_of(net, n_features=4) == Cost(parameters=20 + 36 + 7, multiply_adds=20 + 30 + 6)


def test_products_of_activations_with_each_other_count_as_well():
    class Twice(nn.Module):
        def forward(self, x):
            return [(x @ x.mT) @ x]

    assert cost_of(Twice(), n_features=7) == Cost(parameters=0, multiply_adds=14)


def test_a_net_that_does_not_say_how_many_features_it_reads_is_refused():
    with pytest.raises(ValueError, match=r"`n_features` must be given: Linear"):
        cost_of(nn.Linear(2, 2))


@pytest.mark.parametrize("budget", [26, 31, 32, 500])
def test_the_widest_net_within_a_budget_has_no_wider_neighbour_within_it(budget):
    width = width_within(lambda n: HardSharing(3, n, 2), budget)
    assert cost_of(HardSharing(3, width, 2)).parameters <= budget < cost_of(HardSharing(3, width + 1, 2)).parameters


def test_a_budget_below_the_narrowest_net_is_refused():
    with pytest.raises(ValueError, match=r"`parameters` must be at least 8"):
        width_within(lambda n: HardSharing(3, n, 2), 7)
