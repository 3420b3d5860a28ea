"""Any object at all for each checker of exercises: a sentence comes back. ``MTL_OBJECTS=10000`` asks for so many that the commit draws."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mtl_tutor.exercises._answers import FAILED
from tests.fuzz.checkers import FEW, ending
from tests.fuzz.doors import Door
from tests.fuzz.run import Case, head

pytestmark = pytest.mark.messages


@pytest.mark.slow
def test_any_object_gets_a_sentence(tmp_path: Path, root: Path) -> None:
    """In a process of its own with a limit on memory."""
    found, last = tmp_path / "found.json", tmp_path / "last.txt"
    much = ["--objects", objects, "--seed", head()] if (objects := os.environ.get("MTL_OBJECTS")) else ["--objects", str(FEW)]
    command = [sys.executable, "-m", "tests.fuzz.checkers", *much, "--json", str(found), "--last", str(last)]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert found.exists(), f"the process ended at {last.read_text() if last.exists() else 'its start'}: {run.stderr[-500:]}"
    assert json.loads(found.read_text())["faults"] == []


def tells(answer: object) -> object:
    """A checker that answers to everything alike."""
    torch.rand(3)
    return answer


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        ("Well done.", "names no parameter"),
        ("Not yet:\nlook", "names no parameter"),
        (f"Not yet: {FAILED}.", "raw error"),
        (5, "accepted"),
        ("Not yet: it drew random numbers.", "raw error"),
    ],
)
def test_a_checker_that_ends_badly_is_found_out(answer: object, end: str) -> None:
    assert ending(Case(0, Door("exercises", "tells", tells, {"answer": 0}, answers=True), {"answer": answer}))[0] == end
