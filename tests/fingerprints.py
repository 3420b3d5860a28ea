"""What a test depends on, as one number: its code, the package's that it reaches, data and pins.

Imports, docstrings, comments and layout don't count: to move or to describe code changes no fingerprint.
"""

import ast
import hashlib
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from mtl_tutor.provenance import closure, imported

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "mtl_tutor"
PINS = ROOT / "requirements.txt"
RECORDED = ROOT / "data/recorded"
MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


# ---- code ----------------------------------------------------------------------------------------


def reached(tree: ast.Module) -> set[Path]:
    """The package's files that a tree imports, directly or not, and each ``__init__`` around them."""
    package = ROOT / PACKAGE
    files = {one for file in imported(tree, package) for one in closure(file, package)}
    folders = {folder for file in files for folder in file.parents if folder.is_relative_to(package)}
    return files | {folder / "__init__.py" for folder in folders}


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
    """The code of one file, as text that words and imports don't change."""
    return canonical(ast.parse(file.read_text(encoding="utf-8")))


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
    return digest(canonical(tree), code_of_all(reached(tree)), PINS.read_text(encoding="utf-8"))


def of_notebook(file: Path) -> str:
    """Fingerprint a chapter: its code and kept outputs, the package's code, recorded data, and the pins."""
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    kept = [[cell["source"], cell["outputs"]] for cell in cells if cell["cell_type"] == "code"]
    tree = ast.parse("\n".join(MAGIC.sub(r"\1pass", "".join(source)) for source, _ in kept))
    files = reached(tree)
    data = recorded_data(tree, files)
    return digest(json.dumps(kept), code_of_all(files), *data, PINS.read_text(encoding="utf-8"))


def recorded_data(tree: ast.Module, files: set[Path]) -> list[str]:
    """What a chapter reads of data/recorded: grids that it names, and the ledger if it reads that."""
    words = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    grids = [file for file in sorted(RECORDED.glob("*.npz")) if file.stem in words]
    texts = [hashlib.sha256(file.read_bytes()).hexdigest() for file in grids]
    return texts + [json.dumps(entry, sort_keys=True) for entry in entries_for(files)]


def entries_for(files: set[Path]) -> list[dict]:
    """The ledger's entries, without their seals, if one of the files reads the ledger."""
    if ROOT / PACKAGE / "ledger.py" not in files:
        return []
    entries = json.loads((RECORDED / "ledger.json").read_text(encoding="utf-8"))["experiments"]
    return [
        {key: entry[key] for key in ("experiment", "settings", "chapter", "claims")} for entry in entries
    ]
