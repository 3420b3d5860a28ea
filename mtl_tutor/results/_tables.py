"""Tables of contestants, as text that folds and as HTML that reads on a phone."""

import html
from collections.abc import Mapping, Sequence

from mtl_tutor.results._contestant import Contestant
from mtl_tutor.statistics import Interval

_WIDEST = 120  # characters of a line; columns that do not fit go below, with the names repeated
_MAIN, _ZERO = "#0072B2", "#767676"
_LINE = "border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent)"
_STYLE = f"padding:0.35rem 0.9rem 0.35rem 0;text-align:left;vertical-align:top;{_LINE}"
Columns = Mapping[str, Sequence[str]]
"""Head -> one cell per contestant; the first column holds the names."""


def columns_of(tasks: Sequence[str], rows: Sequence[Contestant]) -> Columns:
    """Make columns: the gain first, then what was chosen and what it costs, then every task's error."""
    about = {
        "": [row.name for row in rows],
        "gain (95% interval)": [_gain(row.gain) if row.error else "diverged" for row in rows],
        "worst task": [_worst(row) for row in rows],
        "setting": [", ".join(f"{value:g}" for value in dict.fromkeys(row.settings)) or "–" for row in rows],
        "width": [", ".join(map(str, row.n_hidden)) or "–" for row in rows],
        "parameters": [f"{row.parameters:,}" for row in rows],
        "mult.-adds": [f"{row.multiply_adds:,}" for row in rows],
    }
    return about | {f"error: {task}": [_error(row.error[i] if row.error else None) for row in rows] for i, task in enumerate(tasks)}


def text_of(columns: Columns) -> str:
    """Write columns side by side, and below one another where a line would be too long."""
    (name, names), *others = columns.items()
    blocks: list[list[tuple[str, Sequence[str]]]] = [[]]
    for column in others:
        if blocks[-1] and sum(_width(*one) + 2 for one in [*blocks[-1], column]) + _width(name, names) > _WIDEST:
            blocks.append([])
        blocks[-1].append(column)
    return "\n\n".join(_block([(name, names), *block]) for block in blocks)


def page_of(columns: Columns, gains: Sequence[Interval | None], notes: Sequence[str]) -> str:
    """Write columns as an HTML table, with each gain as a dot and its interval as a bar."""
    shown = [gain for gain in gains if gain]
    low, high = min([0.0, *(max(gain.low, -1.0) for gain in shown)]), max([0.0, *(gain.high for gain in shown)])
    heads = "".join(f'<th scope="col" style="{_STYLE}">{html.escape(head)}</th>' for head in columns)
    lines = []
    for cells, gain in zip(zip(*columns.values(), strict=True), gains, strict=True):
        name, first, *rest = (html.escape(cell) for cell in cells)
        bar = _bar(gain, low, high) if gain else ""
        plain = "".join(f'<td style="{_STYLE}">{cell}</td>' for cell in rest)
        about = f'<th scope="row" style="{_STYLE}">{name}</th><td style="{_STYLE};white-space:nowrap">{bar} {first}</td>'
        lines.append(f"<tr>{about}{plain}</tr>")
    words = "".join(f"<p style=\"margin:0.3rem 0\">{html.escape(note)}</p>" for note in notes)
    table = f'<table style="border-collapse:collapse;font-variant-numeric:tabular-nums"><thead><tr>{heads}</tr></thead>'
    return f'<div class="mtl-comparison" style="overflow-x:auto">{table}<tbody>{"".join(lines)}</tbody></table>{words}</div>'


def _bar(gain: Interval, low: float, high: float) -> str:
    """A gain on the scale of all gains; what lies below -1 is drawn at the edge."""
    span = (high - low) or 1.0
    start, dot, end, zero = (5 + 90 * (min(max(value, low), high) - low) / span for value in (gain.low, gain.estimate, gain.high, 0.0))
    return (
        '<svg width="100" height="14" viewBox="0 0 100 14" aria-hidden="true" style="vertical-align:middle">'
        f'<line x1="{zero:.1f}" x2="{zero:.1f}" y1="0" y2="14" stroke="{_ZERO}" stroke-dasharray="2 2"/>'
        f'<line x1="{start:.1f}" x2="{end:.1f}" y1="7" y2="7" stroke="{_MAIN}" stroke-width="6" stroke-opacity="0.3"/>'
        f'<circle cx="{dot:.1f}" cy="7" r="3.5" fill="{_MAIN}"/></svg>'
    )


def _width(head: str, cells: Sequence[str]) -> int:
    return max(len(head), *map(len, cells))


def _block(columns: Sequence[tuple[str, Sequence[str]]]) -> str:
    padded = [[f"{cell:{_width(head, cells)}}" for cell in (head, *cells)] for head, cells in columns]
    return "\n".join("  ".join(line).rstrip() for line in zip(*padded, strict=True))


def _gain(gain: Interval | None) -> str:
    return f"{gain.estimate:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]" if gain else "–"


def _worst(row: Contestant) -> str:
    gains = [gain.estimate for gain in row.gains or () if gain]
    return f"{row.worst} {min(gains):+.3f}" if gains else "–"


def _error(error: Interval | None) -> str:
    return f"{_short(error.estimate)} [{_short(error.low)}, {_short(error.high)}]" if error else "diverged"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
