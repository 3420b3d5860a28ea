"""The reference: every public name has its page, its source and its chapters; a docstring that can't be read fails the build."""

import importlib
import json
import re
import subprocess
import sys
from collections import defaultdict
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import axe_playwright_python
import pytest
import yaml
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parents[2]
FOLDER, PACKAGE = "book/reference/api", "mtl_tutor"
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

sys.path.insert(0, str(ROOT / "book/_ext"))
import mtl_api  # noqa: E402
import mtl_chapters  # noqa: E402
import mtl_docstrings  # noqa: E402
import mtl_rooms  # noqa: E402
import mtl_signatures  # noqa: E402

sys.path.pop(0)

ROOMS = mtl_rooms.rooms_of(PACKAGE)


def pages_of_the_reference() -> list[str]:
    """The pages under the reference's index, as `_toc.yml` has them."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = {chapter["file"]: chapter for part in toc["parts"] for chapter in part["chapters"]}
    return [section["file"] for section in chapters[f"{FOLDER}/index"]["sections"]]


def names_of(room: str) -> list[str]:
    return [name for _, names in mtl_rooms.groups_of(importlib.import_module(f"{PACKAGE}.{room}")) for name in names]


# ---- every room, every name ------------------------------------------------------------------------------------------


def test_every_room_has_a_page_and_every_page_a_room():
    assert sorted(pages_of_the_reference()) == sorted(f"{FOLDER}/{room}" for room in ROOMS), (
        f"a room needs {FOLDER}/<room>.md, like its neighbours, and a line in _toc.yml"
    )


@pytest.mark.parametrize("room", ROOMS)
def test_a_page_holds_one_directive_and_nothing_generated(room):
    page = (ROOT / FOLDER / f"{room}.md").read_text(encoding="utf-8")
    assert page == f"# {PACKAGE}.{room}\n\n```{{eval-rst}}\n.. room:: {PACKAGE}.{room}\n```\n"


@pytest.mark.parametrize("room", ROOMS)
def test_whatever_a_room_exports_is_on_its_page(room):
    module = importlib.import_module(f"{PACKAGE}.{room}")
    names = names_of(room)
    assert names, f"{room} has no name with a docstring: explain its constants, or start its file name with an underscore"
    assert len(names) == len(set(names))
    assert {f"{PACKAGE}.{room}.{name}" for name in getattr(module, "__all__", [])} <= set(names)


# ---- a package of three files, built for real --------------------------------------------------------------------------

TOY = {
    "toy/__init__.py": '"""A package."""\n',
    "toy/shapes/__init__.py": '"""Shapes to draw."""\nfrom toy.shapes.square import SIDE, Square\n\n__all__ = ["SIDE", "Square"]\n',
    "toy/shapes/square.py": '''"""One shape."""

from dataclasses import dataclass

SIDE = 2.0
"""How long a side is."""


@dataclass(frozen=True)
class Square:
    """Draw four sides |a| of equal length, for init_ and others.

    Parameters
    ----------
    side : how long each is,
        in metres.

    Source: Euclid. Departures: none; see `turn`.

    >>> Square(2.0).area()
    4.0
    """

    side: float

    def area(self) -> float:
        """Measure what `side` encloses, as in :func:`math.prod`."""
        return self.side**2
''',
    "toy/shapes/round/__init__.py": '"""Shapes without corners."""\nfrom toy.shapes.round.circle import turn\n\n__all__ = ["turn"]\n',
    "toy/shapes/round/circle.py": '"""Another."""\nfrom toy.shapes.square import Square\n\n\n'
    'def turn(square: Square, *, by: float = 1.0, name: str = "x") -> Square:\n    """Turn a `Square`."""\n    return square\n',
    "conf.py": 'extensions = ["mtl_api"]\nmtl_api_package = "toy"\n',
    "_toc.yml": "root: index\nparts:\n  - chapters:\n    - file: one\n",
    "index.rst": "Toy\n===\n\n.. toctree::\n\n   one\n\n.. room:: toy.shapes\n",
    "one.rst": "Draw a square\n=============\n",
    "one.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": ["%pip install toy\n", "from toy.shapes import Square as S"]}]}),
}


def build(folder: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Build the toy with warnings as errors; `changes` are replacements in the file of the square, old -> new."""
    for name, text in TOY.items():
        for old, new in changes.items() if name == "toy/shapes/square.py" else ():
            assert old in text
            text = text.replace(old, new)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    places = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(ROOT / 'book/_ext')!r}]; "
    options = ["-W", "-n", "--keep-going", "-q", "-D", "html_theme=basic", "-D", "exclude_patterns=*.ipynb", ".", "_html"]
    code = f"{places}from sphinx.cmd.build import main; sys.exit(main({options!r}))"
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def toy(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    done = build(folder)
    assert done.returncode == 0, done.stderr
    return folder / "_html"


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html)))


def test_a_page_shows_calls_types_and_words(toy):
    text = plain((toy / "index.html").read_text(encoding="utf-8"))
    assert "Shapes to draw." in text
    assert "class Square(side)" in text
    assert "Parameters:sidefloathow long each is, in metres." in text.replace("Parameters: ", "Parameters:")
    assert "four sides |a| of equal length, for init_ and others" in text
    assert "SIDE" in text
    assert "How long a side is." in text


def test_what_only_a_sub_room_exports_stands_under_its_heading(toy):
    html = (toy / "index.html").read_text(encoding="utf-8")
    assert re.search(r"<h2>round.*?Shapes without corners\..*?id=\"toy\.shapes\.round\.turn\"", html, re.DOTALL)
    assert 'turn(square: Square, *, by: float = 1.0, name: str = "x") → Square' in plain(html)


def test_names_link_to_names_and_parameters_do_not(toy):
    html = (toy / "index.html").read_text(encoding="utf-8")
    assert re.search(r'Turn a <a[^>]*href="#toy\.shapes\.Square"', html)
    assert re.search(r"Measure what <code[^>]*><span class=\"pre\">side</span></code> encloses", html)


def test_source_and_departures_are_set_off(toy):
    html = (toy / "index.html").read_text(encoding="utf-8")
    assert re.search(r'<dl class="field-list simple mtl-source">|<dl class="mtl-source field-list simple">', html)
    assert "Source: Euclid. Departures: none; see" in plain(html)


def test_every_name_links_to_its_source(toy):
    html = (toy / "index.html").read_text(encoding="utf-8")
    assert 'href="_modules/toy/shapes/square.html#Square"' in html
    assert 'href="_modules/toy/shapes/round/circle.html#turn"' in html
    assert 'href="_modules/toy/shapes/square.html"' in html  # of SIDE


def test_a_chapter_that_imports_a_name_is_linked(toy):
    html = (toy / "index.html").read_text(encoding="utf-8").split('class="sphinxsidebar"')[0]
    square, others = html.split('id="toy.shapes.Square"')[1].split('id="toy.shapes.Square.area"')
    assert 'href="one.html"' in square
    assert 'href="one.html"' not in others


BROKEN = {
    "a link": (":func:`math.prod`", ":func:`aera`", "reference target not found: aera"),
    "a full name": (":func:`math.prod`", ":func:`toy.shapes.triangle`", "reference target not found: toy.shapes.triangle"),
    "markup": ("Measure", "**Measure", "Inline strong start-string"),
    "a parameter that isn't there": ("side : how", "edge : how", "there is no 'edge'"),
    "an entry without words": ("side : how", "side, how", "is no 'name : words'"),
    "a section misspelt": ("Parameters\n    ----------", "Params\n    ------", "'Params' is no section"),
}


@pytest.mark.parametrize(("old", "new", "said"), BROKEN.values(), ids=BROKEN)
def test_the_build_fails_on(tmp_path, old, new, said):
    done = build(tmp_path, **{old: new})
    assert done.returncode != 0
    assert said in done.stderr


def test_a_page_that_was_not_written_fails_the_build(tmp_path):
    (tmp_path / "one.html").touch()
    app = SimpleNamespace(env=SimpleNamespace(found_docs={"one", "two"}), outdir=tmp_path, builder=SimpleNamespace(name="html"))
    with pytest.raises(ExtensionError, match="1 pages were not written: two"):
        mtl_api.check_written(app, None)
    (tmp_path / "two.html").touch()
    mtl_api.check_written(app, None)


# ---- docstrings ------------------------------------------------------------------------------------------------------


def rst(text: str, types: dict[str, str] | None = None, own: tuple[str, ...] = ()) -> list[str]:
    return [line for line in mtl_docstrings.to_rst(text, types or {}, own) if line.strip()]


def test_words_move_below_the_name_and_its_type():
    text = "Parameters\n----------\nx : one row\n    per sample.\n*more, y : others."
    types = {"x": 'Float[Tensor, "sample feature"]', "more": "int", "y": "int"}
    assert rst(text, types) == [
        ":Parameters:",
        '    **x** : :mtl-type:`Float[Tensor, "sample feature"]`',
        "        one row",
        "        per sample.",
        r"    **\*more**, **y** : :mtl-type:`int`",
        "        others.",
    ]


def test_names_of_different_types_each_have_theirs():
    assert rst("Attributes\n----------\nx, y : both.", {"x": "int", "y": "str"})[1] == "    **x** :mtl-type:`int`, **y** :mtl-type:`str`"


def test_returns_may_be_a_sentence_or_a_type_with_words():
    assert rst("Returns\n-------\nOne row per seed.\nOne column per task.") == [
        ":Returns:",
        "    One row per seed.",
        "    One column per task.",
    ]
    assert rst("Returns\n-------\nInterval : the mean.") == [":Returns:", "    :mtl-type:`Interval`", "        the mean."]


@pytest.mark.parametrize("text", ["Found\n-----\n`kept` [feature],\nand more.", "Found: `kept` [feature],\nand more."])
def test_what_a_fit_finds_may_be_a_section_or_a_line(text):
    assert " ".join(line.strip() for line in rst(text)) == ":Found: `kept` [feature], and more."


def test_a_section_ends_where_prose_begins():
    assert rst("Raises\n------\nValueError : no\n    seeds.\n\nA sentence.\n\n>>> 1 | 2\n3")[-3:] == ["A sentence.", ">>> 1 | 2", "3"]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Source: Stein (1956). Departures: none.", [":Source: Stein (1956).", ":Departures: none."]),
        ("Source: Bishop\n(1995). Departures: more\nthan one.", [":Source: Bishop", "(1995).", ":Departures: more", "than one."]),
        ("Source: `SGD`. Departures from the latter: none.", [":Source: `SGD`.", ":Departures from the latter: none."]),
        ("Source: ours.", [":Source: ours."]),
    ],
)
def test_a_source_and_its_departures_become_fields(text, fields):
    for before in ("", "It helps.\n"):
        found = rst(before + text)
        assert found[: len(found) - len(fields)] == [*before.split("\n")[:-1], ".. rst-class:: mtl-source"]
        assert [line.strip() for line in found[len(found) - len(fields) :]] == fields


def test_what_rst_would_misread_is_text():
    assert rst("(p - 2)/|y|² and init_ but not `a|b` or n_tasks") == [r"(p - 2)/\|y\|² and init\_ but not `a|b` or n_tasks"]


def test_own_names_are_code_and_others_may_become_links():
    assert rst("`x`, ``y`` and `train`", own=("x", "y")) == ["``x``, ``y`` and `train`"]


# ---- signatures ------------------------------------------------------------------------------------------------------


class Kept:
    """A class with a little of everything."""

    def __init__(self, a: int, /, *b: str, c: float = 1.0, **d: bool) -> None: ...

    @property
    def size(self) -> "tuple[int, ...]":
        """How many."""
        return (1,)

    @classmethod
    def like(cls, a) -> str:
        """Another."""
        return str(a)


def test_a_call_is_shown_as_its_source_has_it():
    assert mtl_signatures.signature(Kept, ()) == ("(a: int, /, *b: str, c: float = 1.0, **d: bool)", "")
    assert mtl_signatures.signature(Kept.like, ()) == ("(a)", "str")
    assert mtl_signatures.signature(vars(Kept)["size"], ()) == ("()", '"tuple[int, ...]"')


def test_a_type_stands_once():
    assert mtl_signatures.signature(Kept, ("a", "b", "c", "d"))[0] == "(a, /, *b, c=1.0, **d)"


def test_shapes_and_inherited_fields_are_read():
    from mtl_tutor.experiments import Capacity
    from mtl_tutor.results import Curves

    call, _ = mtl_signatures.signature(Curves, ())
    assert 'x: Float[np.ndarray, "point"], ' in call
    assert 'low: Mapping[str, Float[np.ndarray, "point"]] = dict()' in call
    assert mtl_signatures.signature(Capacity, ())[0].startswith("(seeds: int = 256, first_seed: int = 1000, ")


# ---- chapters --------------------------------------------------------------------------------------------------------


def notebook(folder: Path, **cells: str) -> frozenset[str]:
    path = folder / "chapter.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": kind, "source": [text]} for kind, text in cells.items()]}), encoding="utf-8")
    mtl_chapters.mentions.cache_clear()
    return mtl_chapters.mentions(path, PACKAGE)


@pytest.mark.parametrize(
    ("cells", "public", "named"),
    [
        ({"code": "%pip install x\nfrom mtl_tutor.training import train as t"}, "training.train", True),
        ({"code": "import mtl_tutor.plots as p\np.draw_bars(1)"}, "plots.draw_bars", True),
        ({"code": "from mtl_tutor import plots\nplots.draw_bars(1)"}, "plots.draw_bars", True),
        ({"code": "import mtl_tutor.plots\nmtl_tutor.plots.draw_bars(1)"}, "plots.draw_bars", True),
        ({"code": "train = 1"}, "training.train", False),
        ({"markdown": "as `HardSharing` does"}, "sharing.HardSharing", True),
        ({"markdown": "as `History.best()` does"}, "results.History", True),
        ({"markdown": "as `train(net, data)` does"}, "training.train", True),
        ({"markdown": "as `mtl_tutor.training.train` does"}, "training.train", True),
        ({"markdown": "the split `train`, and HardSharing"}, "training.train", False),
        ({"markdown": "the split `train`, and HardSharing"}, "sharing.HardSharing", False),
    ],
)
def test_a_chapter_names_what_it_imports_and_what_it_puts_between_backticks(tmp_path, cells, public, named):
    assert mtl_chapters.names_it(notebook(tmp_path, **cells), *public.rsplit(".", 1)) is named


def test_chapters_come_in_the_books_order():
    found = mtl_chapters.chapters_with(ROOT / "_toc.yml", "training", "train", PACKAGE)
    order = mtl_chapters.IN_TOC.findall((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert len(found) >= 2
    assert found == sorted(found, key=order.index)


# ---- the built pages -------------------------------------------------------------------------------------------------


class Links(HTMLParser):
    """The targets and the anchors of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.ids: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids.add(found.get("id") or "")
        if tag == "a" and found.get("href"):
            self.hrefs.append(found["href"] or "")


@cache
def links(page: Path) -> Links:
    return Links(page.read_text(encoding="utf-8"))


@pytest.mark.site
@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_is_on_its_page_with_its_source(site, room):
    html = (site / FOLDER / f"{room}.html").read_text(encoding="utf-8")
    starts = {name: html.find(f'id="{name}"') for name in names_of(room)}
    assert [name for name, at in starts.items() if at < 0] == []
    ends = sorted([*starts.values(), len(html)])
    without = [name for name, at in starts.items() if "/_modules/" not in html[at : ends[ends.index(at) + 1]]]
    assert without == []


@pytest.mark.site
def test_every_link_of_the_reference_and_of_the_sources_leads_somewhere(site):
    broken = defaultdict(set)
    for page in [*(site / FOLDER).glob("*.html"), *(site / "_modules").rglob("*.html"), site / "genindex.html"]:
        for href in links(page).hrefs:
            path, _, anchor = unquote(href).partition("#")
            if re.match(r"[a-z]+:", path) or path.endswith(".md"):
                continue
            target = (page.parent / path).resolve() if path else page
            if not target.is_file() or (anchor and target.suffix == ".html" and anchor not in links(target).ids):
                broken[page.name].add(href)
    assert broken == {}


@pytest.mark.site
@pytest.mark.parametrize("which", ["the longest source", "one source", "all sources", "all names"])
def test_a_page_beside_the_book_is_as_good_as_one_of_the_book(visit, address, site, which):
    sources = sorted((site / "_modules" / PACKAGE).rglob("*.html"), key=lambda page: page.stat().st_size)
    pages = {"the longest source": sources[-1], "one source": sources[0]}
    pages |= {"all sources": site / "_modules/index.html", "all names": site / "genindex.html"}
    url = f"{address}/{pages[which].relative_to(site).as_posix()}"
    for theme in ("light", "dark"):
        seen = visit(url, color_scheme=theme)
        assert (seen.foreign, seen.errors) == ([], [])
        seen.page.add_script_tag(path=AXE)
        found = seen.page.evaluate("tags => axe.run('.bd-article', {runOnly: tags})", WCAG)["violations"]
        assert [(rule["id"], [node["target"] for node in rule["nodes"]][:5]) for rule in found] == []
    phone = visit(url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).page
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.site
def test_the_search_index_stays_light(site):
    assert (site / "searchindex.js").stat().st_size <= 400_000
