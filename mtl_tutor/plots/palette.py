"""One colour and one dash per role, for all figures and widgets, light and dark."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.typing import ColorType

from mtl_tutor.checks import checked, shown
from mtl_tutor.results import Role


@checked
@dataclass(frozen=True)
class Ink:
    """Look of a role: its colour on light and on dark paper, and its dashes.

    ``dash`` counts in line widths: on, off, on, off; empty is a solid line. Every colour keeps a
    contrast of at least 3 to 1 with its paper.
    """

    light: str
    dark: str
    dash: tuple[float, ...] = ()


PALETTE: Mapping[Role, Ink] = MappingProxyType(
    {
        "main": Ink("#0072B2", "#56B4E9"),
        "other": Ink("#D55E00", "#FF9D5C", (5, 1.4)),
        "third": Ink("#008A65", "#3FD0A4", (4, 1.4, 1, 1.4)),
        "fourth": Ink("#B65F92", "#E79AC9", (4, 1.2, 1, 1.2, 1, 1.2)),
        "single_task": Ink("#595959", "#C4C4C4", (2.6, 1.8)),
        "control": Ink("#8F8F8F", "#8A8A8A", (1, 1.8)),
    }
)
"""The house colours (after Okabe and Ito, safe for colour-blind readers)."""

_IN_TURN: tuple[Role, ...] = ("main", "other", "third", "fourth")


@checked
def roles_of(names: Iterable[str], roles: Mapping[str, Role]) -> dict[str, Role]:
    """Give every name a role: its own where it has one, else the first free one.

    Raises
    ------
    TypeError
        A name that is no string.

    Examples
    --------
    >>> roles_of(["A", "B", "alone"], {"alone": "single_task"})
    {'A': 'main', 'B': 'other', 'alone': 'single_task'}
    """
    names = list(names)
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"`names` must be strings; got {shown(names)}.")
    free: list[Role] = [role for role in _IN_TURN if role not in roles.values()]
    return {name: roles[name] if name in roles else free.pop(0) if free else "control" for name in names}


def contrast(colour: ColorType, other: ColorType) -> float:
    """Contrast of two opaque colours, from 1 (equal) to 21 (black on white).

    Notes
    -----
    Source: W3C, *Web Content Accessibility Guidelines 2.2*, "contrast ratio" and "relative luminance".

    Examples
    --------
    >>> round(contrast("black", "white"))
    21
    """
    dark, light = sorted(map(_luminance, (colour, other)))
    return (light + 0.05) / (dark + 0.05)


@checked
def inks(figure: Figure) -> tuple[str, str]:
    """Black and white, or white and black: what a figure is written with, and its paper.

    A style such as ``dark_background`` gives figures a dark paper. The first opaque one counts, of
    the figure or of its axes; without any the paper is white.

    Examples
    --------
    >>> inks(Figure(facecolor="#111111"))
    ('white', 'black')
    """
    papers = [to_rgba(patch.get_facecolor()) for patch in (figure.patch, *(ax.patch for ax in figure.axes))]
    paper = next((paper for paper in papers if paper[3] >= 0.5), "white")
    return ("black", "white") if contrast("black", paper) > contrast("white", paper) else ("white", "black")


def _luminance(colour: ColorType) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgba(colour)[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
