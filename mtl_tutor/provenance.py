"""How a recorded number was made, and whether it is still what was recorded."""

import ast
import hashlib
import inspect
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mtl_tutor import __version__

_MACHINERY = {"_base", "_arms", "_verdicts"}  # what all trials stand on; the tests run every trial again


def code_of(thing: Callable[..., Any] | type) -> str:
    """Fingerprint the module that defines a function or class, and the private ones beside it that this one imports.

    Docstrings and comments don't count, nor does the machinery of all trials. What was typed into a console has none: "".
    """
    module = inspect.getmodule(thing)
    try:
        trees = [ast.parse(inspect.getsource(module or thing))]
    except (OSError, TypeError):
        return ""
    package = f"{getattr(module, '__package__', '')}._"
    imported = {node.module for node in ast.walk(trees[0]) if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package)}
    beside = sorted(name for name in imported if name and name.rpartition(".")[2] not in _MACHINERY)
    trees += [ast.parse(inspect.getsource(sys.modules[name])) for name in beside]
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return hashlib.sha256("".join(map(ast.dump, trees)).encode()).hexdigest()


def shipped(name: str) -> Path:
    """Find a recorded file that came with the package (a wheel) or lies beside it (a checkout)."""
    package = Path(__file__).parent
    places = [package / "recorded" / name, package.parent / "data" / "recorded" / name]
    return next((file for file in places if file.is_file()), places[-1])


def seal(content: Mapping[str, Any], *, renew: str) -> dict[str, Any]:
    """Add this version, the command that makes the content again, and a checksum over all of it."""
    sealed = {**content, "version": __version__, "renew": renew}
    return sealed | {"sha256": _checksum(sealed)}


def check_seal(sealed: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Refuse what was changed after it was sealed, and what another version sealed.

    Raises
    ------
    ValueError : with the command that renews the file.
    """
    renew = f"Renew it: {sealed.get('renew', 'record it again')}"
    if sealed.get("sha256") != _checksum({key: value for key, value in sealed.items() if key != "sha256"}):
        raise ValueError(f"`path` must hold what was recorded; the checksum of {os.fspath(path)!r} is another. {renew}")
    if sealed["version"] != __version__:
        raise ValueError(f"`path` must be of this version, {__version__}; {os.fspath(path)!r} was recorded by {sealed['version']}. {renew}")


def _checksum(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
