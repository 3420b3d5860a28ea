"""Odd input at every public door: twenty inputs a room, always the same; ``MTL_FUZZ=50000`` asks for as many that the commit draws.

The weekly run does that. Until it comes out clean, a draw of each commit's own would fail commits that did nothing wrong.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from mtl_tutor import (
    balancing,
    comparison,
    estimator,
    exercises,
    export,
    metrics,
    plots,
    recipes,
    results,
    sharing,
    statistics,
    tasks,
    training,
    widgets,
)
from mtl_tutor.sharing import regularised
from tests.fuzz.doors import Door
from tests.fuzz.rooms import ROOMS
from tests.fuzz.run import Case, judged
from tests.fuzz.values import Alien

pytestmark = pytest.mark.messages

BASES = {"Architecture", "Regularised", "Recipe", "LossWeighting", "StatelessWeighting", "GradientSurgery", "GramianSurgery"}
BASES |= {"Balancing", "HybridBalancing"}
NO_DOORS = BASES | {"LinearFit", "Scores", "Cost", "TaskTree", "Verdict", "Planted", "Draw", "State", "Role", "Scale"}
NO_DOORS |= {"PALETTE", "Contestant", "Landscape", "CAGradToy", "ConcaveFront", "PCGradToy", "Paths"}
PUBLIC = [tasks, sharing, regularised, statistics, recipes, exercises, training, balancing, estimator, export, comparison, results]
PUBLIC += [metrics, plots, widgets]


@cache
def doors_of(room: str) -> list[Door]:
    return ROOMS[room]()


@pytest.mark.slow
def test_odd_input_ends_in_a_result_or_in_one_sentence(tmp_path: Path, root: Path) -> None:
    """In a process of its own with a limit on memory."""
    found, last = tmp_path / "found.json", tmp_path / "last.txt"
    much = ["--inputs", inputs] if (inputs := os.environ.get("MTL_FUZZ")) else ["--inputs", "340", "--seed", "suite"]
    command = [sys.executable, "-m", "tests.fuzz.run", *much, "--json", str(found), "--last", str(last)]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert found.exists(), f"the process ended at {last.read_text() if last.exists() else 'its start'}: {run.stderr[-500:]}"
    assert json.loads(found.read_text())["faults"] == []


@pytest.mark.parametrize("room", ROOMS)
def test_valid_calls_end_well(room: str) -> None:
    ends = {f"{door.name}: {judged(Case(0, door, {}))}" for door in doors_of(room)}
    assert {end.partition(": ")[2] for end in ends} == {"('fine', '')"}, ends


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_name_has_a_door(module: ModuleType) -> None:
    own = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    public = {name for name in getattr(module, "__all__", own) if not name.startswith("_")}
    known = {door.name.partition(".")[0] for room in ROOMS for door in doors_of(room)}
    assert public - known - NO_DOORS == set()


def opened(call: object, **valid: object) -> Door:
    return Door("room", "door", call, valid)  # type: ignore[arg-type]


WRONG = {
    "raw error": (lambda n: [1][n], {"n": 3}),
    "names no parameter": (lambda n: tasks.one_against_rest(tasks.sine_family(2, 8), n), {"n": 3}),
    "not finite": (lambda n: np.array([n]), {"n": float("nan")}),
    "accepted": (lambda n: 1, {"n": Alien()}),
}


@pytest.mark.parametrize("end", WRONG)
def test_a_bad_end_is_found_out(end: str) -> None:
    call, odd = WRONG[end]
    assert judged(Case(0, opened(call, n=0), odd))[0] == end
