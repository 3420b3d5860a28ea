"""Lines with bands, each labelled at its end."""

from collections.abc import Collection

import numpy as np
from matplotlib.axes import Axes

from mtl_tutor.checks import check_named, checked
from mtl_tutor.plots._paper import TEXT, check_texts, inks_of, paper
from mtl_tutor.plots.palette import PALETTE, roles_of
from mtl_tutor.results import Curves

_FEW = 8  # points of a logarithmic axis that are named one by one
_GAP = 0.08  # of the axes' height: the least distance between two labels


@checked
def draw_curves(curves: Curves, ax: Axes | None = None, *, dots: Collection[str] = ()) -> Axes:
    """Draw each line in its role's colour and dash, with its band and its name at the right end.

    Parameters
    ----------
    curves : Curves
        What to draw.
    ax : Axes | None
        Axes to draw on; None makes a new figure.
    dots : Collection[str]
        Names whose points are not joined by a line: samples, or nets on their way down.

    Returns
    -------
    Axes
        With one line per name, in the order of ``curves.y``.

    Raises
    ------
    ValueError
        A name in `dots` that `curves` doesn't have.

    Examples
    --------
    >>> axes = draw_curves(Curves(np.arange(3.0), {"task A": np.ones(3)}, xlabel="step", ylabel="loss"))
    >>> [line.get_label() for line in axes.lines]
    ['task A']
    """
    check_texts(xlabel=[curves.xlabel], ylabel=[curves.ylabel], y=curves.y)
    check_dots(dots, curves)
    ax = paper(ax)
    ax.set(xlabel=curves.xlabel, ylabel=curves.ylabel, xscale=curves.xscale, yscale=curves.yscale)
    ax.margins(x=0)
    if curves.xscale == "log" and len(curves.x) <= _FEW:
        ax.set_xticks(curves.x, [f"{value:g}" for value in curves.x])
        ax.set_xticks([], minor=True)
    for name, role in roles_of(curves.y, curves.roles).items():
        ink = PALETTE[role]
        marker, dash = ("o", "none") if name in dots else ("None", (0, ink.dash) if ink.dash else "-")
        ax.plot(curves.x, curves.y[name], color=ink.light, linestyle=dash, linewidth=2, marker=marker, markersize=5, label=name)
        if name in curves.low and name in curves.high:
            ax.fill_between(curves.x, curves.low[name], curves.high[name], color=ink.light, alpha=0.2, linewidth=0)
    if curves.ylim:
        ax.set_ylim(curves.ylim)
    _label_ends(ax)
    return ax


def check_dots(dots: Collection[str], curves: Curves) -> None:
    """Require names of lines.

    Raises
    ------
    ValueError
        A name that no line has.
    """
    for name in dots:
        check_named("dots", name, curves.y)


def _label_ends(ax: Axes) -> None:
    ax.autoscale_view()  # else the limits are those before the lines
    to_axes = ax.transScale + ax.transLimits
    ends = []
    for line in ax.lines:
        points = np.asarray(line.get_xydata(), dtype=float)
        known = points[np.isfinite(points).all(axis=1)]
        if len(known):
            ends.append((tuple(np.clip(to_axes.transform(known[-1]), 0, 1)), line))
    ends.sort(key=lambda end: end[0][1])
    steps = _GAP * np.arange(len(ends))
    apart = np.minimum(np.maximum.accumulate([end[1] for end, _ in ends] - steps) + steps, 1 - steps[::-1])
    for (end, line), height in zip(ends, apart, strict=True):
        name, place = str(line.get_label()), (1.04, height)
        leader = {"arrowstyle": "-", "color": line.get_color(), "relpos": (0, 0.5), "shrinkA": 0, "shrinkB": 0}
        look = {"color": inks_of(ax)[0], "fontsize": TEXT, "va": "center"}
        if line.get_linestyle() == "None":  # of many dots the last one is nobody's end
            ax.annotate(f"● {name}", place, xycoords="axes fraction", annotation_clip=False, **look | {"color": line.get_color()})
        else:
            ax.annotate(name, end, place, "axes fraction", annotation_clip=False, arrowprops=leader, **look)
