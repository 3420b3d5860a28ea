"""Experiments: a claim, its settings, and the code that measures it; one folder per part of the book, a module per chapter.

Every experiment, and every function that a widget replays, can be imported from here by its name; modules are
found by themselves.
"""

from typing import Any

from mtl_tutor.experiments.arms import Arm, Stage, best_of
from mtl_tutor.experiments.discovery import experiments, grids, public
from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.grids import Grid, recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, Rule, above, below, difference, on_scale, ratio, within
from mtl_tutor.experiments.result import Result, suggestion
from mtl_tutor.experiments.trial import Trial

__all__ = [
    "Arm",
    "Experiment",
    "Grid",
    "Hypothesis",
    "Result",
    "Rule",
    "Stage",
    "Trial",
    "above",
    "below",
    "best_of",
    "difference",
    "experiments",
    "grids",
    "on_scale",
    "ratio",
    "recorded",
    "within",
]


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name not in public():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{suggestion(name, public())}")
    return public()[name]


def __dir__() -> list[str]:
    """The machine, the experiments and the functions that widgets replay; what else their modules define can be imported, too."""
    functions = [grid.function.__name__ for grid in grids().values()]
    return sorted({*__all__, *(experiment.__name__ for experiment in experiments().values()), *functions})
