"""What a test depends on, as one number: its code, the package's that it reaches, data and pins.

Imports, docstrings, comments and layout don't count: to move or to describe code changes no fingerprint.
"""

import ast
import doctest
import hashlib
import inspect
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from unittest import mock

from mtl_tutor import provenance

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "mtl_tutor"
PINS = (ROOT / "requirements.txt", ROOT / "tests/colab/requirements.txt")
RECORDED = ROOT / "data/recorded"
LOOKS_AROUND = ("experiments/discovery.py",)
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


# ---- code ----------------------------------------------------------------------------------------


def reached(tree: ast.Module) -> set[Path]:
    """The package's files that a tree imports, directly or not, and each ``__init__`` around them."""
    package = ROOT / PACKAGE
    files, open_ends = set(), imported(tree)
    while open_ends:
        files |= open_ends
        open_ends = {one for file in open_ends for one in neighbours(file)} - files
    folders = {folder for file in files for folder in file.parents if folder.is_relative_to(package)}
    return files | {folder / "__init__.py" for folder in folders}


@cache
def neighbours(file: Path) -> frozenset[Path]:
    """The package's files that one of them imports."""
    return frozenset(imported(ast.parse(file.read_text(encoding="utf-8"))))


def imported(tree: ast.Module) -> set[Path]:
    """The package's files that a tree imports itself. What the shape checker has wrapped lies where it was written, not in the checker."""
    find = inspect.getsourcefile

    def find_own(thing: object) -> str | None:
        return find(inspect.unwrap(thing) if inspect.isfunction(thing) else thing)  # type: ignore[arg-type]

    with mock.patch.object(inspect, "getsourcefile", find_own):
        return set(provenance.imported(tree, ROOT / PACKAGE))


def canonical(node: object) -> str:
    """A tree as text, in all versions of Python: no imports, docstrings, ``__all__``, empty fields."""
    if isinstance(node, list):
        return ",".join(canonical(one) for one in node if not negligible(one))
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = dict(ast.iter_fields(node))
    if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
        fields["body"] = node.body[1:]
    texts = {name: canonical(value) for name, value in fields.items() if value is not None}
    return f"{type(node).__name__}({','.join(f'{name}=[{text}]' for name, text in texts.items() if text)})"


def negligible(node: object) -> bool:
    """Whether a statement only imports, or only lists what a module exports."""
    exports = isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
    )
    return exports or isinstance(node, ast.Import | ast.ImportFrom)


@cache
def code_of(file: Path) -> str:
    """Fingerprint the code of one file, which words and imports don't change."""
    return digest(canonical(ast.parse(file.read_text(encoding="utf-8"))))


def digest(*parts: str) -> str:
    """A SHA-256 over several texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def code_of_all(files: Iterable[Path]) -> str:
    """Fingerprint the code of files, wherever they lie."""
    return digest(*sorted({code_of(file) for file in files}))


# ---- tests ---------------------------------------------------------------------------------------


def of_test(file: Path) -> str:
    """Fingerprint a module of tests: its own code, the package's that it reaches, and the pins."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return digest(canonical(tree), code_of_all(reached(tree)), PINS[0].read_text(encoding="utf-8"))


def of_unit(file: Path) -> str:
    """Fingerprint a module of unit tests, or one of the package with its doctests: all that they may depend on.

    Beyond what `of_test` covers, that is every word (doctests are words), the helpers that tests share, files that the
    package carries, what was recorded if it can be read, and all of the package if modules are found by looking around.
    """
    text, package = file.read_text(encoding="utf-8"), ROOT / PACKAGE
    files = reached(ast.parse(text)) | reached(ast.parse(examples_of(text)))
    if files & {package / name for name in LOOKS_AROUND}:
        files |= set(package.rglob("*.py"))
    read = contents_of(RECORDED) if package / "provenance.py" in files else ""
    return digest(text, code_of_all(files), around(file.parent), read)


@cache
def around(folder: Path) -> str:
    """Fingerprint what the unit tests of a folder may lean on: helpers there and those of all, files that the package carries, the pins."""
    beside = () if folder.is_relative_to(ROOT / PACKAGE) else folder.glob("*.py")
    helpers = {one for one in (*(ROOT / "tests").glob("*.py"), *beside) if not one.name.startswith("test_")}
    pins = [file.read_text(encoding="utf-8") for file in PINS if file.is_file()]
    return digest(code_of_all(helpers), contents_of(ROOT / PACKAGE), *pins)


@cache
def contents_of(folder: Path) -> str:
    """Fingerprint the files of a folder that hold no code."""
    files = [one for one in sorted(folder.rglob("*")) if one.is_file() and one.suffix not in (".py", ".pyc")]
    return digest(*[hashlib.sha256(one.read_bytes()).hexdigest() for one in files])


def forget() -> None:
    """Read every file again: somebody wrote to one."""
    for remembered in (code_of, neighbours, around, contents_of):
        remembered.cache_clear()


def examples_of(text: str) -> str:
    """The code of all doctests in a text."""
    found = [
        example.source for example in doctest.DocTestParser().get_examples(text) if "import" in example.source
    ]
    return "".join(found)
