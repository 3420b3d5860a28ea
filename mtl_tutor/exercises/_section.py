"""The exercises of a chapter, taken apart: texts, answer cells and solutions."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

HEADING = "## On your own"
_SOLUTION = re.compile(r"<details>\s*<summary>One solution</summary>(.*?)</details>", re.DOTALL)
_FENCED = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Piece:
    """One cell of an exported notebook.

    Attributes
    ----------
    kind : str
        ``"text"`` and ``"answer"`` are for students; ``"words"`` and ``"solution"`` come from a folded solution.
    source : str
        Markdown, or code.
    """

    kind: Literal["text", "answer", "words", "solution"]
    source: str


def source_of(cell: dict[str, Any]) -> str:
    """Read a cell's source, which notebooks store in lines or in one string."""
    return "".join(cell["source"])


def section_of(cells: Sequence[dict[str, Any]]) -> tuple[int, list[Piece]] | None:
    """Find where a chapter's exercises begin, and take them apart; None where a page has none."""
    starts = [i for i, cell in enumerate(cells) if cell["cell_type"] == "markdown" and HEADING in source_of(cell).splitlines()]
    if not starts:
        return None
    pieces: list[Piece] = []
    for cell in cells[starts[0] :]:
        if cell["cell_type"] == "code":
            pieces.append(Piece("answer", source_of(cell)))
            continue
        text = source_of(cell).partition(f"{HEADING}\n")[2] if cell is cells[starts[0]] else source_of(cell)
        inside, *rest = re.split(r"^## ", text, maxsplit=1, flags=re.MULTILINE)
        pieces += _parted(inside, checks_of(pieces[-1].source) if pieces and pieces[-1].kind == "answer" else "")
        if rest:
            break
    return starts[0], pieces


def _parted(text: str, checks: str) -> list[Piece]:
    """Separate what is folded from what is not; the first solution answers the cell above, whose checks it repeats."""
    found: list[Piece] = []
    for i, part in enumerate(_SOLUTION.split(text)):
        if i % 2 == 0:
            found.append(Piece("text", part.strip()))
            continue
        before, *more = _FENCED.split(part)
        found.append(Piece("words", f"**One solution.** {before.strip()}".strip()))
        for code, words in zip(more[::2], more[1::2], strict=True):
            found += [Piece("solution", f"{code.strip()}\n\n{checks}".strip()), Piece("words", words.strip())]
        checks = ""
    return [piece for piece in found if piece.source]


def checks_of(answer: str) -> str:
    """Find the calls of checkers at the end of an answer cell."""
    lines = [statement for statement in ast.parse(answer).body if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)]
    return "\n".join(ast.unparse(line) for line in lines)
