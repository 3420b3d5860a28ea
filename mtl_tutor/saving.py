"""Fitted estimators as files, without pickle: settings, what was learned, and the names of classes of this package."""

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from mtl_tutor.balancing import Balancing
from mtl_tutor.checks import check_as, shown
from mtl_tutor.results import History, files
from mtl_tutor.tasks import Task
from mtl_tutor.tasks.scaling import Scaling

__all__ = ["load_estimator", "save_estimator"]

_CLASSES = (History, Scaling, Task)
_OBJECTS: dict[str, tuple[type, ...]] = {"sharing": (nn.Module,), "balancing": (Balancing,)}
"""The settings that are classes or objects, and what they are."""

_REBUILT = ("model_", "models_")


@dataclass(frozen=True)
class FittedNet:
    """What the file of an estimator holds.

    Attributes
    ----------
    settings : dict
        What the estimator was made with; classes and objects are described by name.
    learned : dict
        Its attributes that end with an underscore.
    """

    settings: Mapping[str, Any]
    learned: Mapping[str, Any]


def save_estimator(estimator: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted estimator to a file, see `MultiTaskNet.save`.

    Raises
    ------
    ValueError, TypeError
        Not fitted yet, a setting that no file can hold, or a path that cannot be written to.
    """
    if not hasattr(estimator, "history_"):
        raise ValueError(f"`{type(estimator).__name__}` must be fitted before it is saved; call `fit` first.")
    settings = {name: _described(name, value) for name, value in estimator.get_params(deep=False).items()}
    learned = {name: value for name, value in vars(estimator).items() if name.endswith("_") and name not in _REBUILT}
    for name, value in (settings | learned).items():
        try:
            files.pack(value, [], _CLASSES)
        except TypeError as error:
            raise TypeError(f"`{name}` must be made of numbers, text, lists and dicts to be saved; got {shown(value)}.") from error
    files.write(path, FittedNet(settings, learned), (*_CLASSES, FittedNet))


def load_estimator(kind: Callable[..., Any], path: str | os.PathLike[str], given: Mapping[str, Any]) -> Any:
    """Read a fitted estimator, see `MultiTaskNet.load`.

    Parameters
    ----------
    kind : type
        The estimator's class.
    path : str or path
        The file.
    given : dict
        Settings that are handed over again, None where they are not.

    Raises
    ------
    ValueError, TypeError
        A path, file or setting that does not fit.
    """
    content = files.read(path, FittedNet.__name__, (*_CLASSES, FittedNet))
    settings = {name: _restored(name, value, given.get(name)) for name, value in content.settings.items()}
    try:
        estimator = kind(**settings)
    except TypeError as error:
        raise ValueError(f"`path` must be a file of this version; {str(path)!r} has other settings: {', '.join(settings)}.") from error
    for name, value in content.learned.items():
        setattr(estimator, name, value)
    with torch.random.fork_rng(devices=[]):
        n_outputs = tuple(task.n_outputs for task in estimator.tasks_)
        model = estimator.sharing(n_features=len(estimator.scaling_.x_mean), n_hidden=estimator.n_hidden, n_outputs=n_outputs)
    estimator._keep_nets(model)
    return estimator


def _described(name: str, value: Any) -> Any:
    """A setting as a file holds it: a class by its name, an object by its class and its attributes."""
    if name not in _OBJECTS or value is None:
        return value
    if isinstance(value, partial):
        return {"class": _name_of(value.func), "with": dict(value.keywords)} if not value.args else {"class": _name_of(value)}
    if name == "sharing":
        return {"class": _name_of(value)}
    return {"class": _name_of(type(value)), "with": dict(vars(value))}


def _name_of(thing: Any) -> str:
    """Module and name, ``mtl_tutor.sharing.mmoe:MMoE``."""
    return f"{getattr(thing, '__module__', '?')}:{getattr(thing, '__qualname__', type(thing).__name__)}"


def _restored(name: str, value: Any, given: Any) -> Any:
    if given is not None:
        if name == "sharing":
            return check_as(name, Callable[..., Any], given)
        return check_as(name, Balancing, given)
    if name not in _OBJECTS or value is None:
        return value
    found = _imported(value["class"])
    if not (isinstance(found, type) and issubclass(found, _OBJECTS[name])):
        raise ValueError(
            f"`{name}` must be given again, as it was when the net was fitted: {value['class'].replace(':', '.')} is not a class of this "
            f"package, and loading a file runs no other code. Use load(path, {name}=…)."
        )
    settings = value.get("with", {})
    return found(**settings) if name == "balancing" else partial(found, **settings) if settings else found


def _imported(name: str) -> Any:
    """A class of this package by its name; None for any other name."""
    module, _, attribute = name.partition(":")
    if module.split(".")[0] != "mtl_tutor" or not attribute.isidentifier():
        return None
    try:
        return getattr(importlib.import_module(module), attribute, None)
    except ImportError:
        return None
