"""Promises about the package as a whole: what an import costs, what is documented, which words name an axis."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

import mtl_tutor

ROOMS = ("tasks", "sharing", "balancing", "training", "metrics", "statistics", "results")
ROOMS += ("comparison", "estimator", "recipes", "provenance", "ledger", "experiments", "plots", "widgets", "tuning", "reseal", "checks")
ROOMS += ("keys", "export", "saving", "whole_files", "confirm", "cli")
WITHOUT_TORCH = ("", ".checks", ".cli", ".results", ".statistics", ".tasks", ".plots", ".widgets")
AXES = {"seed", "task", "sample", "feature", "hidden", "expert", "class", "param", "step", "output", "token", "channel", "height", "width"}
AXES |= {"point", "row", "column", "path", "run"}  # of the results that are drawn
AXES |= {"cell", "start", "view", "penalty", "construction", "part"}  # what some experiments vary
DTYPES = {"Float", "Int", "Bool", "Num", "Shaped", "Inexact", "Integer", "UInt", "Complex"}
CHECKS = re.compile(r"\braise (ValueError|TypeError)\(")
EXPLAINED = re.compile(r"^ *(Raises|Attributes)\n", re.MULTILINE)
FILES = sorted(path for folder in mtl_tutor.__path__ for path in Path(folder).rglob("*.py"))


def public(room: str) -> list[object]:
    """The classes and functions that a reader may import from a room: its ``__all__``, or what the module defines itself."""
    module = importlib.import_module(f"mtl_tutor.{room}")
    own = [name for name, thing in vars(module).items() if getattr(thing, "__module__", "") == module.__name__ and name[0] != "_"]
    things = [getattr(module, name) for name in getattr(module, "__all__", own)]
    return [thing for thing in things if inspect.isclass(thing) or inspect.isfunction(thing)]


def documented_parts(thing: object) -> Iterator[tuple[str, str]]:
    """The thing itself and, for a class, its public methods and properties: name and docstring."""
    yield getattr(thing, "__name__", repr(thing)), thing.__doc__ or ""
    for name, member in vars(thing).items() if inspect.isclass(thing) else ():
        function = getattr(member, "__func__", None) or getattr(member, "fget", None) or member
        if name[0] != "_" and inspect.isfunction(function):
            yield f"{thing.__name__}.{name}", inspect.getdoc(getattr(thing, name)) or ""


def axis_words(source: str) -> set[str]:
    """The words in the shape strings of a module: ``Float[Tensor, "seed task"]`` -> seed, task."""
    words: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) and ast.unparse(node.value).split(".")[-1] in DTYPES:
            shape = node.slice.elts[-1]
            if isinstance(shape, ast.Constant) and isinstance(shape.value, str):
                words |= {word for word in re.split(r"[\s+*/()#?_-]+", shape.value) if word not in {"", "..."} and not word.isdigit()}
    return words


@pytest.mark.parametrize("room", WITHOUT_TORCH)
def test_importing_does_not_load_torch(room: str) -> None:
    """Reading results, drawing and moving a slider must not cost the seconds that torch takes."""
    code = f"import sys, mtl_tutor{room}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0, f"mtl_tutor{room} imports torch"


def test_the_version_has_one_source() -> None:
    """What pip installed is what the package says."""
    assert version("mtl-tutor") == mtl_tutor.__version__


def test_every_module_is_in_a_known_room() -> None:
    """A new folder or file at the top is an idea that needs a name here."""
    top = {module.name for module in pkgutil.iter_modules(mtl_tutor.__path__)}
    assert top <= {*ROOMS, "__main__", "exercises"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_module_says_what_it_is_for(path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path} has no docstring"


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_is_explained_in_a_sentence(room: str) -> None:
    first = {name: text.strip().split("\n\n")[0].rstrip() for thing in public(room) for name, text in documented_parts(thing)}
    assert first, f"mtl_tutor.{room} has no public names"
    unfinished = {name: sentence for name, sentence in first.items() if sentence[-1:] not in {".", "!", "?", ":", "…"}}
    assert not unfinished, "no docstring, or a first sentence without an end"


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_reader_can_do_wrong_is_listed_under_raises(room: str) -> None:
    """What checks its parameters says so. Records (Attributes) are built by the package, not by readers."""
    silent = [thing for thing in public(room) if CHECKS.search(inspect.getsource(thing)) and not EXPLAINED.search(inspect.getsource(thing))]
    assert not silent, "these raise, but their docstrings have no `Raises`"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_axes_have_the_names_of_the_book(path) -> None:
    unknown = axis_words(path.read_text(encoding="utf-8")) - AXES
    assert not unknown, f"{path.name} calls an axis {sorted(unknown)}; the words are {sorted(AXES)}"


def test_an_unknown_axis_word_is_found() -> None:
    assert axis_words('def f(x: Float[np.ndarray, "*seed batch 3"]) -> Int[Tensor, ""]: ...') == {"seed", "batch"}


LIMITS = {"tasks": 2100, "sharing": 2100, "recipes": 850, "training": 2350, "comparison": 550, "widgets": 1450, "plots": 880}
LIMITS |= {"cli": 370, "results": 1050, "balancing": 1150, "experiments": 7900}


@pytest.mark.parametrize("room", LIMITS)
def test_a_room_stays_small(room: str) -> None:
    """Lines of code, docstrings, comments and blanks apart. Exercises grow with the book."""
    folder = Path(mtl_tutor.__path__[0]) / room
    n_lines = sum(code_lines(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py"))
    assert n_lines <= LIMITS[room], f"mtl_tutor.{room} has {n_lines} lines of code"


@pytest.mark.parametrize("path", sorted((Path(mtl_tutor.__path__[0]) / "experiments").rglob("*.py")), ids=lambda path: path.name)
def test_a_module_of_experiments_is_read_in_one_sitting(path: Path) -> None:
    """At most 200 lines of code: hypotheses take a line or three each."""
    assert code_lines(path.read_text(encoding="utf-8")) <= 200


def code_lines(source: str) -> int:
    """Count what is neither blank nor a comment nor a docstring."""
    tree = ast.parse(source)
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    words = [node.body[0] for node in nodes if ast.get_docstring(node)]
    said = {line for text in words for line in range(text.lineno, (text.end_lineno or 0) + 1)}
    lines = enumerate(source.splitlines(), start=1)
    return sum(number not in said and bool(line.strip()) and not line.strip().startswith("#") for number, line in lines)


def test_a_line_of_code_is_neither_words_nor_nothing() -> None:
    assert code_lines('"""Words\n\nmore."""\n\n# why\nx = 1\ndef f():\n    """What."""\n    return x  # why\n') == 3
