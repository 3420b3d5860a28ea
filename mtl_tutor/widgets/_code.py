"""What a function does, as it was loaded: its bytecode, its constants, and those of the functions it calls."""

import hashlib
import sys
import sysconfig
import types
import uuid
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from mtl_tutor.provenance import code_of

_PLAIN = (str, bytes, int, float, complex, type(None), type(...), np.generic, PurePath)
_INSTALLED = tuple(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib"))


def loaded_code(function: Callable[..., Any]) -> str:
    """Fingerprint a function as it is in memory, also one that was typed into a notebook.

    Functions of installed packages count by their names. What cannot be told apart from an earlier state, such as an
    object of the reader's own class, makes the fingerprint a random one, so that nothing is found under it again.

    Parameters
    ----------
    function : Callable[..., Any]
        A function, or a partial of one.

    Returns
    -------
    str
        A checksum.
    """
    return hashlib.sha256("|".join(_parts(function, set())).encode()).hexdigest()


def _parts(thing: Any, seen: set[int]) -> Iterator[str]:
    """Words that differ whenever the thing does."""
    if isinstance(thing, _PLAIN):
        yield repr(thing)
        return
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, np.ndarray) and thing.dtype.kind != "O":
        yield f"{thing.dtype}{thing.shape}{hashlib.sha256(np.ascontiguousarray(thing).tobytes()).hexdigest()}"
    elif isinstance(thing, (tuple, list, set, frozenset, dict)):
        yield type(thing).__name__
        for one in _entries(thing):
            yield from _parts(one, seen)
    elif isinstance(thing, types.FunctionType):
        yield from _function(thing, seen)
    elif isinstance(thing, types.CodeType):
        yield f"{thing.co_code.hex()}{thing.co_names}{thing.co_varnames}"
        yield from _parts(thing.co_consts, seen)
    else:
        yield from _other(thing, seen)


def _entries(thing: Any) -> Iterable[Any]:
    if isinstance(thing, dict):
        return thing.items()
    return sorted(thing, key=repr) if isinstance(thing, (set, frozenset)) else thing


def _other(thing: Any, seen: set[int]) -> Iterator[str]:
    """Names of what is installed, the parts of a partial or an object; a random word for what cannot be told."""
    if isinstance(thing, partial):
        yield from _parts((thing.func, thing.args, thing.keywords), seen)
    elif isinstance(thing, (types.ModuleType, types.BuiltinFunctionType, np.ufunc)):
        yield thing.__name__
    elif isinstance(thing, type):
        yield f"{thing.__module__}.{thing.__qualname__}{_source(thing)}"
    elif hasattr(thing, "__dict__"):
        yield from _parts((type(thing), vars(thing)), seen)
    else:
        yield uuid.uuid4().hex


def _source(thing: type) -> str:
    """What the file says that defines a class; of an installed package, nothing; a random word where there is no file."""
    module = sys.modules.get(thing.__module__)
    file = getattr(module, "__file__", None)
    if thing.__module__ == "__main__":
        return uuid.uuid4().hex  # typed, or in a script that may have been edited since
    return "" if file is None or _is_installed(file) else code_of(thing)


def _function(function: types.FunctionType, seen: set[int]) -> Iterator[str]:
    yield f"{function.__module__}.{function.__qualname__}"
    if _is_installed(function.__code__.co_filename):
        return
    yield code_of(function)
    if function.__module__.startswith("mtl_tutor."):
        return
    cells = []
    for cell in function.__closure__ or ():
        try:
            cells.append(cell.cell_contents)
        except ValueError:  # a name that has no value yet
            cells.append(None)
    yield from _parts((function.__code__, function.__defaults__, function.__kwdefaults__, cells), seen)
    for name in sorted(_names(function.__code__) & set(function.__globals__)):
        yield name
        yield from _parts(function.__globals__[name], seen)


def _names(code: types.CodeType) -> set[str]:
    """Names that a function, and the functions inside it, look up."""
    inner = [_names(one) for one in code.co_consts if isinstance(one, types.CodeType)]
    return set(code.co_names).union(*inner)


def _is_installed(file: str) -> bool:
    """Whether it comes with Python or an installed package, whose version the reader does not edit."""
    return any(folder in Path(file).resolve().parents for folder in _INSTALLED)
