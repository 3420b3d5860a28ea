"""Chapters as files: stripped of outputs, short cells, Markdown that reads well in the book and in Colab alike.

Each rule is a function from a notebook to complaints; it is shown to fail on a small bad notebook, then applied to the book.
"""

import re
from collections.abc import Callable
from pathlib import Path
from statistics import median

import nbformat
import numpy as np
import pytest
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[2]
COLAB_CELL = (ROOT / "tests/book/colab_cell.txt").read_text(encoding="utf-8").strip()
SECTIONS = ("Predict|Bet", "When it fails", "Verdict", "On your own")
NOT_MARKDOWN = {  # what only the book renders; Colab shows it as it stands
    r"^\s*:{3,}": "a ::: directive",
    r"^\s*`{3,}\{": "a ```{directive}",
    r"(?<![\w`])\{[a-z][\w:.-]*\}`[^`\n]+`": "a {role}`…`",
    r"^\([\w-]+\)=\s*$": "a (label)=",
    r"^%(?!\w)": "a % comment",
    r"^\+\+\+": "a +++ break",
    r"\$\$\s*\([\w-]+\)": "an equation label (use \\tag)",
}
NOT_MARKDOWN_OUTSIDE_CODE = {r"\[\^[\w-]+\]": "a [^footnote]", r"\{\{\s*\w+\s*\}\}": "a {{substitution}}"}


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook: NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def n_lines(cell: NotebookNode) -> int:
    return sum(bool(line.strip()) for line in cell.source.splitlines())


def keeps_output(cell: NotebookNode) -> bool:
    return "keep_output" in cell.metadata.get("tags", [])


def stored_outputs(notebook: NotebookNode) -> list[str]:
    """Outputs are made when the book is built; only the cells that nbval compares keep theirs."""
    cells = code_cells(notebook)
    found = [f"a cell has stored outputs: {cell.source[:40]!r}" for cell in cells if cell.outputs and not keeps_output(cell)]
    found += [f"a cell has an execution count: {cell.source[:40]!r}" for cell in cells if cell.execution_count and not cell.outputs]
    return found + (["metadata.widgets is stored"] if "widgets" in notebook.metadata else [])


def missing_verdict(notebook: NotebookNode) -> list[str]:
    """A kept cell without outputs would compare nothing, and nbval wants it marked as run."""
    kept = [cell for cell in code_cells(notebook) if keeps_output(cell)]
    empty = [f"keep_output, but empty or not run: {cell.source[:40]!r}" for cell in kept if not cell.outputs or not cell.execution_count]
    return empty if kept else ["no cell is tagged keep_output: nbval compares nothing"]


def long_cells(notebook: NotebookNode) -> list[str]:
    """A function longer than 12 lines belongs in the package, with a test."""
    lengths = [n_lines(cell) for cell in code_cells(notebook)] or [0]
    limits = {"longest cell": (max(lengths), 20), "median cell": (median(lengths), 5), "90% of cells": (np.quantile(lengths, 0.9), 12)}
    return [f"{what}: {found:g} lines, at most {limit}" for what, (found, limit) in limits.items() if found > limit]


def wide_lines(notebook: NotebookNode) -> list[str]:
    """A laptop shows 86 columns between the two sidebars; what is folded may be wider."""
    code = [cell for cell in code_cells(notebook) if cell.source.strip() != COLAB_CELL]
    seen = [cell for cell in code if "hide-input" not in cell.metadata.get("tags", [])]
    return [f"{len(line)} columns, at most 86: {line!r}" for cell in seen for line in cell.source.splitlines() if len(line) > 86]


def touching_code_cells(notebook: NotebookNode) -> list[str]:
    """Between two code cells stands a sentence."""
    pairs = zip(notebook.cells, notebook.cells[1:], strict=False)
    return [f"no sentence before {after.source[:40]!r}" for before, after in pairs if before.cell_type == after.cell_type == "code"]


def only_for_the_book(notebook: NotebookNode) -> list[str]:
    """MyST directives and roles are noise in Colab and Jupyter: house rule, plain Markdown only."""
    text = prose(notebook)
    plain = re.sub(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$", "", text, flags=re.DOTALL)
    found = [what for pattern, what in NOT_MARKDOWN.items() if re.search(pattern, text, re.MULTILINE)]
    return found + [what for pattern, what in NOT_MARKDOWN_OUTSIDE_CODE.items() if re.search(pattern, plain)]


def colab_cell(notebook: NotebookNode) -> list[str]:
    """The first code cell is the same in every chapter."""
    cells = code_cells(notebook)
    return [] if not cells or cells[0].source.strip() == COLAB_CELL else ["the first code cell differs from tests/book/colab_cell.txt"]


def deep_imports(notebook: NotebookNode) -> list[str]:
    """Chapters import `mtl_tutor.x`, never a file within."""
    code = "\n".join(cell.source for cell in code_cells(notebook))
    return re.findall(r"^\s*(?:from|import) mtl_tutor\.\w+\.[\w.]+", code, re.MULTILINE)


def images_without_text(notebook: NotebookNode) -> list[str]:
    """Every picture says its message to those who don't see it."""
    tags = re.findall(r"<img\b[^>]*>", prose(notebook))
    without = [tag for tag in tags if not re.search(r"""\balt=(["'])\s*\S.*?\1""", tag)]
    return without + re.findall(r"!\[\s*\]\([^)]*\)", prose(notebook))


def findings_unexplained(notebook: NotebookNode) -> list[str]:
    """A page with a table of findings leads to the page that explains one."""
    text = prose(notebook)
    shows = any("findings(" in cell.source for cell in code_cells(notebook))
    is_led = "how-to-read-a-result.ipynb" in text or "# How to read a result" in text
    return ["a table of findings, and no link to how-to-read-a-result.ipynb"] if shows and not is_led else []


def too_many_words(notebook: NotebookNode) -> list[str]:
    """A page is read in one sitting: 1,500 words, without code, formulas, tables and the addresses of links."""
    no_prose = r"```.*?```|\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|<[^>]+>|\]\([^)]*\)|^\s*\|.*?$"
    text = re.sub(no_prose, " ", prose(notebook), flags=re.DOTALL | re.MULTILINE)
    n_words = sum(any(character.isalnum() for character in word) for word in text.split())
    return [f"{n_words} words, at most 1,500"] if n_words > 1500 else []


def missing_sections(notebook: NotebookNode) -> list[str]:
    """A chapter has the reader bet, shows where the claim fails, gives a verdict and leaves something to do."""
    return [name for name in SECTIONS if not re.search(rf"^(#+ |\*\*).*?\b({name})\b", prose(notebook), re.MULTILINE | re.IGNORECASE)]


EVERYWHERE = [stored_outputs, long_cells, wide_lines, touching_code_cells, only_for_the_book, colab_cell, deep_imports, images_without_text]
EVERYWHERE += [findings_unexplained, too_many_words]
IN_CHAPTERS = [missing_verdict, missing_sections]

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
LISTED = [chapter for part in TOC["parts"] for chapter in part["chapters"]]
PAGES = [f"{page['file']}.ipynb" for chapter in LISTED for page in (chapter, *chapter.get("sections", []))]
ALL = [f"{TOC['root']}.ipynb", *(page for page in PAGES if (ROOT / page).is_file())]
CHAPTERS = [f"{chapter['file']}.ipynb" for chapter in LISTED if not chapter["file"].startswith("book/reference/")]


@pytest.mark.parametrize("rule", EVERYWHERE, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("page", ALL)
def test_page_follows(page: str, rule: Callable[[NotebookNode], list[str]]) -> None:
    assert not rule(nbformat.read(ROOT / page, as_version=4))


@pytest.mark.parametrize("rule", IN_CHAPTERS, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("page", CHAPTERS)
def test_chapter_follows(page: str, rule: Callable[[NotebookNode], list[str]]) -> None:
    assert not rule(nbformat.read(ROOT / page, as_version=4))


@pytest.mark.parametrize("page", ALL)
def test_page_is_a_valid_notebook_for_any_python(page: str) -> None:
    notebook = nbformat.read(ROOT / page, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"


def test_every_notebook_is_in_the_table_of_contents() -> None:
    notebooks = {path.relative_to(ROOT).as_posix() for path in (ROOT / "book").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts}
    assert notebooks == set(ALL)


# ---- the rules themselves -------------------------------------------------------------------------------------------


def said(text: str = "A sentence.") -> NotebookNode:
    return new_markdown_cell(text)


def ran(source: str = "1 + 1", *, outputs: bool = False, keep: bool = False, count: int | None = None) -> NotebookNode:
    made = [new_output("stream", name="stdout", text="2\n")] if outputs else []
    return new_code_cell(source, outputs=made, execution_count=count, metadata={"tags": ["keep_output"]} if keep else {})


SET_UP = [said("# Title"), ran(COLAB_CELL)]
GOOD = new_notebook(
    cells=[
        *SET_UP,
        said("**Bet first.** Which? $\\{a\\}$, `x{y}`, ![two of three](a.svg) <img src='b.svg' alt=\"one\">"),
        said("$$E = \\sum_i e_i \\tag{1}$$"),
        ran("from mtl_tutor.tasks import digits\n\nimport mtl_tutor.plots"),
        said("## When it fails"),
        ran("x = 1\n" * 5),
        said("## Verdict"),
        ran("print(2)", outputs=True, keep=True, count=1),
        said("## On your own\n\n```python\nf'{x}'\n```"),
    ]
)
BAD = {
    "an output": (stored_outputs, [ran(outputs=True)]),
    "an execution count": (stored_outputs, [ran(count=3)]),
    "no verdict": (missing_verdict, [ran()]),
    "an empty verdict": (missing_verdict, [ran(keep=True)]),
    "a verdict that did not run": (missing_verdict, [ran(outputs=True, keep=True)]),
    "a cell of 21 lines": (long_cells, [*(ran() for _ in range(9)), ran("x = 1\n" * 21)]),
    "a median of 6": (long_cells, [ran("x = 1\n" * 6)]),
    "a fifth of 13": (long_cells, [*(ran() for _ in range(8)), *(ran("x = 1\n" * 13) for _ in range(2))]),
    "a line of 87 columns": (wide_lines, [ran("x = 1"), ran(f"x = '{'y' * 81}'")]),
    "code after code": (touching_code_cells, [said(), ran(), ran()]),
    "a directive": (only_for_the_book, [said(":::{note}\nhello\n:::")]),
    "a fenced directive": (only_for_the_book, [said("```{note}\nhello\n```")]),
    "a role": (only_for_the_book, [said("see {ref}`there`")]),
    "a citation": (only_for_the_book, [said("{cite:p}`caruana`")]),
    "a label": (only_for_the_book, [said("(here)=\n# Title")]),
    "a comment": (only_for_the_book, [said("% nobody reads this")]),
    "a block break": (only_for_the_book, [said("a\n\n+++\n\nb")]),
    "a labelled equation": (only_for_the_book, [said("$$x$$ (eq-a)")]),
    "a footnote": (only_for_the_book, [said("so they say[^1]")]),
    "a substitution": (only_for_the_book, [said("{{ version }}")]),
    "another Colab cell": (colab_cell, [ran("%pip install mtl-tutor")]),
    "a deep import": (deep_imports, [ran("from mtl_tutor.balancing.pcgrad import PCGrad")]),
    "a deeper import": (deep_imports, [ran("import mtl_tutor.balancing.loss_weighting.equal as e")]),
    "a picture without words": (images_without_text, [said("![](a.svg)")]),
    "a tag without words": (images_without_text, [said('<img src="a.svg" alt="">')]),
    "findings without a guide": (findings_unexplained, [ran("findings(result)")]),
    "1,501 words": (too_many_words, [said("word " * 800), said("word `code` " * 701 + "$x$")]),
    "no bet": (missing_sections, [said("## When it fails\n## Verdict\n## On your own")]),
    "no limits": (missing_sections, [said("## Predict\n## Verdict\n## On your own")]),
}


@pytest.mark.parametrize(("rule", "cells"), BAD.values(), ids=BAD)
def test_the_rule_sees(rule: Callable[[NotebookNode], list[str]], cells: list[NotebookNode]) -> None:
    assert rule(new_notebook(cells=cells))


def test_the_rule_sees_stored_widgets() -> None:
    assert stored_outputs(new_notebook(metadata={"widgets": {}}))


@pytest.mark.parametrize("rule", [*EVERYWHERE, *IN_CHAPTERS], ids=lambda rule: rule.__name__)
def test_the_rule_accepts_a_good_chapter(rule: Callable[[NotebookNode], list[str]]) -> None:
    assert not rule(GOOD)
