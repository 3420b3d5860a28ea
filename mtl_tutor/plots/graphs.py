"""Graphs and nested boxes."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from mtl_tutor.checks import checked, shown
from mtl_tutor.plots._paper import TEXT, check_texts, inks_of, paper
from mtl_tutor.plots.palette import PALETTE
from mtl_tutor.results import Graph

_MOST, _DEEPEST = 100, 10
_LINE = 0.62  # inches that a line of text takes, with its box


@checked
def draw_graph(graph: Graph, ax: Axes | None = None) -> Axes:
    """Draw nodes as words in columns, with lines between columns and dotted ones within a column.

    Parameters
    ----------
    graph : Graph
        What to draw.
    ax : Axes | None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    Axes
        With one text per node and one annotation per line.

    Examples
    --------
    >>> edges = {("x", "a"): "4 labels", ("x", "b"): "", ("a", "b"): "2 with both"}
    >>> axes = draw_graph(Graph((("x",), ("a", "b")), edges))
    >>> sorted(text.get_text() for text in axes.texts if text.get_text())
    ['2 with both', '4 labels', 'a', 'b', 'x']
    """
    check_texts(columns=chain(*graph.columns), edges=graph.edges.values())
    tallest = max(map(len, graph.columns))
    ax = paper(ax, height=1.1 * max(2, tallest) + 0.4)
    ax.set_axis_off()
    places, column_of, (black, white) = {}, {}, inks_of(ax)
    box = {"facecolor": white, "edgecolor": "none", "pad": 1.5}
    inks = {node: PALETTE[graph.roles[node]].light if node in graph.roles else black for column in graph.columns for node in column}
    for x, column in enumerate(graph.columns):
        for k, node in enumerate(column):
            places[node], column_of[node] = (float(x), (len(column) - 1) / 2 - k), x
    for (source, target), said in graph.edges.items():
        same = column_of[source] == column_of[target]
        (x0, y0), (x1, y1) = places[source], places[target]
        ink = black if same else inks[target]
        line = {"arrowstyle": "-", "linestyle": ":" if same else "-", "color": ink, "linewidth": 1.4}
        ax.annotate("", (x1, y1), (x0, y0), arrowprops=line)
        ax.text((x0 + x1) / 2, (y0 + y1) / 2, said, ha="center", va="center", fontsize=TEXT - 1, color=ink, bbox=box)
    for node, (x, y) in places.items():
        words = node.replace(": ", "\n").replace(" features", "\nfeatures")
        ax.text(x, y, words, ha="center", va="center", fontsize=TEXT, weight="bold", color=inks[node], bbox=box)
    ax.set(xlim=(-0.35, len(graph.columns) - 0.65), ylim=(-tallest / 2, tallest / 2))
    return ax


@checked
def draw_nesting(boxes: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw a hierarchy as boxes within boxes.

    Parameters
    ----------
    boxes : Mapping[str, Any]
        Name -> the boxes within it, of the same form; an empty mapping has none.
    ax : Axes | None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    Axes
        With one frame and one name per box, in the order given, from top to bottom.

    Raises
    ------
    TypeError, ValueError
        No box, more than 100, or a box that isn't a mapping.

    Examples
    --------
    >>> axes = draw_nesting({"animals": {"cats": {}, "dogs": {}}, "plants": {}})
    >>> [text.get_text() for text in axes.texts]
    ['animals', 'cats', 'dogs', 'plants']
    """
    if not 1 <= (count := _count("boxes", boxes)) <= _MOST:
        raise ValueError(f"`boxes` must name at least one box and at most {_MOST}; got {count or 'none'}.")
    check_texts(boxes=_names(boxes))
    height = sum(map(_height, boxes.values()))
    ax = paper(ax, height=_LINE * height * 0.62)
    ax.set_axis_off()
    ax.set(xlim=(0, 10), ylim=(height, 0))
    _nest(ax, boxes, 0.1, 9.9, 0.0)
    return ax


def _count(name: str, within: Mapping[str, Any], depth: int = 0) -> int:
    if not isinstance(within, Mapping) or depth > _DEEPEST:
        rule = f"a dict of boxes, {{}} for none, at most {_DEEPEST} within each other"
        raise TypeError(f"`{name}` must be {rule}; got {shown(within)}.")
    return sum(1 + _count(f"{name}[{key!r}]", inner, depth + 1) for key, inner in within.items())


def _names(within: Mapping[str, Any]) -> Iterator[str]:
    """All boxes' names, those within others too."""
    for name, inner in within.items():
        yield name
        yield from _names(inner)


def _height(within: Mapping[str, Any]) -> float:
    return 1.15 + (sum(map(_height, within.values())) + 0.2 if within else 0)


def _nest(ax: Axes, boxes: Mapping[str, Any], left: float, right: float, top: float) -> None:
    ink, _ = inks_of(ax)
    look: dict[str, Any] = {"boxstyle": "round,pad=0,rounding_size=0.12", "facecolor": "none", "edgecolor": ink}
    for name, within in boxes.items():
        height = _height(within)
        ax.add_patch(FancyBboxPatch((left, top + 0.08), right - left, height - 0.16, **look))
        ax.text(left + 0.2, top + 0.57, name, va="center", fontsize=TEXT, weight="bold" if within else "normal", color=ink)
        _nest(ax, within, left + 0.3, right - 0.15, top + 1.05)
        top += height
