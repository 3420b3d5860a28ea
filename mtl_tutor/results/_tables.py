"""Tables of contestants, as text that folds and as HTML that reads on a phone."""

import html
from collections.abc import Mapping, Sequence

from mtl_tutor.results._contestant import Contestant
from mtl_tutor.results._findings_page import dot_and_bar, style
from mtl_tutor.statistics import Interval

_WIDEST = 120  # characters of a line; columns that do not fit go below, with the names repeated
_GAIN = "gain (95% interval)"
_HEADS = ("Contestant", "Worst task", "Gain [95% interval]", "Parameters")
_ON_TOP = ("", _GAIN, "worst task", "parameters")  # the others are folded
_LEGEND = "Dot: gain; + is good. Bar: its 95% interval. Line: zero. An arrow marks what lies beyond the axis."
Columns = Mapping[str, Sequence[str]]
"""Head -> one cell per contestant; the first column holds the names."""


def columns_of(tasks: Sequence[str], rows: Sequence[Contestant]) -> Columns:
    """Make columns: the gain first, then what was chosen and what it costs, then every task's error."""
    about = {
        "": [row.name for row in rows],
        _GAIN: [_gain(row.gain) if row.error else "diverged" for row in rows],
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
    """Write contestants as an HTML table, each gain as a dot with its interval as a bar; the rest is folded beneath."""
    names, told, worst, *_ = columns.values()
    shown = [gain for gain in gains if gain]
    axis = min([0.0, *(max(gain.low, -1.0) for gain in shown)]), max([0.01, *(gain.high for gain in shown)])
    heads = "".join(f'<th scope="col" role="columnheader">{head}</th>' for head in _HEADS)
    caption = f"<caption><b>Share of the single-task nets' error that is saved, mean of the tasks</b> <small>{_LEGEND}</small></caption>"
    lines = []
    for i, gain in enumerate(gains):
        cells = [f'<th scope="row" role="rowheader">{html.escape(names[i])}</th>']
        picture = dot_and_bar(gain, axis, look="finding", label=f"Dot and bar: {told[i]}.") if gain else ""
        about = worst[i], f"{picture}<span>{told[i]}</span>", columns["parameters"][i]
        cells += [f'<td role="cell">{cell}</td>' for cell in (html.escape(about[0]), *about[1:])]
        rest = [f"{head}: {cells_of[i]}" for head, cells_of in columns.items() if head not in _ON_TOP]
        folded = "".join(f"<p>{html.escape(one)}</p>" for one in rest)
        more = f'<tr role="row"><td role="cell" colspan="4"><details><summary>Errors and settings</summary>{folded}</details></td></tr>'
        lines.append(f'<tbody role="rowgroup"><tr role="row" class="mtl-has-more">{"".join(cells)}</tr>{more}</tbody>')
    words = "".join(f"<p>{html.escape(note)}</p>" for note in notes)
    table = f'<table role="table">{caption}<thead role="rowgroup"><tr role="row">{heads}</tr></thead>{"".join(lines)}</table>'
    return f'<div class="mtl-findings mtl-comparison"><style>{style()}</style>{table}{words}</div>'


def _width(head: str, cells: Sequence[str]) -> int:
    return max(len(head), *map(len, cells))


def _block(columns: Sequence[tuple[str, Sequence[str]]]) -> str:
    padded = [[f"{cell:{_width(head, cells)}}" for cell in (head, *cells)] for head, cells in columns]
    return "\n".join("  ".join(line).rstrip() for line in zip(*padded, strict=True))


def _gain(gain: Interval | None) -> str:
    return f"{100 * gain.estimate:+.1f}% [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]" if gain else "–"


def _worst(row: Contestant) -> str:
    gains = [gain.estimate for gain in row.gains or () if gain]
    return f"{row.worst} {100 * min(gains):+.1f}%" if gains else "–"


def _error(error: Interval | None) -> str:
    return f"{_short(error.estimate)} [{_short(error.low)}, {_short(error.high)}]" if error else "diverged"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
