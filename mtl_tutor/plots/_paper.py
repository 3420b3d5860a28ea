"""Axes in the style of the book."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

TEXT = 12  # points: 16 px on a desk and, at 5.6 inches, still 10 px on a phone
_WIDTH = 5.6


def paper(ax: Axes | None, *, height: float = 3.3) -> Axes:
    """Make axes in the style of the book; in a new figure if ``ax`` is None."""
    if ax is None:
        ax = plt.figure(figsize=(_WIDTH, height), layout="constrained").add_subplot()
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color="black", alpha=0.12, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(which="both", labelsize=TEXT, length=0)
    for label in (ax.xaxis.label, ax.yaxis.label):
        label.set_fontsize(TEXT)
    return ax
