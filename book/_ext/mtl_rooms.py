"""The rooms of the package, and what a reader may import from each."""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from sphinx.pycode import ModuleAnalyzer


def rooms_of(package: str) -> list[str]:
    """The rooms: what stands in the package's folder and doesn't start with an underscore."""
    return [module.name for module in pkgutil.iter_modules(importlib.import_module(package).__path__) if module.name[0] != "_"]


def public(module: ModuleType) -> dict[str, Any]:
    """What a reader may import: ``__all__``, or what the module itself defines and explains."""
    if hasattr(module, "__all__"):
        return {name: getattr(module, name) for name in module.__all__}
    explained = {name for owner, name in ModuleAnalyzer.for_module(module.__name__).find_attr_docs() if not owner}
    own = {name: thing for name, thing in vars(module).items() if name[0] != "_" and not inspect.ismodule(thing)}
    return {name: thing for name, thing in own.items() if getattr(thing, "__module__", "") == module.__name__ or name in explained}


def groups_of(room: ModuleType) -> Iterator[tuple[ModuleType, list[str]]]:
    """The full names of a room's public things, folder by folder; what only a sub-room exports belongs to it."""
    names, folders = public(room), [room]
    for found in pkgutil.walk_packages(getattr(room, "__path__", []), f"{room.__name__}."):
        if found.ispkg and "._" not in found.name:
            folders.append(importlib.import_module(found.name))
    homes = {name: _home(thing, folders) for name, thing in names.items()}
    for folder in folders:
        here = [f"{room.__name__}.{name}" for name, home in homes.items() if home is folder]
        known = {id(thing) for thing in names.values()}
        more = public(folder) if folder is not room and hasattr(folder, "__all__") else {}
        here += [f"{folder.__name__}.{name}" for name, thing in more.items() if id(thing) not in known]
        if here:
            yield folder, here


def _home(thing: Any, folders: list[ModuleType]) -> ModuleType:
    module = f"{getattr(thing, '__module__', None) or ''}."
    around = [folder for folder in folders if module.startswith(f"{folder.__name__}.")]
    return max(around, key=lambda folder: len(folder.__name__), default=folders[0])


def kind_of(thing: Any) -> str:
    """Say which of autodoc's directives is meant."""
    return "class" if inspect.isclass(thing) else "function" if inspect.isroutine(thing) else "data"


def resolve(name: str) -> Any:
    """Import what a full name stands for."""
    room, _, last = name.rpartition(".")
    return getattr(importlib.import_module(room), last)


def where_defined(name: str) -> tuple[str, list[str]]:
    """The module of the room that defines a constant, and the docstring that follows it there."""
    room, _, last = name.rpartition(".")
    for module in [module for module in sys.modules if f"{module}.".startswith(f"{room}.")]:
        if found := ModuleAnalyzer.for_module(module).find_attr_docs().get(("", last)):
            return module, found
    return room, []
