"""Landscapes: shaded heights with marked places, paths and end points."""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from mtl_tutor.checks import checked
from mtl_tutor.plots._paper import TEXT, check_texts, inks_of, paper
from mtl_tutor.plots.palette import PALETTE
from mtl_tutor.results import Map

_ROOM, _MOST = 0.02, 0.25  # of the grid: room around an end point, and how far beyond the edge one may lie
_SHADES = {  # ink on bare paper, which the valleys are
    ink: LinearSegmentedColormap.from_list("shade", [(*to_rgb(ink), 0.0), (*to_rgb(ink), 0.42)]) for ink in ("black", "white")
}
_LEVELS = 12


@checked
def draw_map(landscape: Map, ax: Axes | None = None) -> Axes:
    """Draw heights as shades with contours, paths as thin lines, and end points as dots.

    Parameters
    ----------
    landscape : Map
        What to draw. Path i has the colour of run i.
    ax : Axes | None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    Axes
        With one collection of dots per kind; the legend counts them where there are more dots than
        kinds.

    Examples
    --------
    >>> axes = draw_map(Map(np.arange(3.0), np.arange(2.0), np.zeros((2, 3)), xlabel="u", ylabel="v"))
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('u', 'v')
    """
    check_texts(xlabel=[landscape.xlabel], ylabel=[landscape.ylabel], zlabel=[landscape.zlabel])
    check_texts(marks=landscape.marks, kind_names=landscape.kind_names)
    ax = paper(ax, height=4.4)
    black, white = inks_of(ax)
    low, high = landscape.zlim or (float(np.nanmin(landscape.z)), float(np.nanmax(landscape.z)))
    heights = np.clip(landscape.z, low, high)
    extent = (landscape.x[0], landscape.x[-1], landscape.y[0], landscape.y[-1])
    shades = {"cmap": _SHADES[black], "vmin": low, "vmax": high, "interpolation": "bicubic", "gid": "mtl-shade"}
    ax.imshow(heights, extent=extent, origin="lower", aspect="auto", **shades)
    if high > low:
        ax.contour(landscape.x, landscape.y, heights, np.linspace(low, high, _LEVELS + 2)[1:-1], colors=black, alpha=0.3, linewidths=0.7)
    xlim, ylim = (_with(grid, landscape.points[:, axis]) for axis, grid in enumerate((landscape.x, landscape.y)))
    ax.set(xlabel=landscape.xlabel, ylabel=landscape.ylabel, xlim=xlim, ylim=ylim)
    ax.grid(False)
    if (*xlim, *ylim) != extent:  # bare paper looks like a valley: a frame says where the heights end
        size = extent[1] - extent[0], extent[3] - extent[2]
        ax.add_patch(Rectangle((extent[0], extent[2]), *size, fill=False, edgecolor=black, linewidth=0.8))
    halo = [withStroke(linewidth=3, foreground=white)]
    look = {"color": black, "fontsize": TEXT, "path_effects": halo}
    if landscape.zlabel:
        ax.text(0.98, 0.02, landscape.zlabel, ha="right", va="bottom", transform=ax.transAxes, **look)
    _draw_runs(ax, landscape)
    for name, place in landscape.marks.items():
        ax.annotate(name, place, ha="center", va="center", weight="bold", **look)
    return ax


def _draw_runs(ax: Axes, landscape: Map) -> None:
    black, white = inks_of(ax)
    inks = [PALETTE[role].light for role in landscape.kind_names.values()]
    for path, kind in zip(landscape.paths, landscape.kinds, strict=False):
        ax.plot(path[:, 0], path[:, 1], color=inks[kind], linewidth=0.7, alpha=0.6)
    for kind, (name, ink) in enumerate(zip(landscape.kind_names, inks, strict=True)):
        ends = landscape.points[landscape.kinds == kind]
        count = f": {len(ends)} of {len(landscape.points)}" if len(landscape.points) > len(landscape.kind_names) else ""
        ax.scatter(ends[:, 0], ends[:, 1], s=26, color=ink, edgecolor=white, linewidth=0.6, label=name + count, zorder=3)
    if inks:
        ax.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=1 if sum(map(len, landscape.kind_names)) > 24 else len(inks),
            frameon=False,
            fontsize=TEXT,
            labelcolor=black,
            borderpad=0,
            handletextpad=0,
            columnspacing=1,
        )


def _with(grid: Float[np.ndarray, "point"], ends: Float[np.ndarray, "run"]) -> tuple[float, float]:
    """From end to end of a grid, and a little further where an end point lies at its edge or just beyond: it shall be seen whole."""
    (low, high), span = grid[[0, -1]], grid[-1] - grid[0]
    near = [one for one in ends if low - _MOST * span < one < high + _MOST * span]
    outer = [*(one - _ROOM * span for one in near), *(one + _ROOM * span for one in near)]
    return float(min([low, *outer])), float(max([high, *outer]))
