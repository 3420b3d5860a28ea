"""The ledger's rows and its search as HTML: a list per page of the book, folds beneath findings, one axis for all."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from mtl_ledger_rows import STATUSES, Entry, Row, order_of_source, size_of, sources_of

from mtl_tutor.results import Claim
from mtl_tutor.results._findings_page import dot_and_bar
from mtl_tutor.results._findings_words import effect, outcome, remarks, thresholds
from mtl_tutor.statistics import Verdict

AXIS = (-1.0, 1.0)
HEADS = ("Claim", "Verdict and rule", "Effect [95% interval]", "Runs")
ORDERS = {"": "the book's order", "effect": "clearest effect first", "verdict": "by verdict"}
_TICKS = '<span class="mtl-ticks"><i>−100%</i><i>0</i><i>100%</i></span>'
_SPARED = re.compile(r'<line class="mtl-zero"[^>]*/>|<rect[^>]*/>| width="100%" height="18"')
_KINDS = (("ours", 0), ("Papers", 1), ("Source texts", 2), ("Others", 3))


def heads() -> str:
    """What stands above the columns, where there is room; a row says it by itself."""
    cells = "".join(f"<div>{head}{_TICKS if 'Effect' in head else ''}</div>" for head in HEADS)
    return f'<div class="mtl-heads" aria-hidden="true">{cells}</div>'


def first(rows: Sequence[Row]) -> str:
    """The findings of the book's first page, in short: each leads to its row below."""
    items = (_cells(row, f'<a href="#{escape(row.claim.id)}">{escape(row.claim.claim)}</a>', short=True) for row in rows)
    return f'<ol class="mtl-claims" role="list">{"".join(f"<li>{item}</li>" for item in items)}</ol>'


def listed(entries: Iterable[Entry], up: str) -> str:
    """Findings of one page of the book."""
    return f'<ol class="mtl-claims" role="list">{"".join(_finding(entry, up) for entry in entries)}</ol>'


def loose(experiment: str, rows: Sequence[Row], up: str) -> str:
    """The rows of an experiment that belong to no finding, folded."""
    link = f'<p>They belong to the page <a href="{_address(rows[0], up)}">{escape(rows[0].page.title)}</a>.</p>'
    body = "".join(_beneath(row, whole=True) for row in rows)
    count = f'<span class="mtl-n">{len(rows)}</span>'
    summary = f"<summary>{escape(experiment.replace('-', ' ').capitalize())}: {count} rows</summary>"
    return f'<details class="mtl-loose">{summary}{link}<ul class="mtl-under" role="list">{body}</ul></details>'


def _finding(entry: Entry, up: str) -> str:
    row = entry.row
    arms = "; ".join(f"for “{escape(arm)}”: {escape(words)}" for arm, words in entry.settings)
    settings = f"<p>What tuning chose most often {arms}.</p>" if arms else ""
    items = f'<ul class="mtl-under" role="list">{"".join(_beneath(one, row) for one in entry.under)}</ul>' if entry.under else ""
    folded = f"<details><summary>{_summary(entry)}</summary>{items}{settings}</details>" if items or settings else ""
    name = f'<a href="{_address(row, up)}">{_sentence(row.claim)}</a>'
    name += f"<small>Source: {escape(row.claim.source)} · {_permalink(row.claim)}</small>"
    return f'<li id="{escape(row.claim.id)}"{_data(row)} data-size="{size_of(row.claim):.3g}">{_cells(row, name)}{folded}</li>'


def _summary(entry: Entry) -> str:
    """What lies beneath, in the words of the chapters' tables."""
    controls = [row.claim.as_expected for row in entry.under if row.claim.role == "control"]
    n_details = len(entry.under) - len(controls)
    parts = [f"Controls: {sum(one is True for one in controls)} of {len(controls)} as expected."] if controls else []
    parts += [f"Details: {n_details}."] if n_details else []
    return " ".join([*parts, *(["Settings."] if entry.settings else [])])


def _beneath(row: Row, finding: Row | None = None, *, whole: bool = False) -> str:
    """A control or a detail; of its source only what its finding's row doesn't say."""
    told = row.claim.source if row.claim.role != "control" and (finding is None or row.claim.source != finding.claim.source) else ""
    name = f"{_sentence(row.claim)} {f'<small>Source: {escape(told)}</small>' if told else ''}{_permalink(row.claim)}"
    return f'<li id="{escape(row.claim.id)}"{_data(row) if whole else _source(row)}>{_cells(row, name)}</li>'


def _cells(row: Row, name: str, *, short: bool = False) -> str:
    claim = row.claim
    runs = f"n = {claim.measured.n}"
    if claim.agree is not None and not short:
        runs += f"\n{claim.agree} of {len(claim.measured.by_block)} blocks agree"
    verdict = outcome(claim) if claim.role != "finding" else f"<b>{escape(str(claim.verdict))}</b>"
    notes = "" if short else f"<small>{escape('; '.join(_notes(row)))}</small>"
    return f"<div>{name}</div><div>{verdict}{notes}</div><div>{_picture(claim)}{effect(claim)}</div><div>{runs}</div>"


def _notes(row: Row) -> list[str]:
    """The rule, the status where it says something, and marks."""
    said = [] if row.said == "exploratory" and row.claim.role != "finding" else [row.said]
    about = remarks(row.claim)
    at = 1 if row.claim.rule else 0
    return [*about[:at], *said, *about[at:]]


def _picture(claim: Claim) -> str:
    """The chapters' dot and bar, without what the style draws once and for all: nearly 600 of them are on the page.

    The numbers stand beside it, so that it says nothing to a screen reader.
    """
    drawn = dot_and_bar(claim.measured, AXIS, thresholds(claim.rule), look=claim.role, label="")
    return _SPARED.sub("", drawn).replace('role="img" aria-label=""', 'aria-hidden="true"')


def _sentence(claim: Claim) -> str:
    before, dots, rest = claim.claim.rpartition(" ... ")
    return f"<i>{escape(before)} …</i> {escape(rest)}" if dots else escape(claim.claim)


def _permalink(claim: Claim) -> str:
    return f'<a class="mtl-at" href="#{escape(claim.id)}">#{escape(claim.id)}</a>'


def _address(row: Row, up: str) -> str:
    """The verdicts on the page that tells an experiment; a section's page has no such heading."""
    return f"{up}book/{row.page.name}.html{'' if row.page.section else '#verdict'}"


def _data(row: Row) -> str:
    return f' data-verdict="{row.claim.verdict}" data-status="{row.status}"{_source(row)}'


def _source(row: Row) -> str:
    """Groups of sources; most rows are ours and go without, in the page and in its script."""
    groups = sources_of(row.claim.source)
    return "" if groups == ["ours"] else f' data-source="{escape("|".join(groups))}"'


# ---- search, filters, order ----------------------------------------------------------------------------------------------


def tools(entries: Sequence[Entry], others: Sequence[Row], csv: str) -> str:
    """The form above the list, which its script shows, and the sentence where nothing is found."""
    rows = [row for entry in entries for row in (entry.row, *entry.under)] + [*others]
    groups = sorted({group for row in rows for group in sources_of(row.claim.source)}, key=order_of_source)
    kinds = {name: [group for group in groups if order_of_source(group)[0] == kind] for name, kind in _KINDS}
    sources = "".join(_options(kinds[name]) if name == "ours" else _grouped(name, kinds[name]) for name in kinds)
    choices = [
        _choice("part", "Part", _options(dict.fromkeys(entry.row.page.part for entry in entries))),
        _choice("verdict", "Verdict", _options(str(verdict) for verdict in Verdict)),
        _choice("status", "Status", _options(STATUSES)),
        _choice("source", "Source", sources),
        _choice("sort", "Order", "".join(f'<option value="{value}">{words}</option>' for value, words in ORDERS.items()), every=False),
    ]
    search = '<input type="search" name="q" maxlength="100" autocomplete="off" spellcheck="false">'
    box = f'<label class="mtl-q">Search the claims {search}</label>'
    buttons = '<button type="reset">Clear</button><button type="button" name="copy">Copy link</button>'
    said = '<output name="count" aria-live="polite"></output><span role="status"></span>'
    link = f'<a href="{csv}" download>Download as CSV</a>'
    return (
        f'<form class="mtl-tools" role="search" aria-label="Claims" hidden>{box}{"".join(choices)}<p>{said}</p><p>{buttons}</p></form>'
        f'<p class="mtl-none" hidden>No finding fits the search and the filters. <button type="button">Clear them all</button></p>'
        f"<p>{link}</p>"
    )


def _choice(name: str, label: str, options: str, *, every: bool = True) -> str:
    first_option = '<option value="">all</option>' if every else ""
    return f'<label>{label} <select name="{name}">{first_option}{options}</select></label>'


def _options(values: Iterable[str]) -> str:
    return "".join(f"<option>{escape(value)}</option>" for value in values)


def _grouped(name: str, values: Iterable[str]) -> str:
    return f'<optgroup label="{name}">{_options(values)}</optgroup>'
