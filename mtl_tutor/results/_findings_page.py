"""Findings as an HTML table that reads on a phone, in a notebook and in the book, in the light and in the dark."""

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from statistics import median

from mtl_tutor.results._findings_words import agreement, effect, numbers, outcome, per_cent, remarks, runs, short, thresholds
from mtl_tutor.results.claims import Claim
from mtl_tutor.statistics import Interval

Rows = Sequence[tuple[Claim, Sequence[Claim]]]
"""A finding, and the controls and details that belong to it."""

_HEADS = ("Finding", "Verdict", "Effect [95% interval]", "Runs")
_LEGEND = "Dot: effect. Bar: its 95% interval. Line: zero. Dashes: what the rule asks for, where that is not zero."
_MARGIN = 4.0  # per cent of a picture's width that stay free at either side


def page_of(rows: Rows, caption: str, pages: Mapping[str, str]) -> str:
    """Write findings as a table, with each effect as a dot and its interval as a bar, all on one axis."""
    axis = _axis(rows)
    low, high = _ends(rows, axis)
    heads = "".join(f'<th scope="col" role="columnheader">{head}</th>' for head in _HEADS)
    legend = f"{_LEGEND} One axis for all, from {low} to {high}; an arrow marks what lies beyond it."
    about = f"<caption><b>{escape(caption)}</b> <small>{legend}</small></caption>"
    body = "".join(_finding(claim, under, axis, pages.get(claim.id, "")) for claim, under in rows)
    head = f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>'
    return f'<div class="mtl-findings"><style>{style()}</style><table role="table">{about}{head}{body}</table></div>'


def _axis(rows: Rows) -> tuple[float, float]:
    """From the least to the largest of findings and controls, zero with them; of details too, if these have no width.

    An effect that would squeeze all others into a line, such as a number of steps among shares, ends in an arrow instead.
    """
    main = [one for claim, under in rows for one in (claim, *(one for one in under if one.role == "control"))]
    for claims in (main, [one for claim, under in rows for one in (claim, *under)]):
        reach = [(one.measured.low, one.measured.high, *thresholds(one.rule)) for one in claims]
        sizes = [max(map(abs, ends)) for ends in reach]
        most = 30 * median([size for size in sizes if size] or [0.0])
        ends = [0.0, *(end for one, size in zip(reach, sizes, strict=True) if size <= most for end in one)]
        if min(ends) < max(ends):
            return min(ends), max(ends)
    return -1.0, 1.0


def _ends(rows: Rows, axis: tuple[float, float]) -> tuple[str, str]:
    """The axis' ends in words: in per cent if all effects are."""
    if all(one.scale == "saved" for claim, under in rows for one in (claim, *under)):
        return per_cent(axis[0]), per_cent(axis[1])
    return short(axis[0]), short(axis[1])


def _finding(claim: Claim, under: Sequence[Claim], axis: tuple[float, float], page: str) -> str:
    name, *cells = _cells(claim, axis, page)
    row = f'<th scope="row" role="rowheader">{name}</th>' + "".join(f'<td role="cell">{cell}</td>' for cell in cells)
    items = "".join(f"<li>{''.join(f'<div>{cell}</div>' for cell in _cells(one, axis))}</li>" for one in under)
    folded = f'<details><summary>{_summary(under)}</summary><ul role="list">{items}</ul></details>'
    more = f'<tr role="row"><td role="cell" colspan="{len(_HEADS)}">{folded}</td></tr>' if under else ""
    return f'<tbody role="rowgroup"><tr role="row"{" class=mtl-has-more" if under else ""}>{row}</tr>{more}</tbody>'


def _summary(under: Sequence[Claim]) -> str:
    controls = [one.as_expected for one in under if one.role == "control"]
    n_details = len(under) - len(controls)
    parts = [f"Controls: {sum(one is True for one in controls)} of {len(controls)} as expected."] if controls else []
    return " ".join([*parts, *([f"Details: {n_details}."] if n_details else [])])


def in_order(controls: Sequence[Claim], details: Sequence[Claim]) -> list[Claim]:
    """The finding's own controls, then its details, each followed by the controls that go on from its sentence."""
    starts = {one.id: one.claim.rpartition(" ... ")[0] for one in controls}
    own = [one for one in controls if starts[one.id] not in [detail.claim for detail in details]]
    return own + [one for detail in details for one in (detail, *(two for two in controls if starts[two.id] == detail.claim))]


def _cells(claim: Claim, axis: tuple[float, float], page: str = "") -> tuple[str, str, str, str]:
    """Sentence, verdict, effect and runs."""
    before, dots, rest = claim.claim.rpartition(" ... ")
    sentence = f'<span class="mtl-before">{escape(before)} …</span> {escape(rest)}' if dots else escape(claim.claim)
    sentence = f'<a href="{escape(page)}">{sentence}</a>' if page else sentence
    source = "" if claim.role == "control" else f"Source: {escape(claim.source)} · "
    where = f"{sentence}<small>{source}<code>{escape(claim.id)}</code></small>"
    notes = {"rule: ": [], "": []}
    for remark in remarks(claim):
        notes["rule: " if remark.startswith("rule: ") else ""].append(escape(remark))
    verdict = f"<b>{escape(outcome(claim))}</b>{_small(notes[''])}"
    measured = f"{_picture(claim, axis)}<span>{effect(claim)}</span>{_small(notes['rule: '])}"
    return where, verdict, measured, f"<span>{runs(claim)}</span>{_small(agreement(claim))}"


def _small(words: Sequence[str]) -> str:
    return f"<small>{'; '.join(words)}</small>" if words else ""


def _picture(claim: Claim, axis: tuple[float, float]) -> str:
    return dot_and_bar(claim.measured, axis, thresholds(claim.rule), look=claim.role, label=_said(claim))


def dot_and_bar(measured: Interval, axis: tuple[float, float], rule: Sequence[float] = (), *, look: str, label: str) -> str:
    """A dot at the estimate and a bar over the interval, on the table's axis; arrows where they go on beyond it."""
    low, high = axis

    def at(value: float) -> float:
        share = (min(max(value, low), high) / 2 - low / 2) / (high / 2 - low / 2)  # halves, for what would be too wide
        return round(_MARGIN + (100 - 2 * _MARGIN) * share, 2)

    start, end = at(measured.low), at(measured.high)
    marks = [f'<line class="mtl-zero" x1="{at(0)}%" x2="{at(0)}%" y1="0" y2="18"/>']
    marks += [
        f'<line class="mtl-rule" x1="{at(one)}%" x2="{at(one)}%" y1="0" y2="18"/>' for one in rule if one and low <= one <= high
    ]
    marks += [f'<rect x="{start}%" width="{round(end - start, 2)}%" y="4" height="10"/>']
    marks += [f'<line class="mtl-bar" x1="{start}%" x2="{end}%" y1="9" y2="9"/>']
    marks += [f'<circle cx="{at(measured.estimate)}%" cy="9" r="4"/>'] if low <= measured.estimate <= high else []
    marks += [_arrow("M-7 4v10l7 -5z", 100)] if measured.high > high else []
    marks += [_arrow("M7 4v10l-7 -5z", 0)] if measured.low < low else []
    return f'<svg class="mtl-{look}" role="img" aria-label="{escape(label)}" width="100%" height="18">{"".join(marks)}</svg>'


def _arrow(path: str, place: int) -> str:
    return f'<svg x="{place}%" overflow="visible"><path d="{path}"/></svg>'


def _said(claim: Claim) -> str:
    """The picture in words."""
    low, high = claim.measured.low, claim.measured.high
    where = "above zero" if low > 0 else "below zero" if high < 0 else "around zero"
    tell = per_cent if claim.scale == "saved" else short
    inside = [tell(one) for one in thresholds(claim.rule) if one and low <= one <= high]
    holds = f", with the rule's {' and '.join(inside)} inside" if inside else ""
    dot, start, end = numbers(claim)
    return f"Dot at {dot}, bar from {start} to {end}, {where}{holds}."


@cache
def style() -> str:
    """The style of tables with dots and bars."""
    return Path(__file__).with_name("findings.css").read_text(encoding="utf-8")
