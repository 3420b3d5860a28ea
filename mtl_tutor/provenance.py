"""How a recorded number was made, and whether its code is still the same."""

import ast
import contextlib
import copy
import hashlib
import importlib
import inspect
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mtl_tutor import __version__
from mtl_tutor.whole_files import array_of, draft_of, read_members

MOST_BYTES = 2**26
"""A recorded file that unpacks to more than these 64 MiB is none of ours."""

# Words that no number depends on: which arguments of a call, by keyword or (for some callables) by place.
LABELS = frozenset({"label", "text", "source", "title", "alt", "xlabel", "ylabel", "zlabel", "desc", "renew", "help"})
LABELS_BY_PLACE: Mapping[str, tuple[int, ...]] = {"Hypothesis": (1, 2), "Arm": (0,)}


def code_of(thing: Callable[..., Any] | type) -> str:
    """Fingerprint the code that a function or class depends on.

    The fingerprint covers the module that defines it and, transitively, every module of the same package that
    one of them imports from. Import statements, docstrings, comments, annotations, messages of errors and labels
    of pictures don't count, nor do the modules' names: moving a file or rewording a sentence changes nothing.

    Parameters
    ----------
    thing : callable or type
        A function or class that stands in a file.

    Returns
    -------
    str
        A SHA-256 checksum; "" for what was typed into a console, which stands in no file.
    """
    file, package = _place_of(thing)
    return fingerprint(file, package) if file else ""


def _place_of(thing: Callable[..., Any] | type) -> tuple[Path | None, Path]:
    """The file that defines something, and its package's folder; the file itself, where it belongs to no package."""
    module = inspect.getmodule(thing)
    file = getattr(module, "__file__", None)
    if module is None or file is None:
        return None, Path()
    package = module.__name__.partition(".")[0]
    return Path(file), next((folder for folder in Path(file).parents if folder.name == package), Path(file))


def fingerprint(file: Path, package: Path) -> str:
    """Fingerprint a module and all that it imports from its package, directly or not.

    Parameters
    ----------
    file : Path
        The module.
    package : Path
        The folder of the package; imports from elsewhere don't count.
    """
    return hashlib.sha256("".join(sorted(_digest(one) for one in closure(file, package))).encode()).hexdigest()


def code_beside(thing: type, without: Sequence[str] = ()) -> str:
    """Fingerprint the module that defines a class, and those of the same folder that it imports from, directly or not.

    Parameters
    ----------
    thing : type
        A class that stands in a file.
    without : sequence of str
        Names whose assignments don't count, such as what else is fingerprinted one by one.
    """
    file, package = _place_of(thing)
    beside = [one for one in closure(file, package) if one.parent == file.parent] if file else []
    return hashlib.sha256("".join(sorted(_dump(_without(_tree(one), without)) for one in beside)).encode()).hexdigest()


def _without(tree: ast.Module, names: Sequence[str]) -> ast.Module:
    tree = copy.deepcopy(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef):
            node.body = [one for one in node.body if not (_assigned(one) and set(_assigned(one)) <= set(names))]
    return tree


def _assigned(node: ast.stmt) -> list[str]:
    """The names that a statement assigns to."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def closure(file: Path, package: Path) -> set[Path]:
    """List a module and the modules of its package that it imports from, directly or through others."""
    found, open_ends = {file}, [file]
    while open_ends:
        new = set(imported(_tree(open_ends.pop()), package)) - found
        found |= new
        open_ends += new
    return found


def imported(tree: ast.Module, package: Path) -> Iterator[Path]:
    """Yield the modules of a package that define what a syntax tree imports, wherever in it the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and _is_in(node.module, package):
            yield from (_defining(f"{node.module}", alias.name, package) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (_file(alias.name, package) for alias in node.names if _is_in(alias.name, package))


def _is_in(module: str | None, package: Path) -> bool:
    return module is not None and (module == package.name or module.startswith(f"{package.name}."))


def _defining(module: str, name: str, package: Path) -> Path:
    """Find the file that defines a name, through the re-imports of a package's ``__init__``."""
    file = _file(module, package)
    if file.name != "__init__.py":
        return file
    submodule = _file(f"{module}.{name}", package)
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.ImportFrom) and _is_in(node.module, package):
            for alias in node.names:
                if name == (alias.asname or alias.name) and f"{node.module}.{alias.name}" != f"{module}.{name}":
                    return _defining(f"{node.module}", alias.name, package)
    return submodule if submodule.is_file() else _found_by_import(module, name, file)


def _found_by_import(module: str, name: str, file: Path) -> Path:
    """Ask a package whose ``__getattr__`` finds names; its own file, if it defines the name or cannot be asked."""
    if "__getattr__" not in {node.name for node in _tree(file).body if isinstance(node, ast.FunctionDef)}:
        return file
    with contextlib.suppress(ImportError, AttributeError, TypeError):
        return Path(inspect.getsourcefile(getattr(importlib.import_module(module), name)) or file)
    return file


def _file(module: str, package: Path) -> Path:
    path = package.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _tree(file: Path) -> ast.Module:
    return _parsed(file, file.stat().st_mtime_ns)


@cache
def _parsed(file: Path, _changed: int) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _digest(file: Path) -> str:
    return _digested(file, file.stat().st_mtime_ns)


@cache
def _digested(file: Path, changed: int) -> str:
    return hashlib.sha256(_dump(_parsed(file, changed)).encode()).hexdigest()


def _dump(node: Any) -> str:
    """Write the relevant parts of a syntax tree, the same in every version of Python."""
    if isinstance(node, list):
        parts = [_dump(one) for one in node if not isinstance(one, ast.Import | ast.ImportFrom) and not _is_words(one)]
        return f"[{','.join(parts)}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = {name: value for name, value in ast.iter_fields(node) if value not in (None, [])}
    for name in _irrelevant(node):
        fields.pop(name, None)
    if isinstance(node, ast.Call):
        fields["args"] = [arg for place, arg in enumerate(node.args) if place not in LABELS_BY_PLACE.get(_called(node), ())]
        fields["keywords"] = [keyword for keyword in node.keywords if keyword.arg not in LABELS]
    return f"{type(node).__name__}({','.join(f'{name}={_dump(value)}' for name, value in fields.items())})"


def _is_words(node: Any) -> bool:
    """Whether a statement is a docstring: of a module, class or function, or below a constant."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _irrelevant(node: ast.AST) -> tuple[str, ...]:
    if isinstance(node, ast.Raise):
        return ("exc", "cause")
    return ("annotation", "returns", "type_comment", "type_params", "kind", "type_ignores", "ctx")


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def shipped(name: str) -> Path:
    """Find a recorded file that came with the package (a wheel) or lies beside it (a checkout)."""
    package = Path(__file__).parent
    places = [package / "recorded" / name, package.parent / "data" / "recorded" / name]
    return next((file for file in places if file.is_file()), places[-1])


def recorded_folder(folder: str | os.PathLike[str] | None = None) -> Path:
    """Find the folder that recordings are written to: ``data/recorded`` of the checkout that this package lies in.

    Parameters
    ----------
    folder : path, optional
        Another folder.

    Raises
    ------
    ValueError
        There is no such folder.
    """
    root = Path(__file__).parents[1]
    path = Path(folder) if folder else root / "data/recorded"
    if not path.is_dir() or not (folder or (root / "_toc.yml").is_file()):
        raise ValueError(f"`--to` must name an existing folder to record into; got {os.fspath(path)!r}. Use a checkout of the book.")
    return path


def write_whole(target: Path, content: bytes) -> None:
    """Replace a file as a whole or not at all, and only if it is a file.

    Raises
    ------
    ValueError
        At that place is something else: a folder, a link, a device.
    """
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(target.lstat().st_mode):
            raise ValueError(f"`path` must be a file, or a new one; {os.fspath(target)!r} is a folder, a link or a device.")
    with draft_of(target) as draft:  # an ordinary file, with an ordinary file's permissions
        draft.write_bytes(content)


def read_arrays(path: str | os.PathLike[str], renew: str) -> dict[str, np.ndarray]:
    """Read the arrays of an .npz file, without running any code and without unpacking a huge one.

    Raises
    ------
    ValueError
        It is damaged, or unpacks to more than 64 MiB; the message names the command that renews it.
    """
    try:
        return {name: array_of(name, content) for name, content in read_members(path, MOST_BYTES)[0].items()}
    except ValueError as error:
        raise ValueError(f"{error} Renew it: {renew}") from None


def read_json(text: bytes, path: str | os.PathLike[str], renew: str) -> Any:
    """Read JSON that a recording holds.

    Raises
    ------
    ValueError
        It is damaged; the message names the command that renews it.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"`path` must be what was recorded; {os.fspath(path)!r} is damaged. Renew it: {renew}") from None


def seal(content: Mapping[str, Any], *, renew: str) -> dict[str, Any]:
    """Add this version, the command that makes the content again, and a checksum over all of it."""
    sealed = {**content, "version": __version__, "renew": renew}
    return sealed | {"sha256": _checksum(sealed)}


def check_seal(sealed: Any, path: str | os.PathLike[str]) -> None:
    """Refuse a file that was changed after it was sealed, or sealed by another version.

    Raises
    ------
    ValueError
        The checksum or the version is another; the message names the command that renews the file.
    """
    if not isinstance(sealed, Mapping) or not {"version", "sha256"} <= set(sealed):
        raise ValueError(f"`path` must hold what was recorded; {os.fspath(path)!r} is damaged. Renew it: record it again")
    renew = f"Renew it: {sealed.get('renew', 'record it again')}"
    if sealed.get("sha256") != _checksum({key: value for key, value in sealed.items() if key != "sha256"}):
        raise ValueError(f"`path` must hold what was recorded; the checksum of {os.fspath(path)!r} is another. {renew}")
    if sealed["version"] != __version__:
        raise ValueError(f"`path` must be of this version, {__version__}; {os.fspath(path)!r} was recorded by {sealed['version']}. {renew}")


def _checksum(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
