"""Drawings of networks: one column of units per layer."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from mtl_tutor.checks import check_whole, checked
from mtl_tutor.plots._paper import check_texts, inks_of, paper
from mtl_tutor.plots.palette import PALETTE

_INKS = ("main", "other", "third", "fourth")


@checked
def draw_networks(
    tasks: Sequence[str], *, shared: bool, tied: bool = False, n_hidden: int = 4, n_features: int = 3, ax: Axes | None = None
) -> Axes:
    """Draw separate networks, or one with a shared trunk and a head per task.

    What only one task's loss trains has that task's colour; what is shared is grey.

    Parameters
    ----------
    tasks : Sequence[str]
        Their names, at most four; each gets one output.
    shared : bool
        One grey trunk for all, or a network for each.
    tied : bool
        Whether dotted arcs join what a penalty ties: each hidden unit and its counterpart in the
        next network.
    n_hidden, n_features : int
        How many circles to draw, 20 at most (not the real widths).
    ax : Axes | None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    Axes
        With one collection of circles per layer.

    Raises
    ------
    TypeError, ValueError
        No task, two of one name, or more than four; no circle, or more than 20; or networks to tie where there is one.
    """
    _check(tasks, tied=tied, shared=shared)
    for name, count in (("n_hidden", n_hidden), ("n_features", n_features)):
        check_whole(name, count, least=1, most=20)
    check_texts(tasks=tasks)
    ax = paper(ax, height=2.6)
    ax.set_axis_off()
    ink, _ = inks_of(ax)
    groups = [list(tasks)] if shared else [[task] for task in tasks]
    height = (n_hidden + 1) * len(groups)
    inks = {task: PALETTE[role].light for task, role in zip(tasks, _INKS, strict=False)}
    for k, group in enumerate(groups):
        middle = height - (k + 0.5) * height / len(groups)
        trunk = ink if len(group) > 1 else inks[group[0]]
        layers = [_column(x, n, middle) for x, n in ((0, n_features), (1, n_hidden), (2, len(group)))]
        for (left, right), colours in zip(((0, 1), (1, 2)), ([trunk] * n_hidden, [inks[task] for task in group]), strict=True):
            for target, colour in zip(layers[right], colours, strict=True):
                for source in layers[left]:
                    ax.plot(*zip(source, target, strict=True), color=colour, linewidth=0.9, alpha=0.6, zorder=1)
        for column, colours in zip(layers, ([ink] * n_features, [trunk] * n_hidden, [inks[task] for task in group]), strict=True):
            ax.scatter(*column.T, s=150, c=colours, zorder=2)
        for task, place in zip(group, layers[2], strict=True):
            ax.text(place[0] + 0.12, place[1], task, color=inks[task], va="center", fontsize=12)
    if tied:
        _tie(ax, height / len(groups), n_hidden, len(groups))
    for x, name in enumerate(("input", "shared layer" if shared else "own layer", "output")):
        ax.text(x, -0.4, name, ha="center", va="top", fontsize=11, color=ink)
    ax.set(xlim=(-0.3, 3.2), ylim=(-1.2, height + 0.2))
    return ax


def _check(tasks: Sequence[str], *, tied: bool, shared: bool) -> None:
    if not 1 <= len(tasks) <= len(_INKS):
        raise ValueError(f"`tasks` must name one to four tasks; got {len(tasks)}. Draw fewer.")
    if len(set(tasks)) < len(tasks):
        raise ValueError(f"`tasks` must have different names; got {list(tasks)}.")
    if tied and (shared or len(tasks) < 2):
        raise ValueError("`tied` must join several networks; here is one. Set shared=False, and name two tasks.")


def _tie(ax: Axes, apart: float, n_hidden: int, n_groups: int) -> None:
    arc = {"arrowstyle": "-", "connectionstyle": "arc3,rad=-0.25", "linestyle": ":", "color": inks_of(ax)[0], "linewidth": 1.4}
    for k in range(1, n_groups):
        for x, y in _column(1, n_hidden, (k + 0.5) * apart):
            ax.annotate("", (x, y - apart), (x, y), arrowprops=arc)


def _column(x: float, n: int, middle: float) -> np.ndarray:
    return np.stack([np.full(n, float(x)), middle + np.linspace((n - 1) / 2, -(n - 1) / 2, n)], axis=1)


@checked
def draw_layers(outputs: Sequence[str | None], *, ax: Axes | None = None) -> Axes:
    """Draw one circle per layer: the input, a shared layer, and one layer of each task.

    Parameters
    ----------
    outputs : Sequence[str | None]
        The output that each task's layer leads to, from left to right, four at most; None for a
        layer that no output reads.
    ax : Axes | None
        Axes to draw on; None makes a new figure.

    Returns
    -------
    Axes
        With one circle and one name per layer, and an arrow into each but the input.

    Raises
    ------
    ValueError
        No output, or more than four.

    Notes
    -----
    Source: figure 7.2 of Goodfellow, Bengio & Courville (2016), which has two outputs and one None.

    Departures: colours.

    Examples
    --------
    >>> [text.get_text() for text in draw_layers(["y", None]).texts if text.get_text()]
    ['x', '$h^{(shared)}$', '$h^{(1)}$', 'y', '$h^{(2)}$']
    """
    if not 1 <= len(outputs) <= len(_INKS):
        raise ValueError(f"`outputs` must name one to four layers; got {len(outputs)}. Draw fewer.")
    check_texts(outputs=[one for one in outputs if one is not None])
    ax = paper(ax, height=3.9)
    ax.set_axis_off()
    middle, (black, _) = (len(outputs) - 1) / 2, inks_of(ax)
    layers = [("x", (middle, 0.0), None, black), ("$h^{(shared)}$", (middle, 1.0), (middle, 0.0), black)]
    for k, (output, role) in enumerate(zip(outputs, _INKS, strict=False)):
        ink = PALETTE[role if output is not None else "control"].light
        layers.append((f"$h^{{({k + 1})}}$", (float(k), 2.0), (middle, 1.0), ink))
        layers += [(output, (float(k), 3.0), (float(k), 2.0), ink)] if output is not None else []
    for name, place, below, ink in layers:
        if below is not None:
            arrow = {"arrowstyle": "-|>", "color": ink, "shrinkA": 28, "shrinkB": 28, "linewidth": 1.4}
            ax.annotate("", place, below, arrowprops=arrow)
        ax.scatter(place[0], place[1], s=3000, facecolor="none", edgecolor=ink, linewidth=1.4)
        ax.text(place[0], place[1], name, ha="center", va="center", color=ink, fontsize=12)
    ax.set(xlim=(-0.6, len(outputs) - 0.4), ylim=(-0.45, 3.45))
    return ax
