"""Data of pictures: curves, bars, maps, graphs. Imports no torch."""

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

from mtl_tutor.checks import check_limits, checked, shown
from mtl_tutor.statistics import Interval

Role = Literal["main", "other", "third", "fourth", "single_task", "control"]
"""What a line or bar stands for; one colour and dash each, everywhere in the book (``plots.palette``)."""

MOST = 500
"""Lines, bars or nodes of one picture; more cannot be told apart."""

LARGEST = 1e300
"""The largest number that is drawn: an axis around it still has finite ends."""


@checked
@dataclass(frozen=True, eq=False)
class Curves:
    """Lines over one shared x, each with an optional band.

    Attributes
    ----------
    x : Float[np.ndarray, "point"]
        Positions of the points, ascending.
    y : Mapping[str, Float[np.ndarray, "point"]]
        Name -> height of the line; what is not finite leaves a gap.
    low, high : Mapping[str, Float[np.ndarray, "point"]]
        Name -> edges of its band (a 95% interval); names may be missing in both.
    roles : Mapping[str, Role]
        Name -> role of the line, which decides its colour.
    ylim : tuple[float, float] | None
        The y-axis; needed when many such pictures share one axis.

    Raises
    ------
    TypeError, ValueError
        No line or no point; a line as long as no other, a band with one edge or of no line; `x` that
        isn't finite and ascending; on a logarithmic axis `x` or `ylim` that isn't above 0, or a line
        that is nowhere; numbers beyond 1e300.
    """

    x: Float[np.ndarray, "point"]
    y: Mapping[str, Float[np.ndarray, "point"]]
    low: Mapping[str, Float[np.ndarray, "point"]] = field(default_factory=dict)
    high: Mapping[str, Float[np.ndarray, "point"]] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    xlabel: str = ""
    ylabel: str = ""
    xscale: Literal["linear", "log"] = "linear"
    yscale: Literal["linear", "log"] = "linear"
    ylim: tuple[float, float] | None = None

    @classmethod
    @checked
    def of_intervals(
        cls,
        x: Float[np.ndarray, "point"],
        lines: Mapping[str, Sequence[Interval]],
        *,
        roles: Mapping[str, Role] | None = None,
        xlabel: str = "",
        ylabel: str = "",
        xscale: Literal["linear", "log"] = "linear",
        ylim: tuple[float, float] | None = None,
    ) -> Self:
        """Make lines of estimates, with their intervals as bands.

        Each name has one interval per point of x.
        """
        y, low, high = (
            {name: np.array([getattr(interval, edge) for interval in row]) for name, row in lines.items()}
            for edge in ("estimate", "low", "high")
        )
        return cls(x, y, low, high, roles or {}, xlabel, ylabel, xscale, ylim=ylim)

    def __post_init__(self) -> None:
        _check_count("y", self.y, "line")
        for where, lines in (("y", self.y), ("low", self.low), ("high", self.high)):
            for name, line in lines.items():
                self._check_line(f"{where}[{name!r}]", line, is_seen=where == "y")
        _check_places("x", self.x, least=1)
        if self.xscale == "log" and self.x[0] <= 0:
            raise ValueError(f"`x` must lie above 0 on a logarithmic axis; got {self.x[0]:g}.")
        self._check_bands()
        if self.ylim is not None:
            check_limits("ylim", self.ylim, positive=self.yscale == "log")

    def _check_line(self, name: str, line: Float[np.ndarray, "point"], *, is_seen: bool) -> None:
        if np.shape(line) != np.shape(self.x):
            raise ValueError(f"`{name}` must be as long as `x`; got {np.shape(line)} and {np.shape(self.x)}.")
        _check_size(name, line)
        known = line[np.isfinite(line)]
        if is_seen and self.yscale == "log" and known.size and known.max() <= 0:
            raise ValueError(f"`{name}` must have a point above 0 on a logarithmic axis; it has none, and would not be seen.")

    def _check_bands(self) -> None:
        if self.low.keys() != self.high.keys() or not self.low.keys() <= self.y.keys():
            raise ValueError(f"`low` and `high` must both name the same lines of `y`; got {sorted(self.low)} and {sorted(self.high)}.")
        for name, low in self.low.items():
            if np.any(low > self.high[name]):
                raise ValueError(f"`low[{name!r}]` must nowhere lie above `high[{name!r}]`; it does.")


@checked
@dataclass(frozen=True, eq=False)
class Bars:
    """Named values with their intervals.

    Attributes
    ----------
    printed : Mapping[str, float]
        Name -> the value that a source prints, to compare with; in still figures only.

    Raises
    ------
    TypeError, ValueError
        No bar, an infinite one, or a printed value without one.
    """

    bars: Mapping[str, Interval]
    roles: Mapping[str, Role] = field(default_factory=dict)
    ylabel: str = ""
    ylim: tuple[float, float] | None = None
    reference: float | None = None
    printed: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_count("bars", self.bars, "bar")
        for name, bar in self.bars.items():
            if not np.isfinite([bar.low, bar.estimate, bar.high]).all():
                raise ValueError(f"`bars[{name!r}]` must be finite; got {bar}.")
            _check_size(f"bars[{name!r}]", [bar.low, bar.high])
        _check_size("reference", 0.0 if self.reference is None else self.reference)
        _check_size("printed", list(self.printed.values()))
        if self.ylim is not None:
            check_limits("ylim", self.ylim)
        if loose := set(self.printed) - set(self.bars):
            raise ValueError(f"`printed` must name bars; {sorted(loose)} are none.")


@checked
@dataclass(frozen=True, eq=False)
class Map:
    """A height over two coordinates, with marked places, paths and points on top.

    Attributes
    ----------
    z : Float[np.ndarray, "row column"]
        The height at each (y, x) of the grid.
    marks : Mapping[str, tuple[float, float]]
        Name -> (x, y) of a labelled place.
    paths : Float[np.ndarray, "path step 2"]
        Paths over the map, each a list of (x, y); path i is that of run i and has its colour.
    points : Float[np.ndarray, "run 2"]
        (x, y) of many runs, and `kinds`, which of `kind_names` each belongs to.

    Raises
    ------
    TypeError, ValueError
        Fewer than two rows or columns, or places that aren't finite and ascending; shapes that don't
        fit; heights without a finite one, or infinite ones without `zlim`.
    """

    x: Float[np.ndarray, "column"]
    y: Float[np.ndarray, "row"]
    z: Float[np.ndarray, "row column"]
    xlabel: str = ""
    ylabel: str = ""
    zlabel: str = ""
    marks: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    paths: Float[np.ndarray, "path step 2"] = field(default_factory=lambda: np.empty((0, 0, 2)))
    points: Float[np.ndarray, "run 2"] = field(default_factory=lambda: np.empty((0, 2)))
    kinds: Int[np.ndarray, "run"] = field(default_factory=lambda: np.empty(0, dtype=int))
    kind_names: Mapping[str, Role] = field(default_factory=dict)
    zlim: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if np.shape(self.z) != (len(self.y), len(self.x)):
            raise ValueError(f"`z` must have shape (row, column) = {(len(self.y), len(self.x))}; got {np.shape(self.z)}.")
        _check_places("x", self.x, least=2)
        _check_places("y", self.y, least=2)
        if not np.isfinite(self.z).any() or (np.isinf(self.z).any() and self.zlim is None):
            raise ValueError("`z` must hold a finite number, and no infinite one without `zlim`; it does not.")
        for name, numbers in (("z", self.z), ("paths", self.paths), ("points", self.points), ("marks", list(self.marks.values()))):
            _check_size(name, numbers)
        for name, places in (("paths", self.paths), ("points", self.points)):
            if np.shape(places)[-1] != 2:
                raise ValueError(f"`{name}` must have pairs (x, y) on their last axis; got {shown(places)}.")
        if self.zlim is not None:
            check_limits("zlim", self.zlim)
        if len(self.kinds) != len(self.points) or not np.isin(self.kinds, range(len(self.kind_names))).all():
            raise ValueError(f"`kinds` must say for each of {len(self.points)} points which of `kind_names` it is; got {self.kinds}.")


@checked
@dataclass(frozen=True, eq=False)
class Graph:
    """A graph: named nodes in columns, from left to right, and lines between them.

    Attributes
    ----------
    columns : tuple[tuple[str, ...], ...]
        The nodes of each column, from top to bottom; no two have one name.
    edges : Mapping[tuple[str, str], str]
        (from, to) -> label of the line, or "".
    roles : Mapping[str, Role]
        Node -> its role, which decides its colour; without one it is black.

    Raises
    ------
    ValueError
        No node, two of one name, or a line to a node that isn't there.
    """

    columns: tuple[tuple[str, ...], ...]
    edges: Mapping[tuple[str, str], str]
    roles: Mapping[str, Role] = field(default_factory=dict)

    def __post_init__(self) -> None:
        nodes = [node for column in self.columns for node in column]
        _check_count("columns", nodes, "node")
        if len(set(nodes)) < len(nodes):
            raise ValueError(f"`columns` must hold nodes with different names; got {nodes}.")
        if loose := {end for edge in self.edges for end in edge} - set(nodes):
            raise ValueError(f"`edges` must join nodes of `columns`; {sorted(loose)} are none.")


def _check_count(name: str, things: Sized, word: str) -> None:
    if not 1 <= len(things) <= MOST:
        raise ValueError(f"`{name}` must hold at least one {word} and at most {MOST}; got {len(things) or 'none'}.")


def _check_places(name: str, places: Float[np.ndarray, "point"], *, least: int) -> None:
    if len(places) < least:
        raise ValueError(f"`{name}` must hold at least {least} point{'s' * (least > 1)}; got {len(places)}.")
    if not np.isfinite(places).all() or np.any(np.diff(places) < 0):
        raise ValueError(f"`{name}` must be finite and ascending; got {shown(places.tolist())}.")
    _check_size(name, places)


def _check_size(name: str, numbers: ArrayLike) -> None:
    sizes = np.abs(np.asarray(numbers, dtype=float))
    largest = np.max(sizes, initial=0.0, where=np.isfinite(sizes))
    if largest > LARGEST:
        raise ValueError(f"`{name}` must hold numbers up to {LARGEST:g} in size; got {largest:g}. Choose another unit.")
