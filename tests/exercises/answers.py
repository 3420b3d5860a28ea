"""What a table of answers is: for one checker, what it accepts, and what it rejects and why."""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mtl_tutor import exercises

CHECKERS = {name: getattr(exercises, name) for name in exercises.__all__ if name.startswith("check_")}


@dataclass(frozen=True)
class Answers:
    """Answers to one exercise.

    Attributes
    ----------
    accepted : sequence
        Forms of the right answer, or several right answers: at least three.
    rejected : sequence of (answer, words)
        Plausible wrong answers, at least five, each with words of the sentence that says what to look at.
    """

    accepted: Sequence[Any]
    rejected: Sequence[tuple[Any, str]]


def tables() -> dict[str, Answers]:
    """Find the table of every checker in the modules ``answers_*`` beside this one, each with a dict ``TABLE`` by name of checker."""
    found: dict[str, Answers] = {}
    for module in pkgutil.iter_modules(importlib.import_module("tests.exercises").__path__, "tests.exercises."):
        if ".answers_" in module.name:
            found |= importlib.import_module(module.name).TABLE
    return found
