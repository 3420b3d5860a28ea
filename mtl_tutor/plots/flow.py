"""Drawings of nets by their parts: what is shared, what is one task's own, and what goes where."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import BoxStyle, FancyBboxPatch, Polygon

from mtl_tutor.checks import checked
from mtl_tutor.plots._chains import Chains, Kind, Link, Part, find, read_chains
from mtl_tutor.plots._paper import TEXT, check_texts, inks_of, paper
from mtl_tutor.plots._places import LINE, Box, crossed, ends, places, width_of
from mtl_tutor.plots.palette import PALETTE
from mtl_tutor.results import Role

_FADED, _FILL, _EDGE, _TWINS = 0.3, 0.16, 4.0, 12.0


@checked
def draw_flow(rows: str, kinds: Mapping[str, str] | None = None, also: Sequence[str] = (), lit: Sequence[str] | None = None) -> Axes:
    """Draw the parts of a net as boxes, and what goes from one to the other as arrows.

    The text that is drawn looks like the drawing: a line is a row, and what stands between two
    parts joins them. Sizes follow from the words, so that no text touches another and all of it
    can be read on a phone.

    Parameters
    ----------
    rows : str
        A line for each row, such as ``"inputs -> trunk -> head"``.

        - ``a -> b`` is data: b reads a; ``a -F-> b`` labels the arrow.
        - ``a => b`` is weights that are copied; ``a ~ b`` a penalty that pulls a and b together.
          Both take labels too: ``a =start=> b``, ``a ~pull~ b``.
        - ``a | b`` puts b beside a without an arrow, and ``.`` is an empty place.
        - A line that ends in a colon is a title above the rows that follow.
        - One name in two rows, one below the other, is one part, as tall as both. After an empty
          line or a title it is a new part.
        - `` / `` in a name begins a new line.
    kinds : Mapping[str, str] | None
        Name of a part (its first line is enough) -> words for what it is: a colour, ``main``,
        ``other``, ``third`` or ``fourth`` for what that task's loss alone trains, ``shared`` for
        what several train, ``control`` for noise and the like; a shape, ``layers`` (the usual
        one, for adapters too), ``data``, ``gate`` (for stitches too) or ``words``; and ``frozen``
        for what no loss trains. ``"main gate"`` is a gate of the main task.
    also : Sequence[str]
        More arrows between these parts, such as ``"trunk A ~ trunk B"``.
    lit : Sequence[str] | None
        The parts that this picture is about; the others fade. None fades nothing. With a list for
        each step, :func:`mtl_tutor.widgets.explore` shows the steps in turn.

    Returns
    -------
    Axes
        One box with its name for each part, and one line for each arrow.

    Raises
    ------
    TypeError, ValueError
        No part; an arrow without a part at both ends, or one that would run through a third part;
        a part or a kind that doesn't exist; or a drawing too wide for a phone.

    Examples
    --------
    A feature F that two tasks read:

    >>> axes = draw_flow('''
    ...     inputs -> shared layers -F-> head of A
    ...     inputs -> shared layers -F-> head of B
    ... ''', {"shared layers": "shared", "head of A": "other", "head of B": "main"})
    >>> [text.get_text() for text in axes.texts]
    ['inputs', 'shared layers', 'head of A', 'head of B', 'F', 'F']

    Two nets whose trunks a penalty ties:

    >>> axes = draw_flow('''
    ...     inputs -> trunk A -> head A
    ...     inputs -> trunk B -> head B
    ... ''', {"trunk A": "main", "trunk B": "other"}, also=["trunk A ~penalty~ trunk B"])

    A gate for each of two tasks, which weighs what two experts say:

    >>> axes = draw_flow('''
    ...     inputs -> gate A   -> mixture A
    ...     inputs -> expert 1 -> mixture A
    ...     inputs -> expert 2 -> mixture B
    ...     inputs -> gate B   -> mixture B
    ... ''', {"gate A": "main gate", "gate B": "other gate", "expert 1": "shared", "expert 2": "shared"},
    ...     also=["expert 1 -> mixture B", "expert 2 -> mixture A"])

    A trunk that is trained first, then frozen, in two steps for :func:`~mtl_tutor.widgets.explore`:

    >>> rows = "inputs -> trunk -> task A\\ninputs -> frozen trunk -> task B"
    >>> kinds = {"trunk": "other", "frozen trunk": "frozen other", "task A": "other", "task B": "main"}
    >>> now = {"first": ["inputs", "trunk", "task A"], "then": ["inputs", "frozen trunk", "task B"]}
    >>> def at(step): return draw_flow(rows, kinds, also=["trunk =copy=> frozen trunk"], lit=now[step])
    >>> axes = at("first")
    """
    check_texts(rows=rows.split("\n"), also=also)
    chains = read_chains(rows, kinds or {}, also)
    boxes = places(chains)
    shown = {find("lit", name, chains.parts) for name in lit} if lit is not None else set(range(len(boxes)))
    ax = _sheet(boxes, chains)
    for number, (part, box) in enumerate(zip(chains.parts, boxes, strict=True)):
        _draw_part(ax, part, box, 1.0 if number in shown else _FADED)
    for link in chains.links:
        _draw_link(ax, link, chains, boxes, 1.0 if {link.source, link.target} <= shown else _FADED)
    return ax


def _aside(link: Link, links: Sequence[Link]) -> float:
    """How far a link moves aside for others between the same two parts."""
    twins = [other for other in links if {other.source, other.target} == {link.source, link.target}]
    return _TWINS * ((len(twins) - 1) / 2 - twins.index(link))


def _sheet(boxes: Sequence[Box], chains: Chains) -> Axes:
    """New axes whose unit is a point, as large as the drawing, with its titles."""
    widest = max([box.right for box in boxes] + [width_of(title, bold=True) for title in chains.titles.values()])
    width, height = widest + 2 * _EDGE, 2 * _EDGE - min(box.low for box in boxes)
    ax = paper(plt.figure(figsize=(width / 72, height / 72)).add_axes((0, 0, 1, 1)))
    ax.set_axis_off()
    ax.set(xlim=(-_EDGE, width - _EDGE), ylim=(_EDGE - height, _EDGE))
    ink, _ = inks_of(ax)
    for row, title in chains.titles.items():
        below = max(box.high for part, box in zip(chains.parts, boxes, strict=True) if part.first > row)
        ax.text(0, below + LINE / 2 + _EDGE, title, va="center", fontsize=TEXT, weight="bold", color=ink)
    return ax


def _draw_part(ax: Axes, part: Part, box: Box, alpha: float) -> None:
    """Draw a box, tinted unless it holds data or is frozen, with its name in ink."""
    ink, _ = inks_of(ax)
    kind, width, height = part.kind, box.right - box.left, box.high - box.low
    colour = PALETTE[kind.role].light if kind.role else ink
    rounding = {"layers": 5.0, "data": 0.0}.get(kind.form, min(width, height) / 2)
    style = BoxStyle("round", pad=0, rounding_size=rounding) if rounding else BoxStyle("square", pad=0)
    look: dict[str, Any] = {"xy": (box.left, box.low), "width": width, "height": height, "boxstyle": style}
    if kind.role and kind.form in ("layers", "gate") and not kind.is_frozen:
        ax.add_patch(FancyBboxPatch(**look, facecolor=colour, edgecolor="none", alpha=_FILL * alpha))
    if kind.form != "words":
        dashes = (0, (3, 2)) if kind.is_frozen else (0, (1, 1.5)) if kind.role == "control" else "-"
        ax.add_patch(
            FancyBboxPatch(**look, facecolor="none", edgecolor=colour, linewidth=1.4, linestyle=dashes, alpha=alpha, label=part.key)
        )
    (x, y), lines = box.middle, box.text.split("\n")
    for k, line in enumerate(lines):  # one text each, since a page's font is centred line by line only so
        ax.text(x, y + LINE * ((len(lines) - 1) / 2 - k), line, ha="center", va="center", fontsize=TEXT, color=ink, alpha=alpha)


def _draw_link(ax: Axes, link: Link, chains: Chains, boxes: Sequence[Box], alpha: float) -> None:
    start, end = (np.array(place) for place in ends(boxes[link.source], boxes[link.target]))
    aside = _aside(link, chains.links)
    start, end = (place + ((0, aside) if start[0] != end[0] else (aside, 0)) for place in (start, end))
    _check_free(link, chains.parts, boxes, start, end)
    ink, _ = inks_of(ax)
    look: dict[str, Any] = {"color": ink, "linewidth": 1.4, "alpha": alpha, "label": f"{link.source} {link.form} {link.target}"}
    if link.form == "~":
        ax.plot(*_spring(start, end).T, solid_joinstyle="round", **look)
    else:
        role = _role(chains.parts[link.source].kind, chains.parts[link.target].kind)
        look |= {"color": PALETTE[role].light} if role else {}
        dashes = (0, (3.5, 1.8)) if link.form == "=" else (0, (1, 1.5)) if role == "control" else "-"
        forth = (end - start) / np.hypot(*(end - start))
        tip, across = end - 1.5 * forth, 3.6 * np.array([-forth[1], forth[0]])
        ax.plot(*zip(start + 1.5 * forth, tip - 7.9 * forth, strict=True), linestyle=dashes, solid_capstyle="butt", **look)
        ax.add_patch(Polygon([tip, tip - 8 * forth + across, tip - 8 * forth - across], color=look["color"], linewidth=0, alpha=alpha))
    if link.label:
        _draw_label(ax, link, start, end, -1 if aside < 0 else 1, alpha)


def _check_free(link: Link, parts: Sequence[Part], boxes: Sequence[Box], start: np.ndarray, end: np.ndarray) -> None:
    for number, (part, box) in enumerate(zip(parts, boxes, strict=True)):
        if number not in (link.source, link.target) and crossed(start, end, box):
            names = f"{parts[link.source].key!r} to {parts[link.target].key!r}"
            raise ValueError(f"`rows` must leave room for the arrow from {names}; {part.key!r} is in its way. Move one to another row.")


def _role(source: Kind, target: Kind) -> Role | None:
    """The colour of an arrow: that of the noise it brings, else of the task that it belongs to."""
    if source.role == "control":
        return "control"
    return next((kind.role for kind in (target, source) if kind.role not in ("single_task", "control")), None)


def _draw_label(ax: Axes, link: Link, start: np.ndarray, end: np.ndarray, side: int, alpha: float) -> None:
    """Write above a level arrow, right of an upright one (on the other side: -1), and on a slanting one, nearer to its end."""
    ink, white = inks_of(ax)
    look: dict[str, Any] = {"fontsize": TEXT, "color": ink, "alpha": alpha}
    (x, y), (dx, dy) = (start + end) / 2, end - start
    aside = side * (7 if link.form == "~" else 3)
    if not dy:
        ax.text(x - 1.5 * np.sign(dx), y + aside, link.label, ha="center", va="bottom" if side > 0 else "top", **look)
    elif not dx:
        ax.text(x + aside + 3 * side, y, link.label, ha="left" if side > 0 else "right", va="center", **look)
    else:
        x, y = start + 0.6 * (end - start)
        ax.text(x, y, link.label, ha="center", va="center", bbox={"facecolor": white, "edgecolor": "none", "pad": 1.5}, **look)


def _spring(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A zigzag with straight ends."""
    along = np.concatenate([[0, 0.18], np.linspace(0.24, 0.76, 7), [0.82, 1]])
    side = np.array([0, 0, *[4 * (-1) ** k for k in range(7)], 0, 0])
    normal = np.array([a[1] - b[1], b[0] - a[0]]) / np.hypot(*(b - a))
    return a + along[:, None] * (b - a) + side[:, None] * normal
