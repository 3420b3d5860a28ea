"""What a test depends on, as one number: its code, the package's that it reaches, data and pins.

Imports, docstrings, comments and layout don't count: to move or to describe code changes no fingerprint.
"""

import ast
import hashlib
import importlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "mtl_tutor"
PINS = ROOT / "requirements.txt"
RECORDED = ROOT / "data/recorded"
MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


# ---- code ----------------------------------------------------------------------------------------


@cache
def file_of(module: str) -> Path | None:
    """The source of a module of the package, or None if there is no such module."""
    place = ROOT / module.replace(".", "/")
    return next(
        (file for file in (place / "__init__.py", place.with_suffix(".py")) if file.is_file()), None
    )


@cache
def tree_of(module: str) -> ast.Module:
    """The parsed source of a module of the package."""
    file = file_of(module)
    if file is None:
        raise ValueError(f"`modules` must name modules of {PACKAGE}; {module!r} is none.")
    return ast.parse(file.read_text(encoding="utf-8"))


def imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Each import from the package, anywhere in the tree: module and name ("" for the whole module)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level and node.module and ours(node.module):
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if ours(alias.name))


def ours(module: str) -> bool:
    """Whether a module belongs to the package."""
    return f"{module}.".startswith(f"{PACKAGE}.")


def home(module: str, name: str) -> list[str]:
    """The modules that define `name`, which is imported from `module`.

    A package's ``__init__`` only hands names on, so that what it imports beside this one doesn't count.
    """
    file = file_of(module)
    if not name or file is None or file.name != "__init__.py":
        return [module]
    if file_of(f"{module}.{name}"):
        return [f"{module}.{name}"]
    bound = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in handed_on(module)
        for alias in node.names
    }
    if name in bound:
        return home(*bound[name])
    return [module] if name in defined(module) else found_by_import(module, name)


def handed_on(module: str) -> list[ast.ImportFrom]:
    """The imports by which an ``__init__`` hands names of the package on."""
    nodes = (node for node in tree_of(module).body if isinstance(node, ast.ImportFrom))
    return [node for node in nodes if node.module and ours(node.module)]


def defined(module: str) -> set[str]:
    """The names that a module itself assigns or defines at its top level."""
    names: set[str] = set()
    for node in tree_of(module).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            names |= {
                target.id
                for target in ast.walk(node)
                if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store)
            }
    return names


def found_by_import(module: str, name: str) -> list[str]:
    """Where a name lives that is found at import time; all modules below if that can't be told."""
    place = getattr(getattr(importlib.import_module(module), name), "__module__", "")
    below = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for file in (ROOT / module.replace(".", "/")).rglob("*.py")
    ]
    return [place] if ours(place) else [module, *(one.removesuffix(".__init__") for one in below)]


def closure(modules: Iterable[str]) -> set[str]:
    """The modules, all that they import from the package, directly or not, and the packages around each."""
    todo, found = list(modules), set[str]()
    while todo:
        module = todo.pop()
        if module not in found:
            found.add(module)
            todo += [one for target in imports(tree_of(module)) for one in home(*target)]
    around = {
        ".".join(module.split(".")[:depth]) for module in found for depth in range(1, module.count(".") + 1)
    }
    return found | around


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
def code_of_module(module: str) -> str:
    """The code of one module, as text that words and imports don't change."""
    return canonical(tree_of(module))


def digest(*parts: str) -> str:
    """A SHA-256 over several texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def fingerprint(modules: Iterable[str]) -> str:
    """Fingerprint the code of modules of the package and of all that they import from it."""
    return digest(*sorted({code_of_module(module) for module in closure(modules)}))


# ---- tests ---------------------------------------------------------------------------------------


def of_test(file: Path) -> str:
    """Fingerprint a module of tests: its own code, the package's that it reaches, and the pins."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    modules = [one for target in imports(tree) for one in home(*target)]
    return digest(canonical(tree), fingerprint(modules), PINS.read_text(encoding="utf-8"))


def of_notebook(file: Path) -> str:
    """Fingerprint a chapter: its code and kept outputs, the package's code, recorded data, and the pins."""
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    kept = [[cell["source"], cell["outputs"]] for cell in cells if cell["cell_type"] == "code"]
    tree = ast.parse("\n".join(MAGIC.sub(r"\1pass", "".join(source)) for source, _ in kept))
    modules = {one for target in imports(tree) for one in home(*target)}
    data = recorded_data(tree, closure(modules))
    return digest(json.dumps(kept), fingerprint(modules), *data, PINS.read_text(encoding="utf-8"))


def recorded_data(tree: ast.Module, modules: set[str]) -> list[str]:
    """What a chapter reads of data/recorded: grids that it names, and the ledger if it reads that."""
    words = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    grids = [file for file in sorted(RECORDED.glob("*.npz")) if file.stem in words]
    texts = [hashlib.sha256(file.read_bytes()).hexdigest() for file in grids]
    return texts + [json.dumps(entry, sort_keys=True) for entry in entries_for(modules)]


def entries_for(modules: set[str]) -> list[dict]:
    """The ledger's entries, without their seals, if `modules` read the ledger."""
    if f"{PACKAGE}.ledger" not in modules:
        return []
    entries = json.loads((RECORDED / "ledger.json").read_text(encoding="utf-8"))["experiments"]
    return [
        {key: entry[key] for key in ("experiment", "settings", "chapter", "claims")} for entry in entries
    ]
