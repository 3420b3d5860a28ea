"""Data of pictures: curves, bars, maps, graphs. Imports no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
from jaxtyping import Float, Int

from mtl_tutor.statistics import Interval

Role = Literal["main", "other", "third", "fourth", "single_task", "control"]
"""What a line or bar stands for; one colour and dash each, everywhere in the book (``plots.palette``)."""


@dataclass(frozen=True, eq=False)
class Curves:
    """Lines over one shared x, each with an optional band.

    Attributes
    ----------
    x : Float[np.ndarray, "point"]
        Positions of the points, ascending.
    y : Mapping[str, Float[np.ndarray, "point"]]
        Name -> height of the line.
    low, high : Mapping[str, Float[np.ndarray, "point"]]
        Name -> edges of its band (a 95% interval); names may be missing.
    roles : Mapping[str, Role]
        Name -> role of the line, which decides its colour.
    ylim : tuple[float, float] | None
        The y-axis; needed when many such pictures share one axis.
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
        for where, lines in (("y", self.y), ("low", self.low), ("high", self.high)):
            for name, line in lines.items():
                if np.shape(line) != np.shape(self.x):
                    raise ValueError(f"`{where}[{name!r}]` must be as long as `x`; got {np.shape(line)} and {np.shape(self.x)}.")
        if not self.y:
            raise ValueError("`y` must hold at least one line; got none.")


@dataclass(frozen=True, eq=False)
class Bars:
    """Named values with their intervals.

    Attributes
    ----------
    printed : Mapping[str, float]
        Name -> the value that a source prints, to compare with; in still figures only.

    Raises
    ------
    ValueError
        No bar, or a printed value without one.
    """

    bars: Mapping[str, Interval]
    roles: Mapping[str, Role] = field(default_factory=dict)
    ylabel: str = ""
    ylim: tuple[float, float] | None = None
    reference: float | None = None
    printed: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.bars:
            raise ValueError("`bars` must hold at least one bar; got none.")
        if loose := set(self.printed) - set(self.bars):
            raise ValueError(f"`printed` must name bars; {sorted(loose)} are none.")


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
        if len(self.kinds) != len(self.points) or not np.isin(self.kinds, range(len(self.kind_names))).all():
            raise ValueError(f"`kinds` must say for each of {len(self.points)} points which of `kind_names` it is; got {self.kinds}.")


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
        if not nodes or len(set(nodes)) < len(nodes):
            raise ValueError(f"`columns` must hold nodes with different names; got {nodes}.")
        if loose := {end for edge in self.edges for end in edge} - set(nodes):
            raise ValueError(f"`edges` must join nodes of `columns`; {sorted(loose)} are none.")
