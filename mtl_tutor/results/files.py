"""Results as files: NumPy's npz with a checksum, without pickle: reading one runs nothing that is in it."""

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mtl_tutor import __version__
from mtl_tutor.checks import check_path, shown
from mtl_tutor.whole_files import array_of, draft_of, read_members

MOST = 8 * 2**30
"""Bytes of the largest file that is read. Nothing in it is compressed, so it needs no more memory than that."""

_PLAIN = "biufcSU"  # kinds of NumPy arrays that are numbers or text
_FACTS, _SUM = "facts", "checksum"


def write(path: str | os.PathLike[str], content: object, classes: Sequence[type] = ()) -> None:
    """Write an object, whole or not at all.

    Parameters
    ----------
    path : str or path
        The file; one that is there is replaced.
    content : object
        Numbers, text, arrays, and sequences, dicts and dataclasses of them.
    classes : sequence of type
        The dataclasses that may occur.

    Raises
    ------
    ValueError, TypeError
        No path, something there that is no regular file, a folder that cannot be written to, or content of another
        kind.
    """
    target = _path_of(path)
    if os.path.lexists(target) and not target.is_file():
        raise ValueError(f"`path` must be a regular file, or not be there yet; got {str(target)!r}, which is something else.")
    arrays: list[np.ndarray] = []
    facts = {"version": __version__, "kind": type(content).__name__, "content": pack(content, arrays, classes)}
    named = {str(number): array for number, array in enumerate(arrays)}
    named[_FACTS] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    named[_SUM] = np.frombuffer(_checksum(named), np.uint8)
    target = target.resolve()  # the file itself, if the path is a link to it
    try:
        with draft_of(target) as draft, draft.open("wb") as file:
            np.savez(file, **named)  # type: ignore[arg-type]
    except OSError as error:
        raise ValueError(f"`path` must be in a folder that can be written to; got {str(path)!r} ({error.strerror}).") from error


def read(path: str | os.PathLike[str], kind: str, classes: Sequence[type] = ()) -> Any:
    """Read what `write` wrote.

    Parameters
    ----------
    path : str or path
        The file.
    kind : str
        Name of the class that is expected.
    classes : sequence of type
        The dataclasses that may occur.

    Raises
    ------
    ValueError, TypeError
        No path, no regular file, a file too large, of another kind, damaged, or of a later version of this package.
    """
    source = _path_of(path)
    if not os.path.isfile(source):  # False, too, for a name too long
        raise ValueError(f"`path` must be a file that `save` wrote; got {str(path)!r}, which is no file.")
    if source.stat().st_size > MOST:
        raise ValueError(f"`path` must be a file of at most {MOST} bytes; got {str(path)!r} with {source.stat().st_size}.")
    try:
        packed, _ = read_members(source, source.stat().st_size)
        named = {name: array_of(name, packed.pop(name)) for name in [*packed]}
        if named.pop(_SUM).tobytes() != _checksum(named):
            raise ValueError("the checksum differs")
        facts = json.loads(named.pop(_FACTS).tobytes())
        found, content = facts["kind"], facts["content"]
    except Exception as error:  # a damaged file makes zipfile, NumPy and json raise nearly anything
        raise ValueError(f"`path` must be a whole file that `save` wrote; {str(path)!r} is damaged or another kind of file.") from error
    if found != kind:
        raise ValueError(f"`path` must be a file of {kind}; {str(path)!r} is one of {found}. Use its own `load`.")
    try:
        return unpack(content, named, classes)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"`path` must be a file of this version, {__version__}; {str(path)!r} was written by {facts.get('version')}, and does not fit."
        ) from error


def pack(value: Any, arrays: list[np.ndarray], classes: Sequence[type]) -> Any:
    """Turn a value into what JSON can hold; arrays go to the end of `arrays` and are called by their number.

    Raises
    ------
    TypeError
        A value of another kind.
    """

    def each(values: Any) -> list[Any]:
        return [pack(one, arrays, classes) for one in values]

    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind in _PLAIN:
        arrays.append(np.array(value))
        return {"array": str(len(arrays) - 1)}
    if isinstance(value, np.ndarray) and value.ndim == 1:  # names, for example
        return {"objects": each(value)}
    if isinstance(value, (tuple, list)):
        return {type(value).__name__ if type(value) is list else "tuple": each(value)}
    if isinstance(value, Mapping):
        return {"dict": [each(item) for item in value.items()]}
    if type(value) in classes:
        names = [field.name for field in dataclasses.fields(type(value))]  # type: ignore[arg-type]
        return {"class": type(value).__name__, "fields": dict(zip(names, each(getattr(value, name) for name in names), strict=True))}
    raise TypeError(f"A file must hold numbers, text, arrays, and lists and dicts of them; got {shown(value)}.")


def unpack(packed: Any, arrays: Mapping[str, np.ndarray], classes: Sequence[type]) -> Any:
    """Undo `pack`.

    Raises
    ------
    ValueError, KeyError
        What `pack` does not make.
    """
    if not isinstance(packed, dict):
        return packed
    if "class" in packed:
        kind = {one.__name__: one for one in classes}[packed["class"]]
        return kind(**{name: unpack(value, arrays, classes) for name, value in packed["fields"].items()})
    (how, inner), *rest = packed.items()
    if rest or how not in ("array", "objects", "tuple", "list", "dict"):
        raise ValueError(f"{how!r} is not known")
    if how == "array":
        return arrays[inner]
    if how == "dict":
        return {unpack(key, arrays, classes): unpack(value, arrays, classes) for key, value in inner}
    values = [unpack(one, arrays, classes) for one in inner]
    return np.array(values, dtype=object) if how == "objects" else tuple(values) if how == "tuple" else values


def _path_of(path: Any) -> Path:
    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
        raise TypeError(f"`path` must be the name of a file; got {shown(path)}.")
    check_path("path", path)
    return Path(path)  # type: ignore[arg-type]


def _checksum(named: Mapping[str, np.ndarray]) -> bytes:
    total = hashlib.sha256()
    for name, array in sorted(named.items()):
        total.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.digest()
