"""Find experiments, and the grids of widgets, where they stand: nothing has to be registered."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.grids import Grid

PACKAGE = __name__.rpartition(".")[0]


@cache
def experiments() -> dict[str, type[Experiment]]:
    """Find all experiments: name -> class, in the order of the alphabet."""
    found = {thing.name: thing for thing in public().values() if _is_experiment(thing)}
    return dict(sorted(found.items()))


@cache
def grids() -> dict[str, Grid]:
    """Find all grids that the book replays: name -> how it is recorded."""
    found = [thing.grid for thing in public().values() if isinstance(getattr(thing, "grid", None), Grid)]
    return {grid.name: grid for grid in sorted(found, key=lambda grid: grid.name)}


@cache
def public() -> dict[str, Any]:
    """Find the public classes and functions of all modules of experiments: name -> thing."""
    return {name: thing for module in _modules() for name, thing in vars(module).items() if _belongs(name, thing, module)}


def _is_experiment(thing: Any) -> bool:
    return inspect.isclass(thing) and issubclass(thing, Experiment) and hasattr(thing, "name") and not inspect.isabstract(thing)


def _belongs(name: str, thing: Any, module: ModuleType) -> bool:
    is_own = name[0] != "_" and getattr(thing, "__module__", None) == module.__name__
    return is_own and (inspect.isclass(thing) or inspect.isfunction(thing))


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(importlib.import_module(PACKAGE).__path__, f"{PACKAGE}."):
        if not found.name.rpartition(".")[2].startswith("_"):
            yield importlib.import_module(found.name)
