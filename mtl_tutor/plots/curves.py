"""Lines with bands, each labelled at its end."""

import numpy as np
from matplotlib.axes import Axes

from mtl_tutor.checks import checked
from mtl_tutor.plots._paper import TEXT, check_texts, inks_of, paper
from mtl_tutor.plots.palette import PALETTE, roles_of
from mtl_tutor.results import Curves

_FEW = 8  # points of a logarithmic axis that are named one by one
_GAP = 0.08  # of the axes' height: the least distance between two labels


@checked
def draw_curves(curves: Curves, ax: Axes | None = None) -> Axes:
    """Draw each line in its role's colour and dash, with its band and its name at the right end.

    Parameters
    ----------
    curves : Curves
        What to draw.
    ax : Axes | None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    Axes
        With one line per name, in the order of ``curves.y``.

    Examples
    --------
    >>> axes = draw_curves(Curves(np.arange(3.0), {"task A": np.ones(3)}, xlabel="step", ylabel="loss"))
    >>> [line.get_label() for line in axes.lines]
    ['task A']
    """
    check_texts(xlabel=[curves.xlabel], ylabel=[curves.ylabel], y=curves.y)
    ax = paper(ax)
    ax.set(xlabel=curves.xlabel, ylabel=curves.ylabel, xscale=curves.xscale, yscale=curves.yscale)
    ax.margins(x=0)
    if curves.xscale == "log" and len(curves.x) <= _FEW:
        ax.set_xticks(curves.x, [f"{value:g}" for value in curves.x])
        ax.set_xticks([], minor=True)
    for name, role in roles_of(curves.y, curves.roles).items():
        ink = PALETTE[role]
        ax.plot(curves.x, curves.y[name], color=ink.light, linestyle=(0, ink.dash) if ink.dash else "-", linewidth=2, label=name)
        if name in curves.low and name in curves.high:
            ax.fill_between(curves.x, curves.low[name], curves.high[name], color=ink.light, alpha=0.2, linewidth=0)
    if curves.ylim:
        ax.set_ylim(curves.ylim)
    _label_ends(ax)
    return ax


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
        leader = {"arrowstyle": "-", "color": line.get_color(), "relpos": (0, 0.5), "shrinkA": 0, "shrinkB": 0}
        look = {"color": inks_of(ax)[0], "fontsize": TEXT, "va": "center", "arrowprops": leader}
        ax.annotate(str(line.get_label()), end, (1.04, height), "axes fraction", annotation_clip=False, **look)
