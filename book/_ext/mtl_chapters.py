"""Which chapter uses or mentions which public name, read from the notebooks themselves."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

IN_TOC = re.compile(r"^\s*(?:- )?(?:root|file): (\S+)", re.MULTILINE)
TICKED = re.compile(r"(?<!`)`(?:mtl_tutor\.)?([A-Za-z_][\w.]*)(\([^`]*\))?`(?!`)")


@cache
def mentions(notebook: Path, package: str) -> frozenset[str]:
    """Collect what a notebook imports ("tasks.digits") and what its text names between backticks ("HardSharing", "train()")."""
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]]
    code = "\n".join(re.sub(r"^(\s*)[%!].*$", r"\1pass", text, flags=re.MULTILINE) for kind, text in cells if kind == "code")
    words = "\n".join(text for kind, text in cells if kind == "markdown")
    return frozenset(_imported(ast.parse(code), package)) | {name + ("()" if call else "") for name, call in TICKED.findall(words)}


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    """The public names that code imports, or reaches through an imported room."""
    rooms: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and f"{node.module}.".startswith(f"{package}."):
            rooms |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            yield from (f"{node.module}.{alias.name}".removeprefix(f"{package}.") for alias in node.names)
        elif isinstance(node, ast.Import):
            rooms |= {alias.asname: alias.name for alias in node.names if alias.asname}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, *rest = ast.unparse(node).split(".")
            whole = ".".join([rooms.get(first, first), *rest])
            if whole.startswith(f"{package}."):
                yield whole.removeprefix(f"{package}.")


def telling(name: str) -> bool:
    """Say whether a word stands for nothing but the name: `HardSharing` and `draw_bars` do, `train` and `digits` may not."""
    return name != name.lower() or "_" in name


def names_it(found: frozenset[str], room: str, name: str) -> bool:
    """Say whether a chapter speaks of a name. A plain lower-case word between backticks needs its room or `()`."""
    spelt = {f"{room}.{name}", f"{room}.{name}()", f"{name}()", *([name] if telling(name) else [])}
    return bool(spelt & found) or (telling(name) and any(said.startswith(f"{name}.") for said in found))


def chapters_with(toc: Path, room: str, name: str, package: str) -> list[str]:
    """The chapters, in the book's order, that use or mention a public name."""
    pages = IN_TOC.findall(toc.read_text(encoding="utf-8"))
    notebooks = {page: toc.parent / f"{page}.ipynb" for page in pages}
    return [page for page, path in notebooks.items() if path.is_file() and names_it(mentions(path, package), room, name)]
