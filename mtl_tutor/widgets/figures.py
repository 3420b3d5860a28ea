"""Still figures that follow the page's light or dark theme, with alternative texts."""

import base64
import hashlib
import html
import io
import re
from collections.abc import Container
from dataclasses import dataclass, field

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.text import Text

from mtl_tutor.plots import PALETTE

_PHONE = 350  # px that a page leaves for a figure on a screen of 390 px
_SMALLEST = 9  # px that text may have there
_WIDEST = 7  # inches
_PAPER = "var(--pst-color-background, var(--jp-layout-color0, #fff))"
_FONT = "var(--pst-font-family-base, system-ui, sans-serif)"


@dataclass(frozen=True)
class Still:
    """A figure as inline SVG, with its alternative text and a PNG for viewers without SVG."""

    alt: str
    svg: str = field(repr=False)
    png: bytes = field(repr=False)

    def _repr_mimebundle_(self, include: Container[str] | None = None, exclude: Container[str] | None = None) -> dict[str, str]:
        return {"text/html": self.svg, "image/png": base64.b64encode(self.png).decode(), "text/plain": repr(self)}


def show(figure: Figure | Axes, alt: str) -> Still:
    """Show a figure in the page's theme, with an alternative text.

    Black and white become the page's own text and background colours, the house colours those of
    the theme, and text that would be smaller than 9 px on a phone is enlarged. The figure is
    closed.

    Parameters
    ----------
    figure : Figure | Axes
        A matplotlib figure, or any of its axes.
    alt : str
        What the figure shows, in one sentence: its message, not its form.

    Returns
    -------
    Still
        Displays itself at the end of a cell.

    Raises
    ------
    ValueError
        `alt` is empty, or the figure is wider than 7 inches.

    Examples
    --------
    >>> import numpy as np
    >>> from mtl_tutor.plots import draw_curves
    >>> from mtl_tutor.results import Curves
    >>> show(draw_curves(Curves(np.arange(3.0), {"task A": np.ones(3)})), alt="Task A does not learn.")
    Still(alt='Task A does not learn.')
    """
    if not alt.strip():
        raise ValueError("`alt` must say in words what the figure shows; got an empty text. Write its message in one sentence.")
    root = figure.figure if isinstance(figure, Axes) else figure
    fig = root.figure if isinstance(root, SubFigure) else root
    if not isinstance(fig, Figure):
        raise TypeError(f"`figure` must be a matplotlib figure or its axes; got {type(figure).__name__}. Return the axes you drew on.")
    width = fig.get_figwidth()
    if width > _WIDEST:
        raise ValueError(f"`figure` must be at most {_WIDEST} inches wide to be read on a phone; got {width:g}. Stack its panels.")
    for text in fig.findobj(Text):
        text.set_fontsize(max(text.get_fontsize(), 72 * width * _SMALLEST / _PHONE))
    png = _saved(fig, "png").getvalue()
    for patch in [fig.patch, *(ax.patch for ax in fig.axes)]:
        patch.set_alpha(0)
    still = Still(alt, _inline(_saved(fig, "svg").getvalue().decode(), alt), png)
    plt.close(fig)
    return still


def _saved(fig: Figure, kind: str) -> io.BytesIO:
    file = io.BytesIO()
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "mtl"}):
        fig.savefig(file, format=kind, dpi=100, bbox_inches="tight", metadata={"Date": None} if kind == "svg" else None)
    return file


def _inline(svg: str, alt: str) -> str:
    """Turn a matplotlib file into an element of the page, with its own ids and the page's colours."""
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    own = hashlib.sha1(svg.encode() + alt.encode(), usedforsecurity=False).hexdigest()[:8]
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>f{own}-", svg)
    svg = re.sub(r"'DejaVu Sans'[^;\"]*", _FONT, svg)
    for ink in PALETTE.values():
        svg = re.sub(ink.light, f"light-dark({ink.light}, {ink.dark})", svg, flags=re.IGNORECASE)
    svg = re.sub(r"#f{6}\b", _PAPER, re.sub(r"#0{6}\b", "currentColor", svg))
    size = re.search(r'width="([\d.]+)pt"', svg)
    style = f"display:block;height:auto;width:100%;max-width:{float(size[1]) * 4 / 3:.0f}px" if size else ""
    svg = re.sub(r'\s(width|height)="[\d.]+pt"', "", svg, count=2)
    return svg.replace("<svg", f'<svg class="mtl-still" role="img" aria-label="{html.escape(alt)}" fill="currentColor" style="{style}"', 1)
