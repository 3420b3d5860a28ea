"""What the command line knows by name: every way of sharing, every planted structure."""

import inspect
import json

import numpy as np
import pytest

from mtl_tutor import recipes, sharing
from mtl_tutor.__main__ import main
from mtl_tutor.comparison.everything import NETWORKS, PLANTED, WAYS
from mtl_tutor.recipes import Linear, Recipe
from mtl_tutor.sharing import Architecture, SingleTask, regularised
from mtl_tutor.sharing.regularised import Regularised, TraceNorm


def concrete(room, base) -> set[type]:
    return {thing for thing in vars(room).values() if inspect.isclass(thing) and issubclass(thing, base) and not inspect.isabstract(thing)}


def test_every_architecture_has_a_name_there():
    assert set(NETWORKS) == concrete(sharing, Architecture) - {SingleTask}


def test_every_penalty_and_every_recipe_has_a_name_there():
    names = {one.__name__ for one in [*concrete(regularised, Regularised), *concrete(recipes, Recipe) - {Linear, recipes.Network}]}
    assert names <= set(WAYS)
    assert set(WAYS) == names | {one.__name__ for one in NETWORKS}


@pytest.mark.parametrize("name", PLANTED)
def test_every_planted_structure_is_drawn_anew_for_every_seed(name):
    one, other = PLANTED[name](0), PLANTED[name](1)
    assert one.test is not None
    assert not np.array_equal(one.train.x, other.train.x)
    assert np.array_equal(one.train.x, PLANTED[name](0).train.x)


@pytest.mark.slow
def test_the_command_prints_gains_with_intervals_for_whoever_is_named(capsys, monkeypatch):
    """Of the penalty one strong setting is tried: the weak ones take a hundred times as many steps to be fitted."""
    monkeypatch.setitem(WAYS, "TraceNorm", Linear(TraceNorm, strengths=(30.0,)))
    ways = ["HardSharing", "TraceNorm", "Averaging"]
    assert main(["compare", "--data", "shared-subspace", "--sharing", *ways, "--seeds", "2", "--steps", "4", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in report["contestants"]] == ["SingleTask", *ways, "Linear", "Mean"]
    for one in report["contestants"]:
        assert one["gain"]["low"] <= one["gain"]["estimate"] <= one["gain"]["high"]


def test_the_command_says_what_it_cannot_do_in_a_sentence(capsys):
    assert main(["compare", "--data", "task-pairs", "--sharing", "HardSharing", "--seeds", "1"]) == 2
    assert "`seeds` must be at least 2" in capsys.readouterr().err
