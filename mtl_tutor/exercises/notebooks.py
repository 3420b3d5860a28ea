"""A chapter's exercises as notebooks of their own, for a course: the student's, and the instructor's with solutions."""

import json
import os
import posixpath
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mtl_tutor.checks import check_named, checked
from mtl_tutor.exercises._needs import free_names, imported_names, names_in_text, needs_of
from mtl_tutor.exercises._section import HEADING, Piece, section_of, source_of
from mtl_tutor.provenance import write_whole

__all__ = ["write_exercises"]

REPOSITORY = "https://github.com/mtl-tutor/mtl-tutor"
PAGES = "https://mtl-tutor.github.io/mtl-tutor"
_NEXT = re.compile(r"Next: \[[^\]]*\]\(([^()]*)\)")
_LINK = re.compile(r"\]\((?!\w+:)([^()\s#]*)(#[^()\s]*)?\)")


@checked
def write_exercises(chapter: str, to: str | os.PathLike[str] = ".", solutions: bool = False, force: bool = False) -> list[Path]:
    """Write the exercises of a chapter, or of all chapters, as notebooks of their own.

    Parameters
    ----------
    chapter : str
        A page of the book, such as eavesdropping or why/eavesdropping, or all.
    to : path
        The folder to write into.
    solutions : bool
        Write the instructor's notebooks, in which a solution follows each exercise.
    force : bool
        Replace notebooks that are there already.

    Returns
    -------
    list[Path]
        The notebooks, in the order of the book: ``eavesdropping-exercises.ipynb``, or ``eavesdropping-solutions.ipynb``.

    Raises
    ------
    ValueError
        There is no such chapter or folder, a file is there already, or the book is not beside the package.
    """
    pages = _pages(_book())
    name = chapter.removesuffix(".ipynb").removeprefix("book/")
    name = {f"{page.parent.name}/{stem}": stem for stem, page in pages.items()}.get(name, name)
    check_named("CHAPTER", name, ["all", *pages])
    folder = Path(to)
    if not folder.is_dir():
        raise ValueError(f"`--to` must be a folder that exists; got {os.fspath(to)!r}. Make it first.")
    ending = "solutions" if solutions else "exercises"
    targets = {folder / f"{stem}-{ending}.ipynb": page for stem, page in pages.items() if name in ("all", stem)}
    there = [target for target in targets if os.path.lexists(target)]
    if there and not force:
        raise ValueError(f"`--to` has {there[0].name} already; got {os.fspath(to)!r}. Choose another folder, or replace it with --force.")
    for target, page in targets.items():
        place = f"{[*pages].index(page.stem) + 1} of {len(pages)}"
        write_whole(target, _notebook(page, solutions, place).encode())
    return list(targets)


def _book() -> Path:
    """The folder of the chapters: in the package, if pip installed it, or beside it, in a checkout."""
    package = Path(__file__).parents[1]
    for folder in (package / "chapters", package.parent / "book"):
        if folder.is_dir():
            return folder
    raise ValueError(f"The chapters are not beside this package; clone the repository {REPOSITORY} and run the command there.")


def _pages(book: Path) -> dict[str, Path]:
    """The chapters that have exercises, in the order in which the last line of each names the next."""
    texts = {page: text for page in sorted(book.glob("*/*.ipynb")) if HEADING in (text := page.read_text(encoding="utf-8"))}
    after = {page: (page.parent / found[1]).resolve() for page, text in texts.items() if (found := _NEXT.search(text))}
    ordered: list[Path] = []
    for page in sorted(texts, key=lambda one: one.resolve() in after.values()):
        while page in texts and page not in ordered:
            ordered.append(page)
            page = next((one for one in texts if one.resolve() == after.get(page)), page)
    return {page.stem: page for page in ordered}


def _notebook(page: Path, solutions: bool, which: str) -> str:
    """The text of a notebook; which one it is in the order of the book, such as ``3 of 26``."""
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    start, pieces = section_of(cells) or (0, [])
    install, *code = [source_of(cell) for cell in cells[:start] if cell["cell_type"] == "code"]
    place = f"book/{page.parent.name}/{page.name}"
    title = source_of(cells[0]).splitlines()[0].removeprefix("# ")
    found = [_markdown("title", _title(title, place, solutions, which)), _code("install", install)]
    found += _prepared(pieces, code)
    counts = dict.fromkeys(("text", "answer", "words", "solution"), 0)
    for piece in pieces:
        counts[piece.kind] += 1
        name = f"{piece.kind}-{counts[piece.kind]}"
        if solutions or piece.kind in ("text", "answer"):
            is_code = piece.kind in ("answer", "solution")
            found.append(_code(name, piece.source) if is_code else _markdown(name, _linked(piece.source, place)))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": found, "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _title(title: str, place: str, solutions: bool, which: str) -> str:
    kind, topic = ("Exercises with solutions" if solutions else "Exercises"), title.partition(":")[0]
    how = "Write your answer into the cell below an exercise and run the cell: it says *Right*, or what is still wrong."
    if solutions:
        how = "One solution follows each exercise. Run from top to bottom, the empty answers say *Not yet* and the solutions *Right*."
    return (
        f"# {kind}: {topic}\n\nThese exercises are from [{title}]({_address(place)}), a chapter of *Multi-task learning you can run* "
        f"(text: CC BY 4.0, code: MIT). In the book's order they are {which}. "
        f'Where they say "above" or "this page", they mean that chapter. {how}'
    )


def _prepared(pieces: Sequence[Piece], code: Sequence[str]) -> list[dict[str, Any]]:
    """The cells between the installation and the first exercise: what exercises, answers and solutions take from the chapter."""
    own = [piece.source for piece in pieces if piece.kind in ("answer", "solution")]
    text = "\n".join(piece.source for piece in pieces if piece.kind == "text")
    whole = "\n".join(own)
    imports, parts = needs_of(free_names(whole) | imported_names(whole) | names_in_text(text, own), code)
    found = []
    if imports:
        found += [_markdown("imports-words", "We import what the exercises use."), _code("imports", "\n".join(imports))]
    for i, part in enumerate(parts, start=1):
        found += [_markdown(f"chapter-words-{i}", "The exercises use these lines of the chapter."), _code(f"chapter-{i}", part)]
    return found


def _linked(text: str, place: str) -> str:
    """Let links to other pages lead to the published book."""
    return _LINK.sub(lambda found: f"]({_address(place, found[1])}{found[2] or ''})", text)


def _address(place: str, target: str = "") -> str:
    path = posixpath.normpath(posixpath.join(posixpath.dirname(place), target)) if target else place
    return f"{PAGES}/{re.sub(r'[.](ipynb|md)$', '.html', path)}"


def _markdown(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source.splitlines(keepends=True)}


def _code(name: str, source: str) -> dict[str, Any]:
    return {**_markdown(name, source), "cell_type": "code", "execution_count": None, "outputs": []}
