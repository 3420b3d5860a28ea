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

from mtl_tutor.checks import checked
from mtl_tutor.plots import PALETTE
from mtl_tutor.plots._paper import check_texts
from mtl_tutor.plots.palette import inks
from mtl_tutor.widgets._theme import legible, settle_colours

_PHONE = 350  # px that a page leaves for a figure on a screen of 390 px
_SMALLEST = 9  # px that text may have there
_WIDEST = 7  # inches
_PAPER = "var(--pst-color-background, var(--jp-layout-color0, #fff))"
_FONT = "var(--pst-font-family-base, system-ui, sans-serif)"


@checked
@dataclass(frozen=True)
class Still:
    """A figure as inline SVG, with its alternative text and a PNG for viewers without SVG."""

    alt: str
    svg: str = field(repr=False)
    png: bytes = field(repr=False)

    def _repr_mimebundle_(self, include: Container[str] | None = None, exclude: Container[str] | None = None) -> dict[str, str]:
        return {"text/html": self.svg, "image/png": base64.b64encode(self.png).decode(), "text/plain": repr(self)}


@checked
def show(figure: Figure | SubFigure | Axes, alt: str) -> Still:
    """Show a figure in the page's theme, with an alternative text.

    The figure's ink and paper become the page's own text and background colours, whatever style
    matplotlib has in force, and the house colours those of the theme. Text on a filled cell keeps
    its contrast. Text that would be smaller than 9 px on a phone is enlarged. The figure is closed.

    Parameters
    ----------
    figure : Figure | SubFigure | Axes
        A matplotlib figure, or any of its axes.
    alt : str
        What the figure shows, in one sentence: its message, not its form.

    Returns
    -------
    Still
        Displays itself at the end of a cell.

    Raises
    ------
    TypeError, ValueError
        `figure` is none, `alt` is empty, or the figure is wider than 7 inches.

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
        raise ValueError("`figure` must be a figure or axes of one; got axes that were removed from theirs.")
    width = fig.get_figwidth()
    if width > _WIDEST:
        raise ValueError(f"`figure` must be at most {_WIDEST} inches wide to be read on a phone; got {width:g}. Stack its panels.")
    check_texts(figure=[text.get_text() for text in fig.findobj(Text)])
    for text in fig.findobj(Text):
        text.set_fontsize(max(text.get_fontsize(), 72 * width * _SMALLEST / _PHONE))
    png = _saved(fig, "png").getvalue()
    ink, _ = inks(fig)
    settle_colours(fig)
    still = Still(alt, _inline(_saved(fig, "svg").getvalue().decode(), alt, ink), png)
    plt.close(fig)
    return still


def _saved(fig: Figure, kind: str) -> io.BytesIO:
    file = io.BytesIO()
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": "mtl", "savefig.facecolor": "auto", "savefig.edgecolor": "auto"}):
        fig.savefig(file, format=kind, dpi=100, bbox_inches="tight", metadata={"Date": None} if kind == "svg" else None)
    return file


def _inline(svg: str, alt: str, ink: str) -> str:
    """Turn a matplotlib file into an element of the page, with its own ids and the page's colours."""
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    own = hashlib.sha1(svg.encode() + alt.encode(), usedforsecurity=False).hexdigest()[:8]
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>f{own}-", svg)
    svg = re.sub(r'id="[^"]*mtl-shade[^"]*"', 'class="mtl-shade"', svg)
    svg = re.sub(r"'[^;\"]*\bsans-serif\b", _FONT, svg)
    svg = re.sub(r"(?<=fill: none; stroke: )#\w{6}\b", lambda found: _line(found[0], ink), svg)
    for role in PALETTE.values():
        svg = re.sub(rf"(?<!light-dark\(){role.light}\b", f"light-dark({role.light}, {role.dark})", svg, flags=re.IGNORECASE)
    page = {"#000000": "currentColor", "#ffffff": _PAPER} if ink == "black" else {"#ffffff": "currentColor", "#000000": _PAPER}
    svg = re.sub(r"#(0{6}|f{6})\b", lambda found: page[found[0]], svg)
    size = re.search(r'width="([\d.]+)pt"', svg)
    style = f"display:block;height:auto;width:100%;max-width:{float(size[1]) * 4 / 3:.0f}px" if size else ""
    svg = re.sub(r'\s(width|height)="[\d.]+pt"', "", svg, count=2)
    attributes = f'class="mtl-still" role="img" aria-label="{html.escape(alt)}" fill="{page["#000000"]}" style="{style}"'
    return svg.replace("<svg", f"<svg {attributes}", 1)  # matplotlib leaves out a black fill


def _line(colour: str, ink: str) -> str:
    """Colours of a line in both themes, in which it can be seen alike; one of those that follow the page stays."""
    if colour in ("#000000", "#ffffff") or colour.upper() in {role.light for role in PALETTE.values()}:
        return colour
    other = legible(colour, ink)
    light, dark = (colour, other) if ink == "black" else (other, colour)
    return colour if other == colour else f"light-dark({light}, {dark})"
