"""The ledger's page: directives that turn recorded claims into tables, and a CSV to take away. Nothing is typed in."""

import csv
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from mtl_tutor.confirm import read_confirmed, status_of
from mtl_tutor.experiments import experiments
from mtl_tutor.ledger import read_ledger

DATA = Path(__file__).resolve().parents[2] / "data"
COLUMNS = ("Claim", "Source", "Effect [95% interval], n", "Printed", "Alone", "Control", "Rule", "Verdict")
FILTERS = ("role", "verdict", "chapter", "source")
EXPECTED = {True: "as expected", False: "not as expected", None: ""}
FILTER = """
<script>
for (const form of document.querySelectorAll(".mtl-ledger-filter")) {
  const rows = [...document.querySelectorAll("#ledger tbody tr")], said = form.querySelector("output");
  const update = () => {
    const wanted = [...form.querySelectorAll("select")].filter((s) => s.value);
    for (const row of rows) row.hidden = !wanted.every((s) => row.dataset[s.name] === s.value);
    said.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} claims`;
  };
  form.hidden = false; form.addEventListener("change", update); update();
}
</script>"""


def claims() -> list[dict[str, Any]]:
    """Read the claims as the ledger holds them, and whether each came out again on untouched seeds."""
    confirmed = read_confirmed(DATA / "recorded/confirmed.json")
    rows = read_ledger(DATA / "recorded/ledger.json")
    return [{**row, "status": status_of(row, experiments()[row["experiment"]], confirmed)} for row in rows]


class LedgerTable(SphinxDirective):
    """All measured claims, with filters that work without a kernel."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(DATA / "recorded/ledger.json"))
        rows = claims()
        up = "../" * self.env.docname.count("/")
        choices = "".join(_choice(name, sorted({row[name] for row in rows})) for name in FILTERS)
        link = f'<a href="{up}_static/ledger.csv" download>Download as CSV</a>'
        form = f'<form class="mtl-ledger-filter" hidden>{choices}<output aria-live="polite"></output></form>'
        body = "".join(_claim(row, up) for row in rows)
        return [_raw(f'{form}<p>{link}</p><table id="ledger" class="mtl-ledger">{_head(COLUMNS)}<tbody>{body}</tbody></table>{FILTER}')]


class UntestedTable(SphinxDirective):
    """The claims of the source texts that no experiment of the book has tested, and why."""

    def run(self) -> list[nodes.Node]:
        with (DATA / "untested.csv").open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        self.env.note_dependency(str(DATA / "untested.csv"))
        names = [name.capitalize() for name in head]
        body = "".join(_row(zip(names, map(escape, row), strict=True)) for row in rows)
        return [_raw(f'<table class="mtl-ledger">{_head(names)}<tbody>{body}</tbody></table>')]


def _claim(row: dict[str, Any], up: str) -> str:
    page = f"{up}book/{row['chapter']}.html#verdict"
    after = f'<small>{escape(row["after"])}</small> ' if row["after"] else ""
    where = f'{after}{escape(row["claim"])}<br><a href="{page}">{escape(row["chapter"])}</a> <code>{escape(row["id"])}</code>'
    effect = f"{_short(row['estimate'])} [{_short(row['low'])}, {_short(row['high'])}], {row['n']}"
    if row["agree"] is not None:
        effect += f"; {row['agree']} of {len(row['by_block'])} blocks"
    condition = f" ({escape(row['condition'])})" if row["condition"] else ""
    marks = ["borderline"] if row["borderline"] else []
    marks += [EXPECTED[row["as_expected"]]] if row["as_expected"] is not None else []
    marks += [row["status"]] if row["status"] != "exploratory" else []
    marks += [f"edge of the grid: {', '.join(row['edges'])}"] if row["edges"] else []
    marked = f"<br><small>{escape('; '.join(marks))}</small>" if marks else ""
    verdict = f'<span class="mtl-verdict">{row["verdict"]}</span>{condition}{marked}'
    beside = (_short(row[name]) for name in ("printed", "baseline", "control"))
    cells = (where, escape(row["source"]), effect, *beside, escape(row["rule"]), verdict)
    data = "".join(f' data-{name}="{escape(row[name])}"' for name in FILTERS)
    return _row(zip(COLUMNS, cells, strict=True), f' id="{escape(row["id"])}"{data}')


def _row(cells: Iterable[tuple[str, str]], attributes: str = "") -> str:
    return f"<tr{attributes}>" + "".join(f'<td data-name="{escape(name)}">{text}</td>' for name, text in cells) + "</tr>"


def _head(names: Sequence[str]) -> str:
    return "<thead><tr>" + "".join(f'<th scope="col">{escape(name)}</th>' for name in names) + "</tr></thead>"


def _choice(name: str, values: Sequence[str]) -> str:
    options = "".join(f"<option>{escape(value)}</option>" for value in values)
    return f'<label>{name.capitalize()} <select name="{name}"><option value="">all</option>{options}</select></label> '


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _raw(html: str) -> nodes.Node:
    return nodes.raw("", html, format="html")


def _write_csv(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    rows = claims()
    with Path(app.outdir, "_static/ledger.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the tables and the CSV."""
    app.add_directive("ledger", LedgerTable)
    app.add_directive("untested", UntestedTable)
    app.connect("build-finished", _write_csv)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
