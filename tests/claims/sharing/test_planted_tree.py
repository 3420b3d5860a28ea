"""The claims about trees of tasks, on seeds that neither the settings nor the page have seen."""

import pytest

from mtl_tutor.experiments import PlantedTree, are_pairs
from mtl_tutor.sharing import cut_tree

pytestmark = pytest.mark.claims
TRIAL = PlantedTree(seeds=40, first_seed=20_000, n_nets=6)


def test_trees_grown_from_single_task_nets_are_right_with_many_samples():
    assert TRIAL.grown(300).mean() > 0.8


def test_the_labels_alone_tell_most_of_it():
    assert TRIAL.by_labels(300).mean() > 0.6


def test_six_nets_with_learned_routes_find_what_one_misses():
    routes = TRIAL.routes()
    one, six = ([are_pairs(cut_tree(nets[:n].mean(axis=0), [2])[0]) for nets in routes] for n in (1, 6))
    assert sum(six) > sum(one) + 4
