"""Places for parts and links, in points, such that no two texts touch."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from textwrap import wrap

import numpy as np
from matplotlib.cbook import is_math_text
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from mtl_tutor.plots._chains import BREAK, Chains, Link, Part
from mtl_tutor.plots._paper import TEXT

WIDEST = 360.0  # points: with its margins, text of 12 points is then still 11 px on a phone
LINE = 1.25 * TEXT
_ASIDE, _ABOVE = 5.0, 7.0  # room around a name within its box
_CLOSE, _GROUP = 9.0, 24.0
_ARROW, _SLANT, _SPRING = 21.0, 46.0, 38.0
_WRAPS = (30, 24, 20, 17, 14, 12, 10, 8, 6, 1)
Place = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """The edges of a part, and its lines of text."""

    left: float
    right: float
    low: float
    high: float
    text: str

    @property
    def middle(self) -> Place:
        """Its centre."""
        return (self.left + self.right) / 2, (self.low + self.high) / 2


@cache
def width_of(text: str, *, bold: bool = False) -> float:
    """Width of the widest line, in points."""
    font = FontProperties(family="DejaVu Sans", size=TEXT, weight="bold" if bold else "normal")
    lines = text.split("\n")
    return max(text_to_path.get_text_width_height_descent(line, font, bool(is_math_text(line)))[0] for line in lines)


def places(chains: Chains) -> list[Box]:
    """Lay parts out, with lines as long as the width of a phone allows.

    Raises
    ------
    ValueError
        Too wide, whichever way its names are broken.
    """
    tries = [0] * (max(part.column for part in chains.parts) + 1)  # for each column, which of the widths
    while True:
        boxes = _laid_out(chains, [_wrapped(part.name, _WRAPS[tries[part.column]]) for part in chains.parts])
        needed = max([box.right for box in boxes] + [width_of(title, bold=True) for title in chains.titles.values()])
        if needed <= WIDEST:
            return boxes
        widths = {part.column: box.right - box.left for part, box in zip(chains.parts, boxes, strict=True)}
        left = [column for column in widths if tries[column] < len(_WRAPS) - 1]
        if not left:
            rule = f"fit into {WIDEST:.0f} points, to be read on a phone"
            raise ValueError(f"`rows` must {rule}; needs {needed:.0f}. Shorten names or titles, or use fewer columns.")
        tries[max(left, key=lambda column: widths[column])] += 1


def ends(source: Box, target: Box) -> tuple[Place, Place]:
    """Where a link begins and ends: level or upright where two parts face each other, else from side to side."""
    (low, high), (left, right) = _common(source, target)
    forth, up = source.left <= target.left, source.low <= target.low
    start, end = (source.right, target.left) if forth else (source.left, target.right)
    if high > low:
        return (start, (low + high) / 2), (end, (low + high) / 2)
    if right > left:
        x = (left + right) / 2
        return ((x, source.high), (x, target.low)) if up else ((x, source.low), (x, target.high))
    leave = 0.25 * (source.high - source.low) * (1 if up else -1)  # beside what leaves level
    return (start, source.middle[1] + leave), (end, target.middle[1])


def _common(one: Box, other: Box) -> tuple[Place, Place]:
    return (max(one.low, other.low), min(one.high, other.high)), (max(one.left, other.left), min(one.right, other.right))


def _wrapped(name: str, width: int) -> str:
    lines = [[line] if "$" in line else wrap(line, width, break_long_words=False, break_on_hyphens=False) for line in name.split(BREAK)]
    return "\n".join(line for several in lines for line in several)


def _laid_out(chains: Chains, texts: Sequence[str]) -> list[Box]:
    parts = chains.parts
    columns, heights = _sizes(chains, texts)
    beside, below = _gaps(chains, len(columns))
    left = np.concatenate([[0], np.cumsum(columns[:-1] + beside)])
    top = -np.concatenate([[0], np.cumsum(heights[:-1] + below)])
    return [
        Box(left[p.column], left[p.column] + columns[p.column], top[p.last] - heights[p.last], top[p.first], text)
        for p, text in zip(parts, texts, strict=True)
    ]


def _sizes(chains: Chains, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Widths of the columns and heights of the rows."""
    parts = chains.parts
    columns = np.zeros(max(part.column for part in parts) + 1)
    heights = np.full(chains.n_rows, LINE + 2 * _ABOVE)
    heights[list(chains.titles)] = LINE
    for part, text in zip(parts, texts, strict=True):
        columns[part.column] = max(columns[part.column], width_of(text) + 2 * _ASIDE)
        more, rows = part.last - part.first, slice(part.first, part.last + 1)
        needed = LINE * (text.count("\n") + 1) + 2 * _ABOVE
        heights[rows] = np.maximum(heights[rows], (needed - _CLOSE * more) / (more + 1))
    for link in chains.links:
        if link.label and _is_upright(link, parts):
            column = parts[link.source].column
            columns[column] = max(columns[column], 2 * width_of(link.label) + 2 * _ASIDE)
    return columns, heights


def _is_upright(link: Link, parts: Sequence[Part]) -> bool:
    return parts[link.source].column == parts[link.target].column


def _gaps(chains: Chains, n_columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Room between columns and between rows, for arrows and their labels."""
    beside, below = np.full(n_columns - 1, _CLOSE), np.full(chains.n_rows - 1, _CLOSE)
    below[[row - 1 for row in chains.gaps if row < chains.n_rows]] = _GROUP
    for link in chains.links:
        ends = (chains.parts[link.source], chains.parts[link.target])
        if _is_upright(link, chains.parts):
            one, other = sorted(ends, key=lambda part: part.first)
            between, gaps = slice(one.last, other.first), below
            room = (_SPRING if link.form == "~" else _ARROW) + LINE * bool(link.label) * 0.75
        else:
            one, other = sorted(ends, key=lambda part: part.column)
            between, gaps = slice(one.column, other.column), beside
            room = max(_room(link, *ends), width_of(link.label) + 20 if link.label else 0)
        gaps[between] = np.maximum(gaps[between], room)
    return beside, below


def _room(link: Link, source: Part, target: Part) -> float:
    is_level = source.first <= target.last and target.first <= source.last
    return _SPRING if link.form == "~" else _ARROW if is_level else _SLANT


def crossed(start: np.ndarray, end: np.ndarray, box: Box) -> bool:
    """Whether a straight line runs through a part."""
    line = np.linspace(start, end, 101)[1:-1]
    return bool(np.any((line[:, 0] > box.left) & (line[:, 0] < box.right) & (line[:, 1] > box.low) & (line[:, 1] < box.high)))
