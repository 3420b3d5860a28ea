"""The reference: every public name has its entry, its words and its source, and no link leads nowhere."""

import importlib
import pkgutil
import re
import sys
from collections import defaultdict
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from docutils import nodes

import mtl_tutor

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "book/reference/api"
MAX_HTML = 600_000

sys.path.insert(0, str(ROOT / "book/_ext"))
import mtl_book  # noqa: E402

sys.path.pop(0)

LISTED = mtl_book.rooms_of((ROOT / FOLDER / "index.md").read_text(encoding="utf-8"))


def names_of(room: str) -> list[str]:
    """The full names that a reader may import from a room."""
    by_kind = mtl_book.public_names(importlib.import_module(room))
    return [f"{room}.{name}" for names in by_kind.values() for name in names]


# ---- every room, every name ----------------------------------------------------------------------------


def test_every_room_is_listed_and_stands_in_the_table_of_contents():
    modules = pkgutil.iter_modules(mtl_tutor.__path__)
    rooms = {f"mtl_tutor.{module.name}" for module in modules if module.name[0] != "_"}
    assert rooms <= set(LISTED), f"name the new room in {FOLDER}/index.md"
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = {chapter["file"]: chapter for part in toc["parts"] for chapter in part["chapters"]}
    pages = [section["file"] for section in chapters[f"{FOLDER}/index"]["sections"]]
    assert pages == [f"{FOLDER}/{page}" for page in LISTED.values()]


@pytest.mark.parametrize("room", LISTED)
def test_the_names_of_a_room_are_what_it_exports(room):
    names = names_of(room)
    assert names, f"{room} has no name with a docstring: explain its constants, or name the file _{room}"
    assert len(names) == len(set(names))
    module = importlib.import_module(room)
    assert {f"{room}.{name}" for name in getattr(module, "__all__", [])} <= set(names)


def test_a_room_without_a_list_exports_what_it_defines_and_explains():
    assert mtl_book.public_names(importlib.import_module("mtl_tutor.metrics"))["function"]
    assert mtl_book.public_names(importlib.import_module("mtl_tutor.metrics"))["data"] == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("at most |y|² of them", r"at most \|y\|² of them"),
        ("``|y|²`` and `a | b`", "``|y|²`` and `a | b`"),
        (">>> 1 | 2", ">>> 1 | 2"),
        ('x : Float[np.ndarray, "seed *column"]', 'x : Float[np.ndarray, ``"seed *column"``]'),
        ('the label "even" or "odd"', 'the label "even" or "odd"'),
    ],
)
def test_bars_and_shapes_are_text(written, read):
    assert mtl_book.protected(written) == read


def test_an_arrow_of_the_sidebar_is_named_after_its_page():
    link, fold = '<a class="reference internal" href="a.html">', '<details><summary><span class="toctree-toggle"></span></summary>'
    assert mtl_book.with_names(f"{link}A</a>{link}B &amp; <em>C</em></a>{fold}") == (
        f"{link}A</a>{link}B &amp; <em>C</em></a>" + fold.replace("<summary>", '<summary aria-label="Pages of B &amp; C">')
    )
    for kept in (f"{link}A</a><ul>", "<details><summary>A</summary></details>"):
        assert mtl_book.with_names(kept) == kept


def test_links_from_outputs_to_notebooks_lead_to_pages():
    assert mtl_book.to_pages('<a href="why/a.ipynb">A</a>') == '<a href="why/a.html">A</a>'
    assert mtl_book.to_pages('<a href="../a.ipynb#b">A</a>') == '<a href="../a.html#b">A</a>'
    for kept in ('<a href="https://a.b/a.ipynb">', '<a href="#a.ipynb">', "a.ipynb"):
        assert mtl_book.to_pages(kept) == kept


def test_a_formula_takes_the_marks_around_it_along_and_no_word_is_lost():
    around = ["for (", None, "); and ", None, " and ", None, ". and "]
    kept = "".join(part or "x" for part in around)
    line = nodes.paragraph("", "", *(nodes.math("", "x") if part is None else nodes.Text(part) for part in around))
    mtl_book.keep_together(None, line, "")
    assert line.astext() == kept
    assert [part.astext() for part in line.findall(nodes.inline)] == ["(x);", "x", "x."]


# ---- the built pages -----------------------------------------------------------------------------------


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


@cache
def found(folder: Path, path: str) -> Path | None:
    """The file to which a link leads, if there is one."""
    target = (folder / path).resolve()
    return target if target.is_file() else None


def entries(html: str) -> dict[str, str]:
    """The entries of a page: full name -> all that stands there up to the next entry."""
    parts = re.split(r'<dt class="sig sig-object py" id="([^"]+)">', html)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.site
@pytest.mark.parametrize("room", LISTED)
def test_every_public_name_has_an_entry_with_words_and_a_line_in_the_table(site, room):
    html = (site / FOLDER / f"{LISTED[room]}.html").read_text(encoding="utf-8")
    found = entries(html)
    assert [name for name in names_of(room) if name not in found] == []
    assert [name for name in names_of(room) if not re.search(r"<dd>\s*<p>\S", found[name])] == []
    tables = "".join(re.findall(r'<table class="autosummary.*?</table>', html, re.DOTALL))
    assert [name for name in names_of(room) if f'href="#{name}"' not in tables] == []
    assert len(html.encode()) <= MAX_HTML


@pytest.mark.site
@pytest.mark.parametrize("room", LISTED)
def test_every_class_and_function_has_its_source(site, room):
    found = entries((site / FOLDER / f"{LISTED[room]}.html").read_text(encoding="utf-8"))
    constants = mtl_book.public_names(importlib.import_module(room))["data"]
    coded = [name for name in names_of(room) if name.rpartition(".")[2] not in constants]
    assert [name for name in coded if "/_modules/" not in found[name].partition("</dt>")[0]] == []


@pytest.mark.site
def test_every_link_of_the_reference_of_the_sources_and_of_code_leads_somewhere(site):
    broken = defaultdict(set)
    pages = [*(site / "book").rglob("*.html"), *(site / "_modules").rglob("*.html"), site / "genindex.html"]
    for page in pages:
        for href in links(page).hrefs:
            path, _, anchor = unquote(href).partition("#")
            path = path.partition("?")[0]  # what a widget is asked for
            if re.match(r"[a-z]+:", path) or path.endswith((".md", ".rst", ".ipynb")):
                continue
            target = found(page.parent, path) if path else page
            if target is None or (anchor and target.suffix == ".html" and anchor not in links(target).ids):
                broken[page.name].add(href)
    assert broken == {}


@pytest.mark.site
def test_a_chapters_code_links_to_the_reference(site):
    without = []
    for chapter in (ROOT / "book").rglob("*.ipynb"):
        page = (site / chapter.relative_to(ROOT)).with_suffix(".html")
        imports = "from mtl_tutor" in chapter.read_text(encoding="utf-8")
        if imports and "reference/api/" not in "".join(code_links(page)):
            without.append(page.name)
    assert without == []


def code_links(page: Path) -> list[str]:
    return re.findall(r'<a class="sphinx-codeautolink-a" href="([^"]+)"', page.read_text(encoding="utf-8"))


@pytest.mark.site
@pytest.mark.parametrize("which", ["the longest source", "one source", "all sources", "all names"])
def test_a_page_beside_the_book_is_as_good_as_one_of_the_book(visit, address, site, which):
    sources = sorted((site / "_modules/mtl_tutor").rglob("*.html"), key=lambda page: page.stat().st_size)
    pages = {"the longest source": sources[-1], "one source": sources[0]}
    pages |= {"all sources": site / "_modules/index.html", "all names": site / "genindex.html"}
    url = f"{address}/{pages[which].relative_to(site).as_posix()}"
    for theme in ("light", "dark"):
        seen = visit(url, color_scheme=theme)
        assert (seen.foreign, seen.errors) == ([], [])
        assert seen.breaches() == []
    phone = visit(url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).page
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.site
def test_the_search_index_stays_light(site):
    assert (site / "searchindex.js").stat().st_size <= 400_000
