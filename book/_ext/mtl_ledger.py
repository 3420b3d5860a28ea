"""The ledger's page: directives that list recorded claims, a CSV to take away, and its script. Nothing is typed in."""

import csv
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import mtl_ledger_page as page
from docutils import nodes
from mtl_ledger_rows import DATA, INTRO, TOC, Entry, Row, claims, entries, first_findings
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

PAGE = "book/reference/ledger"
SCRIPT = "mtl-ledger.js"


@cache
def all_claims() -> list[dict[str, Any]]:
    """Read the claims once in each process: the page and the CSV are made of the same."""
    return claims()


class LedgerList(SphinxDirective):
    """All measured claims: twenty to start with, then each part's findings by page, then what belongs to no finding."""

    def run(self) -> list[nodes.Node]:
        for file in (DATA / "recorded/ledger.json", DATA / "recorded/confirmed.json", INTRO, TOC):
            self.env.note_dependency(str(file))
        up = "../" * self.env.docname.count("/")
        found, others = entries(all_claims())
        rows = {entry.row.claim.id: entry.row for entry in found}
        chosen = [rows[one] for one in first_findings(known=rows)]
        top = _section("twenty", "Twenty to start with", None, page.heads() + page.first(chosen), "mtl-first")
        parts = [_part(name, [*group], up) for name, group in groupby(found, lambda entry: entry.row.page.part)]
        return [_raw(page.tools(found, others, f"{up}_static/ledger.csv")), top, *parts, *_rest(others, up)]


def _part(name: str, found: Sequence[Entry], up: str) -> nodes.section:
    chapters = [(where, [*group]) for where, group in groupby(found, lambda entry: entry.row.page)]
    body = "".join(
        f'<section class="mtl-chapter"><h3 id="{_anchor(where.name)}">{escape(where.title)} <span class="mtl-n">{len(group)}</span></h3>'
        f"{page.listed(group, up)}</section>"
        for where, group in chapters
    )
    return _section(_anchor(name), name, len(found), page.heads() + body, "mtl-part")


def _rest(others: Sequence[Row], up: str) -> list[nodes.section]:
    by_name: dict[str, list[Row]] = {}
    for row in others:
        by_name.setdefault(row.experiment, []).append(row)
    body = "<p>No page of the book has these as findings.</p>"
    body += "".join(page.loose(name, rows, up) for name, rows in by_name.items())
    return [_section("beside-the-findings", "Beside the findings", len(others), body, "mtl-rest")] if others else []


def _section(name: str, title: str, count: int | None, body: str, look: str) -> nodes.section:
    """A section that the page's table of contents knows."""
    number = [] if count is None else [nodes.Text(" "), nodes.inline("", str(count), classes=["mtl-n"])]
    heading = nodes.title("", "", nodes.Text(title), *number)
    return nodes.section("", heading, _raw(body), ids=[name], names=[name], classes=[look])


def _anchor(name: str) -> str:
    """A heading's own anchor, apart from those of the claims."""
    return "in-" + "-".join(name.lower().replace("/", " ").split())


class UntestedTable(SphinxDirective):
    """The claims of the source texts that no experiment of the book has tested, and why."""

    def run(self) -> list[nodes.Node]:
        with (DATA / "untested.csv").open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        self.env.note_dependency(str(DATA / "untested.csv"))
        names = [name.capitalize() for name in head]
        body = "".join(_row(zip(names, map(escape, row), strict=True)) for row in rows)
        columns = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
        return [_raw(f'<table class="mtl-ledger"><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>')]


def _row(cells: Iterable[tuple[str, str]]) -> str:
    return "<tr>" + "".join(f'<td data-name="{escape(name)}">{text}</td>' for name, text in cells) + "</tr>"


def _raw(html: str) -> nodes.Node:
    return nodes.raw("", html, format="html")


def _check_first(app: Sphinx) -> None:
    """Stop before any page is read if the list of the first page can't be used."""
    first_findings()


def _add_script(app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Only the ledger's page loads its script."""
    if name == PAGE:
        app.add_js_file(SCRIPT, loading_method="defer")


def _write_csv(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    rows = all_claims()
    with Path(app.outdir, "_static/ledger.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the list, the table and the CSV."""
    app.add_directive("ledger", LedgerList)
    app.add_directive("untested", UntestedTable)
    app.connect("builder-inited", _check_first)
    app.connect("html-page-context", _add_script)
    app.connect("build-finished", _write_csv)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
