"""Exported exercises: the student's notebooks run and hold no solution, the instructor's say "Right" from top to bottom."""

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mtl_tutor import exercises
from mtl_tutor.cli import main
from mtl_tutor.exercises.notebooks import write_exercises

ROOT = Path(__file__).parents[2]
CHAPTERS = {page.stem: page for page in sorted((ROOT / "book").rglob("*.ipynb")) if "## On your own" in page.read_text(encoding="utf-8")}
SOLUTION = re.compile(r"<details><summary>One solution</summary>(.*?)</details>", re.DOTALL)
KINDS = ("exercises", "solutions")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with all notebooks of both kinds."""
    made = tmp_path_factory.mktemp("course")
    for solutions in (False, True):
        assert len(write_exercises("all", made, solutions=solutions)) == len(CHAPTERS)
    return made


def cells_of(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def sources(path: Path, kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in cells_of(path) if cell["cell_type"] == kind]


def answers_of(path: Path) -> list[str]:
    """Run a notebook's cells one after the other; what the last line of each shows, if a checker says it."""
    names: dict[str, Any] = {"__name__": "__main__"}
    shown = []
    for source in sources(path, "code"):
        tree = ast.parse(re.sub(r"^( *)%.*", r"\1pass", source, flags=re.MULTILINE))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, path.name, "exec"), names)
        if isinstance(last, ast.Expr):
            shown.append(eval(compile(ast.Expression(last.value), path.name, "eval"), names))
    return [answer for answer in shown if isinstance(answer, str)]


def n_checks(stem: str) -> int:
    """How often the chapter itself calls a checker."""
    return sum(len(re.findall(r"^check_\w+\(", source, re.MULTILINE)) for source in sources(CHAPTERS[stem], "code"))


def test_every_checker_of_the_package_is_called_in_a_chapter():
    text = "\n".join(source for page in CHAPTERS.values() for source in sources(page, "code"))
    assert not [name for name in exercises.__all__ if f"\n{name}(" not in text]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stem", CHAPTERS)
def test_it_is_a_notebook_that_leads_only_to_the_published_book(folder, stem, kind):
    path = folder / f"{stem}-{kind}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook, relax_add_props=False)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    text = "\n".join(sources(path, "markdown"))
    assert not re.findall(r"\]\((?!https://)[^)]*\)|<img|<details", text)
    page = CHAPTERS[stem].relative_to(ROOT).with_suffix(".html")
    assert f"(https://mtl-tutor.github.io/mtl-tutor/{page})" in sources(path, "markdown")[0]
    assert sources(path, "code")[0].strip() == (ROOT / "tests/book/colab_cell.txt").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("stem", CHAPTERS)
def test_every_page_that_a_notebook_links_to_is_in_the_book(folder, stem):
    text = "\n".join(sources(folder / f"{stem}-solutions.ipynb", "markdown"))
    for page in re.findall(r"https://mtl-tutor\.github\.io/mtl-tutor/([^)#]*)\.html", text):
        assert any((ROOT / page).with_suffix(suffix).is_file() for suffix in (".md", ".ipynb")), page


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_students_notebook_runs_and_nothing_is_right_yet(folder, stem):
    answers = answers_of(folder / f"{stem}-exercises.ipynb")
    assert len(answers) == n_checks(stem) > 0
    assert all(answer.startswith("Not yet") for answer in answers)


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_students_notebook_holds_no_solution(folder, stem):
    path = folder / f"{stem}-exercises.ipynb"
    lines = {line.strip() for source in sources(path, "code") for line in source.splitlines()}
    text = "\n".join(sources(path, "markdown"))
    solutions = SOLUTION.findall("\n".join(sources(CHAPTERS[stem], "markdown")))
    assert len(solutions) == n_checks(stem)
    for solution in solutions:
        words, code, *more = re.split(r"```(?:python)?\n", solution)
        assert not [part for part in (words, *more) if part.strip() and part.strip() in text]
        assert not [line for line in code.splitlines() if line.strip() in lines - {""} and not re.match(r"import |from |def ", line)]


@pytest.mark.parametrize("stem", CHAPTERS)
def test_an_instructors_notebook_says_right_after_each_exercise(folder, stem):
    answers = answers_of(folder / f"{stem}-solutions.ipynb")
    assert len(answers) == 2 * n_checks(stem)
    assert all(answer.startswith("Not yet") for answer in answers[::2])
    assert all(answer.startswith("Right") for answer in answers[1::2]), answers


# ---- what a chapter hands on -----------------------------------------------------------------------------------------

SHARED = "import math\nimport re, os.path\nscale, unused = 2.0, math.pi"
CELLS = [
    "%pip install nothing",
    SHARED,
    "x, other = 1, 2\nother = 3\nweights = [x] * 3",
    "weights[0] = math.sqrt(2)\nprint(weights)",
    "@staticmethod\ndef halved(value, scale=scale):\n    return later(value) / scale\nprint(unused)",
    "%time halved",
    "def later(value: os.PathLike):\n    return [x for x in value]",
]
EXERCISE = "Halve it, as `halved` does, with `answer(x, other)`; see [that](../reference/words.md#half), [this](#top) and [it](why.ipynb)."
FOLDED = "<details><summary>One solution</summary>\n\nHalve.\n\n```python\nimport re\nanswer = weights\n```\n\nSo.\n\n</details>"


def a_book(folder: Path) -> None:
    code = [{"cell_type": "code", "source": source} for source in CELLS]
    texts = ["# Toys: for a test", f"## On your own\n\n{EXERCISE}", f"{FOLDED}\n\n**2.** No checker.\n\n{FOLDED}\n\n## After\n\nmore"]
    title, first, rest = ({"cell_type": "markdown", "source": text.splitlines(keepends=True)} for text in texts)
    answer = {"cell_type": "code", "source": "answer = None\nstr(answer)"}
    page = folder / "book/what/toys.ipynb"
    page.parent.mkdir(parents=True)
    page.write_text(json.dumps({"cells": [title, *code, first, answer, rest, {**rest, "source": "the end"}]}), encoding="utf-8")


def test_what_an_exercise_needs_of_its_chapter_is_taken_along_and_nothing_else(tmp_path, monkeypatch):
    """Statements that define a name or change it in place, and what these need; not the `x` that is the reader's own."""
    a_book(tmp_path)
    monkeypatch.setattr("mtl_tutor.exercises.notebooks.__file__", str(tmp_path / "mtl_tutor/exercises/notebooks.py"))
    (path,) = write_exercises("what/toys", tmp_path, solutions=True)
    _, imports, *code = sources(path, "code")
    assert imports == "import math\nimport re, os.path"
    assert code == [
        "scale, unused = 2.0, math.pi",
        "x, other = 1, 2\nweights = [x] * 3",
        "weights[0] = math.sqrt(2)",
        "@staticmethod\ndef halved(value, scale=scale):\n    return later(value) / scale",
        "def later(value: os.PathLike):\n    return [x for x in value]",
        "answer = None\nstr(answer)",
        "import re\nanswer = weights\n\nstr(answer)",
        "import re\nanswer = weights",
    ]
    text = "\n".join(sources(path, "markdown"))
    pages = "https://mtl-tutor.github.io/mtl-tutor/book"
    assert f"[that]({pages}/reference/words.html#half), [this]({pages}/what/toys.html#top) and [it]({pages}/what/why.html)" in text
    assert "**One solution.** Halve." in text
    assert "more" not in text
    assert "the end" not in text


def test_without_a_book_one_is_told_where_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr("mtl_tutor.exercises.notebooks.__file__", str(tmp_path / "mtl_tutor/exercises/notebooks.py"))
    with pytest.raises(ValueError, match=r"clone the repository https://github\.com/mtl-tutor/mtl-tutor and run the command there\.$"):
        write_exercises("all", tmp_path)


def test_what_pip_installs_has_every_chapter_with_exercises():
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    for part in {page.parent.relative_to(ROOT).as_posix() for page in CHAPTERS.values()}:
        assert built["wheel"]["force-include"][part] == part.replace("book/", "mtl_tutor/chapters/")
        assert part in built["sdist"]["include"]


# ---- the command -----------------------------------------------------------------------------------------------------


def test_the_command_writes_one_chapter_and_says_where(tmp_path, capsys):
    for name in ("eavesdropping", "eavesdropping.ipynb", "why/eavesdropping", "book/why/eavesdropping.ipynb"):
        assert main(["exercises", name, "--to", str(tmp_path), "--force"]) == 0
        assert capsys.readouterr().out == f"{tmp_path / 'eavesdropping-exercises.ipynb'}\n"
    assert main(["exercises", "eavesdropping", "--to", str(tmp_path), "--solutions"]) == 0
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["eavesdropping-exercises.ipynb", "eavesdropping-solutions.ipynb"]


def test_all_notebooks_come_in_the_order_of_the_book_and_say_which_they_are(tmp_path):
    listed = re.findall(r"- file: book/\w+/([\w-]+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    found = write_exercises("all", tmp_path)
    assert [path.stem.removesuffix("-exercises") for path in found] == [stem for stem in listed if stem in CHAPTERS]
    assert all(f"they are {n} of {len(found)}." in sources(path, "markdown")[0] for n, path in enumerate(found, start=1))


def test_a_notebook_that_is_there_is_replaced_only_by_force(tmp_path, capsys):
    """And none of the others is written either."""
    kept = tmp_path / "stein-exercises.ipynb"
    kept.write_text("a student's answers")
    assert main(["exercises", "all", "--to", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "has stein-exercises.ipynb already" in said
    assert "--force" in said
    assert [*tmp_path.iterdir()] == [kept]
    assert kept.read_text() == "a student's answers"
    assert main(["exercises", "stein", "--to", str(tmp_path), "--force"]) == 0
    nbformat.read(kept, as_version=4)


@pytest.mark.messages
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evesdropping"], r"`CHAPTER` must be one of 'all', .*Did you mean 'eavesdropping'\?"),
        (["what/eavesdropping"], r"Did you mean 'eavesdropping'\?"),
        (["intro"], "`CHAPTER` must be one of "),
        (["stein", "--to", "nowhere/at/all"], "`--to` must be a folder that exists; got 'nowhere/at/all'"),
        (["stein", "--to", "README.md"], "`--to` must be a folder that exists"),
        ([], "CHAPTER"),
        (["stein", "--solution", "yes"], "`yes`"),
    ],
    ids=str,
)
def test_a_wrong_call_is_told_in_one_sentence(arguments, words, capsys):
    assert main(["exercises", *arguments]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert re.search(words, said), said
