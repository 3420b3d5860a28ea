"""Axes in the style of the book."""

from collections.abc import Iterable

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.cbook import is_math_text
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser

from mtl_tutor.plots.palette import inks

TEXT = 12  # points: 16 px on a desk and, at 5.6 inches, still 10 px on a phone
_WIDTH = 5.6


def paper(ax: Axes | None, *, height: float = 3.3) -> Axes:
    """Make axes in the style of the book; in a new figure if ``ax`` is None.

    Of matplotlib's style in force only the figure's paper stays: light or dark.
    """
    if ax is None:
        ax = plt.figure(figsize=(_WIDTH, height), layout="constrained").add_subplot()
    ink, _ = inks_of(ax)
    sheet = to_rgba(ax.figure.figure.patch.get_facecolor())
    if sheet[3] == 1:
        ax.set_facecolor(sheet)
    ax.spines[:].set_edgecolor(ink)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["bottom", "left"]].set_visible(True)
    ax.grid(True, color=ink, alpha=0.12, linewidth=0.8, linestyle="-")
    ax.set_axisbelow(True)
    ax.tick_params(which="both", labelsize=TEXT, length=0, colors=ink, grid_color=ink)
    ax.tick_params(axis="x", which="both", pad=8)  # so that the numbers of both axes keep apart in the corner
    for label in (ax.xaxis.label, ax.yaxis.label, ax.title):
        label.set_color(ink)
    for label in (ax.xaxis.label, ax.yaxis.label):
        label.set_fontsize(TEXT)
    return ax


def inks_of(ax: Axes) -> tuple[str, str]:
    """The ink and the paper of the figure that axes belong to."""
    figure = ax.figure.figure  # that of a subfigure is the whole one
    return inks(figure) if isinstance(figure, Figure) else ("black", "white")


def check_texts(**texts: Iterable[str]) -> None:
    """Require texts that matplotlib can write: parameter -> its texts.

    Raises
    ------
    ValueError
        Half a character, or a formula between dollar signs that cannot be read.
    """
    for name, several in texts.items():
        for text in several:
            if any("\ud800" <= letter <= "\udfff" for letter in text):
                raise ValueError(f"`{name}` must hold whole characters; got {text!r}. Decode it as UTF-8.")
            try:
                if is_math_text(text):
                    MathTextParser("path").parse(text)
            except ValueError:
                rule = "must hold formulas that matplotlib can read between its dollar signs"
                raise ValueError(f"`{name}` {rule}; got {text!r}. Write \\$ for a dollar sign.") from None
