"""What the ledger's page shows, in its order: findings by part and page, what belongs to each, and the twenty of the first page."""

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sphinx.errors import ExtensionError

from mtl_tutor.confirm import read_confirmed, status_of
from mtl_tutor.experiments import experiments
from mtl_tutor.ledger import read_ledger, read_measured
from mtl_tutor.results import Claim
from mtl_tutor.results._findings_page import in_order
from mtl_tutor.results._findings_words import on_one_scale
from mtl_tutor.statistics import Interval, Verdict
from mtl_tutor.tuning import Settings

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
INTRO = ROOT / "book/intro.ipynb"
TOC = ROOT / "_toc.yml"
N_FIRST = 20
SAME = ("rule", "condition", "printed", "agree", "borderline", "role", "finding", "scale")  # of a claim and of its row
STATUSES = ("exploratory", "confirmed", "otherwise")

_TEXT = re.compile(r"source text \d+")
_PAPER = re.compile(r"[^\W\d_a-z].*? \d{4}\b")


@dataclass(frozen=True)
class Page:
    """A page of the book that findings lead to, such as "why/stein"; `part` is the caption it stands under."""

    name: str
    title: str
    part: str
    section: bool = False
    """Whether it stands beneath a chapter."""
    own_code: frozenset[str] = frozenset()
    """The names that its cells import."""


@dataclass(frozen=True)
class Row:
    """A claim on one scale and as a whole sentence, with what the ledger knows besides."""

    claim: Claim
    status: str
    """One of `STATUSES`."""
    said: str
    """The status in the ledger's words."""
    experiment: str
    page: Page


@dataclass(frozen=True)
class Entry:
    """A finding, what lies beneath it, and the settings of the arms that it compares."""

    row: Row
    under: tuple[Row, ...]
    settings: tuple[tuple[str, str], ...] = ()
    """Arm and what was chosen for it."""


def claims() -> list[dict[str, Any]]:
    """Read the claims as the ledger holds them, and whether each came out again on untouched seeds."""
    confirmed = read_confirmed(DATA / "recorded/confirmed.json")
    known, tried = experiments(), {entry["experiment"] for entry in confirmed}

    def status(row: Mapping[str, Any]) -> str:  # of the others nothing has to be compared, which would take a minute
        name = row["experiment"]
        return status_of(row, known[name], confirmed) if name in tried else "exploratory"

    return [{**row, "status": status(row)} for row in read_ledger(DATA / "recorded/ledger.json")]


def first_findings(intro: Path = INTRO, known: Iterable[str] | None = None) -> list[str]:
    """Read the ids of the findings that the book's first page shows, from its cell.

    Raises
    ------
    ExtensionError
        There is no such list, it has another length, or it names what is no finding.
    """
    must = f"`twenty` in {intro.name} must be a list of {N_FIRST} ids of findings"
    try:
        cells = json.loads(intro.read_text(encoding="utf-8"))["cells"]
        found = [ids for cell in cells if cell["cell_type"] == "code" for ids in _twenty("".join(cell["source"]))]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ExtensionError(f"{must}; the page can't be read ({type(error).__name__}).") from error
    if len(found) != 1 or len(set(found[0])) != N_FIRST or len(found[0]) != N_FIRST:
        raise ExtensionError(f"{must}, each once; got {', '.join(str(len(ids)) for ids in found) or 'none'}. The ledger shows them first.")
    known = {row["id"] for row in read_ledger(DATA / "recorded/ledger.json") if row["role"] == "finding"} if known is None else set(known)
    if unknown := [one for one in found[0] if one not in known]:
        raise ExtensionError(f"{must}; {unknown[0]!r} is none. Take its name from the ledger.")
    return found[0]


def _twenty(cell: str) -> Iterable[list[str]]:
    """The lists that a cell calls `twenty`."""
    try:
        lines = ast.parse(cell).body
    except SyntaxError:  # such as a cell with %pip
        return
    for line in lines:
        names = [name.id for name in line.targets if isinstance(name, ast.Name)] if isinstance(line, ast.Assign) else []
        if names == ["twenty"]:
            yield list(map(str, ast.literal_eval(line.value)))  # type: ignore[attr-defined]


def pages_in_order(toc: Path = TOC, root: Path = ROOT) -> list[Page]:
    """The book's pages in the order of its table of contents, sections behind their chapter."""
    parts = yaml.safe_load(toc.read_text(encoding="utf-8"))["parts"]
    listed = [
        (page, part["caption"], page is not chapter)
        for part in parts
        for chapter in part["chapters"]
        for page in (chapter, *chapter.get("sections", []))
        if (root / f"{page['file']}.ipynb").is_file()
    ]
    return [_page(root, page, part, section) for page, part, section in listed]


def _page(root: Path, page: Mapping[str, str], part: str, section: bool) -> Page:
    return Page(page["file"].removeprefix("book/"), page["title"], part, section, _imports(root / f"{page['file']}.ipynb"))


def _imports(notebook: Path) -> frozenset[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    lines = [line for cell in cells if cell["cell_type"] == "code" for line in cell["source"]]
    names = re.findall(r"^from mtl_tutor\.experiments import (.+)$", "\n".join(lines), re.MULTILINE)
    return frozenset(name.strip() for line in names for name in line.split(","))


def page_of(chapter: str, class_name: str, pages: Sequence[Page]) -> Page:
    """The page that tells an experiment: a section of its chapter, if one imports it, or the chapter."""
    sections = [page for page in pages if page.section and page.name.startswith(f"{chapter}-") and class_name in page.own_code]
    return (sections or [page for page in pages if page.name == chapter])[0]


def sources_of(source: str) -> list[str]:
    """The groups that a source belongs to: its papers without the place in them, its source texts, or itself.

    Examples
    --------
    >>> sources_of("Caruana 1997, §3.2; source text 003"), sources_of("after Gao et al. 2019"), sources_of("ours")
    (['Caruana 1997', 'source text 003'], ['Gao et al. 2019'], ['ours'])
    """
    groups = []
    for part in source.split("; "):
        found = _TEXT.search(part) or _PAPER.search(part)
        groups.append(found[0] if found else part)
    return [group.replace(" & ", " and ") for group in dict.fromkeys(groups) if group != "control"]


def order_of_source(group: str) -> tuple[int, str]:
    """Ours first, then papers by name, the texts that the book grew from, and what has no author."""
    kind = 0 if group == "ours" else 2 if _TEXT.fullmatch(group) else 1 if _PAPER.fullmatch(group) else 3
    return kind, group


def size_of(claim: Claim) -> float:
    """The effect's size in halves of its interval's width; large where the interval is short."""
    half = (claim.measured.high - claim.measured.low) / 2
    return min(abs(claim.measured.estimate) / half, 9999.0) if half > 0 else 9999.0 if claim.measured.estimate else 0.0


def entries(rows: Sequence[Mapping[str, Any]] | None = None, pages: Sequence[Page] | None = None) -> tuple[list[Entry], list[Row]]:
    """All findings in the book's order, with what belongs to each; and the rows that belong to none."""
    rows, pages = claims() if rows is None else rows, pages_in_order() if pages is None else pages
    told = {row["id"]: _row(row, pages) for row in rows}
    chosen = {name: read_measured(name, DATA / "recorded")[1] for name in dict.fromkeys(row["experiment"] for row in rows)}
    found = []
    for row in (row for row in told.values() if row.claim.role == "finding"):
        beneath = [one.claim for one in told.values() if one.claim.finding == row.claim.id and one is not row]
        by_role = [[one for one in beneath if one.role == role] for role in ("control", "detail")]
        under = tuple(told[one.id] for one in in_order(*by_role))
        found.append(Entry(row, under, _settings(row, chosen[row.experiment])))
    place = {page.name: at for at, page in enumerate(pages)}
    found.sort(key=lambda entry: place[entry.row.page.name])
    return found, [row for row in told.values() if not row.claim.finding]


def _row(row: Mapping[str, Any], pages: Sequence[Page]) -> Row:
    """The claim as the ledger holds it, with nothing computed anew."""
    verdict = Verdict(row["verdict"])
    measured = Interval(row["estimate"], row["low"], row["high"], row["n"], by_block=tuple(row["by_block"]))
    same = {name: row[name] for name in ("id", "source", *SAME)}
    whole = f"{row['after']} {row['claim']}".strip()
    expected = row["as_expected"] is None or row["as_expected"] == (verdict is Verdict.REPRODUCED)
    claim = Claim(claim=whole, measured=measured, verdict=verdict, edges=tuple(row["edges"]), expected=expected, **same)
    status = row["status"] if row["status"] in STATUSES else "otherwise"
    page = page_of(row["chapter"], experiments()[row["experiment"]].__name__, pages)
    return Row(on_one_scale(claim), status, row["status"], row["experiment"], page)


def _settings(row: Row, chosen: Mapping[str, Settings]) -> tuple[tuple[str, str], ...]:
    """What tuning chose for the two arms of a finding, in most blocks; nothing of arms that weren't tuned under their own name."""
    rules = {f"{row.experiment}-{one.id}": one for one in experiments()[row.experiment].hypotheses}
    rule = rules[row.claim.id]
    arms = [arm for arm in dict.fromkeys([rule.treatment, rule.reference]) if arm and arm in chosen]
    told = [(arm, " ".join(str(chosen[arm].typical).split())) for arm in arms]
    return tuple((arm, words) for arm, words in told if words)
