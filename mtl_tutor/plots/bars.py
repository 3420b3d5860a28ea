"""Named values with their intervals, as dots."""

from math import ceil, log10

from matplotlib.axes import Axes

from mtl_tutor.checks import checked
from mtl_tutor.plots._paper import TEXT, check_texts, inks_of, paper
from mtl_tutor.plots.palette import PALETTE, roles_of
from mtl_tutor.results import Bars


@checked
def draw_bars(bars: Bars, ax: Axes | None = None) -> Axes:
    """Draw each estimate as a dot on its 95% interval, with its name and number beside it.

    A dot instead of a bar from zero puts the ink on the estimate and its uncertainty.

    Parameters
    ----------
    bars : Bars
        What to draw, from top to bottom; ``bars.reference`` becomes a dashed line, values printed
        by a source become crosses.
    ax : Axes | None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    Axes
        With one errorbar per name, in the order of ``bars.bars``.

    Examples
    --------
    >>> from mtl_tutor.statistics import Interval
    >>> axes = draw_bars(Bars({"joint": Interval(0.9, 0.8, 1.0, 50)}, ylabel="share of nets"))
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['joint']
    """
    check_texts(ylabel=[bars.ylabel], bars=bars.bars)
    ax = paper(ax, height=1.1 + 0.42 * len(bars.bars))
    names, (ink, _) = list(bars.bars), inks_of(ax)
    ax.set(xlabel=bars.ylabel, ylim=(len(names) - 0.5, -0.5))
    ax.set_yticks(range(len(names)), names)
    ax.grid(False, axis="y")
    ax.use_sticky_edges = False
    ax.spines["left"].set_visible(False)
    if bars.reference is not None:
        ax.axvline(bars.reference, color=ink, linewidth=1, linestyle=(0, (3, 3)))
    if bars.ylim:
        ax.set_xlim(bars.ylim)
    left, right = bars.ylim or (min(b.low for b in bars.bars.values()), max(b.high for b in bars.bars.values()))
    digits = max(0, 2 - ceil(log10((right - left) / 2.5))) if right > left else 2
    for row, (name, role) in enumerate(roles_of(names, bars.roles).items()):
        value, colour = bars.bars[name], PALETTE[role].light
        error = [[value.estimate - value.low], [value.high - value.estimate]]
        ax.barh(row, value.high - value.low, left=value.low, height=0.5, color=colour, alpha=0.2)
        ax.errorbar(value.estimate, row, xerr=error, fmt="o", color=colour, markersize=8, elinewidth=1.6, label=name)
        shown = f"{round(value.estimate, digits) + 0.0:.{digits}f}".replace("-", "−")  # as on the axis
        if name in bars.printed:
            ax.plot(bars.printed[name], row, marker="x", markersize=9, markeredgewidth=2, color=ink, linestyle="none")
        ax.text(1.03, row, shown, transform=ax.get_yaxis_transform(), va="center", fontsize=TEXT, color=ink)
    return ax
