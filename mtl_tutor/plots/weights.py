"""Drawings of weight matrices, whose structure says what tasks share."""

from collections.abc import Mapping
from itertools import takewhile

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mtl_tutor.checks import check_size, checked
from mtl_tutor.plots._paper import TEXT, check_texts, inks_of, paper
from mtl_tutor.plots._places import LINE, WIDEST, Place, width_of

_CELL, _APART, _SIGN, _EDGE = 13.0, 20.0, 12.0, 4.0
_MOST = 24  # of rows, columns and matrices
_WORDS = ("row: feature · column: task", "filled: positive · hollow: negative")


@checked
def draw_weights(matrices: Mapping[str, Float[np.ndarray, "feature task"]]) -> Axes:
    """Draw matrices of weights as squares whose area is a weight's size.

    What tasks share is then seen at a glance: rows without squares are features that no task
    reads, columns that are multiples of each other have rank one, columns that look alike are a
    cluster. A positive weight is a filled square, a negative one a hollow square, zero is nothing.

    Parameters
    ----------
    matrices : Mapping[str, Float[np.ndarray, "feature task"]]
        Name, which is written above -> its matrix, a row for each feature and a column for each
        task, at most 24 of each. A name that begins with ``+`` or ``=`` has that sign before its
        matrix. Squares compare within all matrices of the drawing.

    Returns
    -------
    Axes
        One frame and one name for each matrix, and one square for each weight that isn't 0.

    Raises
    ------
    TypeError, ValueError
        No matrix, or more than 24; one without rows or columns, with more than 24, or with a
        number that isn't finite; or a name too wide for a phone.

    Notes
    -----
    Such pictures are known as Hinton diagrams.

    Examples
    --------
    >>> own, shared = np.eye(3), np.outer([1.0, 0.0, -1.0], [1.0, 1.0, 1.0])
    >>> axes = draw_weights({"shared": shared, "+ own": own, "= all": shared + own})
    >>> [text.get_text() for text in axes.texts][:5]
    ['shared', '+', 'own', '=', 'all']
    """
    _check(matrices)
    corners, (width, height) = _corners(matrices)
    ax = paper(plt.figure(figsize=((width + 2 * _EDGE) / 72, (height + 2 * _EDGE) / 72)).add_axes((0, 0, 1, 1)))
    ax.set_axis_off()
    ax.set(xlim=(-_EDGE, width + _EDGE), ylim=(height + _EDGE, -_EDGE))
    largest = max(np.abs(matrix).max() for matrix in matrices.values()) or 1.0
    for (name, matrix), corner in zip(matrices.items(), corners, strict=True):
        _draw_name(ax, name, matrix, corner)
        _draw_matrix(ax, matrix / largest, corner)
    has_negative = any((matrix < 0).any() for matrix in matrices.values())
    for k, words in enumerate(_WORDS[: 1 + has_negative]):
        ax.text(0, height - LINE * (0.5 + has_negative - k), words, va="center", fontsize=TEXT, color=inks_of(ax)[0])
    return ax


def _check(matrices: Mapping[str, np.ndarray]) -> None:
    if not 1 <= len(matrices) <= _MOST:
        raise ValueError(f"`matrices` must hold one to {_MOST} matrices; got {len(matrices) or 'none'}.")
    check_texts(matrices=matrices)
    for name, matrix in matrices.items():
        if not all(1 <= n <= _MOST for n in matrix.shape):
            raise ValueError(f"`matrices[{name!r}]` must have 1 to {_MOST} rows and columns; got {matrix.shape[0]} and {matrix.shape[1]}.")
        if not np.isfinite(matrix).all():
            raise ValueError(f"`matrices[{name!r}]` must be finite; got {matrix[~np.isfinite(matrix)][0]}. Replace it by 0.")
        check_size(f"matrices[{name!r}]", matrix)
        if _width(name, matrix) > WIDEST:
            raise ValueError(f"`matrices` must have short names, to be read on a phone; got {name!r}. Shorten it.")


def _sign(name: str) -> tuple[str, str]:
    """A name's sign, if it has one, and the rest."""
    is_signed = name[:1] in ("+", "=") and len(name) > 1
    return (name[0], name[1:].strip()) if is_signed else ("", name)


def _width(name: str, matrix: np.ndarray) -> float:
    return max(width_of(_sign(name)[1]), _CELL * matrix.shape[1]) + _SIGN * bool(_sign(name)[0])


def _corners(matrices: Mapping[str, np.ndarray]) -> tuple[list[Place], Place]:
    """The upper left corner of each matrix, side by side while there is room, and the size of all."""
    corners: list[Place] = []
    x, y, widest, tallest = 0.0, 0.0, max(map(width_of, _WORDS)), 0.0
    widths = {name: _width(name, matrix) for name, matrix in matrices.items()}
    for name, matrix in matrices.items():
        if x and x + max(widths[name], _together(name, widths)) > WIDEST:
            x, y, tallest = 0.0, y + tallest + _APART, 0.0
        corners.append((x + _SIGN * bool(_sign(name)[0]), y + LINE + 3))
        tallest = max(tallest, LINE + 3 + _CELL * matrix.shape[0])
        x, widest = x + widths[name] + _APART, max(widest, x + widths[name])
    return corners, (widest, y + tallest + 6 + 2 * LINE)


def _together(name: str, widths: Mapping[str, float]) -> float:
    """Width of the sum that begins with a matrix; 0 within a sum, or if it fits nowhere."""
    names = list(widths)[list(widths).index(name) :]
    terms = [name, *takewhile(lambda one: _sign(one)[0], names[1:])]
    width = sum(widths[one] + _APART for one in terms) - _APART
    return 0.0 if _sign(name)[0] or width > WIDEST else width


def _draw_name(ax: Axes, name: str, matrix: np.ndarray, corner: Place) -> None:
    (sign, rest), (x, y), (ink, _) = _sign(name), corner, inks_of(ax)
    if sign:
        ax.text(x - 16, y + _CELL * len(matrix) / 2, sign, ha="center", va="center", fontsize=TEXT + 2, color=ink)
    ax.text(x, y - 3 - LINE / 2, rest, va="center", fontsize=TEXT, color=ink)


def _draw_matrix(ax: Axes, matrix: np.ndarray, corner: Place) -> None:
    (x, y), (ink, _) = corner, inks_of(ax)
    size = (_CELL * matrix.shape[1], _CELL * matrix.shape[0])
    ax.add_patch(Rectangle(corner, *size, facecolor="none", edgecolor=ink, alpha=0.4, linewidth=1))
    for row, column in np.argwhere(matrix):
        side = 0.82 * _CELL * float(np.sqrt(abs(matrix[row, column])))
        left, top = x + _CELL * (column + 0.5) - side / 2, y + _CELL * (row + 0.5) - side / 2
        fill = ink if matrix[row, column] > 0 else "none"
        ax.add_patch(Rectangle((left, top), side, side, facecolor=fill, edgecolor=ink, linewidth=1))
