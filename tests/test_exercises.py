"""Checkers accept the solution that the chapter folds away, and say what is wrong with a wrong one."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from mtl_tutor import exercises
from mtl_tutor.exercises import (
    check_auc,
    check_decay,
)
from mtl_tutor.ledger import read_ledger

BOOK = Path(__file__).parents[1] / "book"
CHAPTERS = [path for path in sorted(BOOK.rglob("*.ipynb")) if "On your own" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_folded_solutions_pass(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    checks = [
        call for cell in cells if cell["cell_type"] == "code" for call in re.findall(r"^check_\w+\(\w+\)", "".join(cell["source"]), re.M)
    ]
    text = "".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "markdown")
    solutions = re.findall(r"<summary>One solution</summary>.*?```python\n(.*?)```", text, re.S)
    assert len(checks) == len(solutions)
    assert checks or "There are no checkers here" in text
    for check, solution in zip(checks, solutions, strict=True):
        names = {name: getattr(exercises, name) for name in exercises.__all__} | {"np": np, "torch": torch, "ledger": read_ledger()}
        exec(solution, names)
        assert eval(check, names).startswith("Right")


@pytest.mark.parametrize("check", [getattr(exercises, name) for name in exercises.__all__])
def test_an_untouched_exercise_is_not_yet_right(check):
    assert check(None).startswith("Not yet")


@pytest.mark.messages
@pytest.mark.parametrize(
    ("check", "answer", "sentence"),
    [
        (check_auc, 0.5, "Not yet: `auc` must be a function; got 0.5."),
        (check_decay, [1.0], "Not yet: `costs` must have 2 entries; got 1."),
    ],
)
def test_a_checker_answers_to_any_kind_of_answer(check, answer, sentence) -> None:
    assert check(answer).startswith(sentence)
