"""Branching: counts, given trees, routes through several layers, and distances."""

import numpy as np
import pytest
import torch

from mtl_tutor.sharing.branching import Branching


@pytest.mark.parametrize(("n_tasks", "n_layers", "counts"), [(1, 2, [1, 1]), (2, 1, [2]), (4, 1, [2]), (8, 2, [2, 4]), (4, 2, [2, 3])])
def test_branches_are_those_of_a_balanced_tree_unless_told(n_tasks, n_layers, counts):
    net = Branching(3, (4,) * n_layers, n_tasks)
    assert [len(layer) for layer in net.branches] == counts


def test_undecided_routes_are_even_and_nobody_has_parted():
    found = Branching(3, (4, 4), 4, n_branches=(2, 3)).inspect(torch.zeros(1, 3))
    np.testing.assert_allclose(found["routes_1"], np.full((4, 2), 1 / 2))
    np.testing.assert_allclose(found["routes_2"], np.full((4, 3), 1 / 3))
    np.testing.assert_allclose(found["tree_distance"], np.zeros((4, 4)), atol=1e-12)


def test_routes_of_a_low_layer_lead_through_the_ones_above():
    net = Branching(3, (4, 4), 2, n_branches=(2, 2))
    with torch.no_grad():
        net.choices[0].copy_(torch.tensor([[0.0, 50.0], [50.0, 0.0]]))  # second layer: branch 0 reads 1, branch 1 reads 0
        net.choices[1].copy_(torch.tensor([[50.0, 0.0], [0.0, 50.0]]))  # task 0 reads branch 0, task 1 branch 1
    found = net.inspect(torch.zeros(1, 3))
    np.testing.assert_allclose(found["routes_1"], [[0, 1], [1, 0]], atol=1e-12)
    np.testing.assert_allclose(found["tree_distance"], [[0, 2], [2, 0]], atol=1e-12)


def test_undecided_choices_cost_the_logarithm_of_their_number():
    penalty = Branching(3, (4, 4), 2, n_branches=(3, 3), crispness=0.5).penalty()
    assert float(penalty.detach()) == pytest.approx(0.5 * np.log(3))


def test_a_lower_temperature_is_a_clearer_choice():
    nets = [Branching(3, 4, 2, temperature=temperature) for temperature in (1.0, 0.1)]
    for net in nets:
        with torch.no_grad():
            net.choices[0][:, 0] = 0.5
    warm, cold = (net.inspect(torch.zeros(1, 3))["routes_1"][0, 0] for net in nets)
    assert warm == pytest.approx(1 / (1 + np.exp(-0.5)))
    assert cold == pytest.approx(1 / (1 + np.exp(-5)))


def test_where_there_is_one_branch_nothing_is_chosen():
    net = Branching(3, (4, 4), 2, n_branches=(1, 2))
    assert [choice.requires_grad for choice in net.choices] == [False, True]
    shared = {id(p) for p in net.shared_parameters()}
    assert shared == {id(p) for p in [net.choices[1], *net.branches.parameters()]}


def test_names_of_groups_do_not_matter():
    one, other = Branching(3, (4, 4), 3, tree=[[7, 7, 2], [5, 3, 9]]), Branching(3, (4, 4), 3, tree=[[1, 1, 0], [1, 0, 2]])
    assert one.tree == other.tree


def test_only_branches_of_several_tasks_are_shared_in_a_given_tree():
    net = Branching(3, (4, 4), 3, tree=[[0, 0, 1], [0, 1, 2]])
    assert {id(p) for p in net.shared_parameters()} == {id(p) for p in net.branches[0][0].parameters()}


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ({"n_branches": (2,)}, "n_branches"),
        ({"n_branches": (0, 2)}, "n_branches"),
        ({"tree": [[0, 1]]}, "tree"),
        ({"tree": [[0, 1, 1], [0, 1, 1]]}, "tree"),
        ({"tree": [[0, 1], [0, 0]]}, "tree"),
        ({"temperature": 0}, "temperature"),
        ({"crispness": -1}, "crispness"),
    ],
)
def test_bad_settings_get_a_sentence(bad, name):
    with pytest.raises(ValueError, match=f"`{name}` must "):
        Branching(3, (4, 4), 2, **bad)
