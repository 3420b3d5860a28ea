"""Experiments: a claim, its settings, and the code that measures it; one folder per part of the book, a module per chapter.

Every experiment, and every function that a widget replays, can be imported from here by its name; modules are
found by themselves.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from mtl_tutor.experiments.arms import Arm, Stage, best_of
from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.grids import Grid, recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, Rule, above, below, difference, ratio, within
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
    "ratio",
    "recorded",
    "within",
]


@cache
def experiments() -> dict[str, type[Experiment]]:
    """Find all experiments: name -> class, in the order of the alphabet."""
    found = {thing.name: thing for thing in _public().values() if _is_experiment(thing)}
    return dict(sorted(found.items()))


@cache
def grids() -> dict[str, Grid]:
    """Find all grids that the book replays: name -> how it is recorded."""
    found = [thing.grid for thing in _public().values() if isinstance(getattr(thing, "grid", None), Grid)]
    return {grid.name: grid for grid in sorted(found, key=lambda grid: grid.name)}


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name not in _public():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{suggestion(name, _public())}")
    return _public()[name]


def __dir__() -> list[str]:
    """The machine, the experiments and the functions that widgets replay; what else their modules define can be imported, too."""
    functions = [grid.function.__name__ for grid in grids().values()]
    return sorted({*__all__, *(experiment.__name__ for experiment in experiments().values()), *functions})


def _is_experiment(thing: Any) -> bool:
    return inspect.isclass(thing) and hasattr(thing, "run") and hasattr(thing, "name") and not inspect.isabstract(thing)


@cache
def _public() -> dict[str, Any]:
    """The public classes and functions of all modules: name -> thing."""
    found = {name: thing for module in _modules() for name, thing in vars(module).items() if _belongs(name, thing, module)}
    globals().update({name: thing for name, thing in found.items() if isinstance(globals().get(name), ModuleType)})
    return found


def _belongs(name: str, thing: Any, module: ModuleType) -> bool:
    is_own = name[0] != "_" and getattr(thing, "__module__", None) == module.__name__
    return is_own and (inspect.isclass(thing) or inspect.isfunction(thing))


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(__path__, f"{__name__}."):
        if not found.name.rpartition(".")[2].startswith("_"):
            yield importlib.import_module(found.name)
