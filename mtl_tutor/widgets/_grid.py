"""A function and the grid of its settings."""

import inspect
import itertools
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from tqdm import tqdm

from mtl_tutor.checks import check_limits, shown
from mtl_tutor.plots.curves import check_dots
from mtl_tutor.provenance import code_of, write_whole
from mtl_tutor.results import Bars, Curves, Graph, Map
from mtl_tutor.widgets._axes import read_axes
from mtl_tutor.widgets._recording import Frame, Recording, check_size, differs, still, take_apart

Explored = Callable[..., Curves | Bars | Map | Figure | Axes]
_SMALLEST = 1e-37  # the page draws numbers in single precision
_LARGEST = 1e38


def manifest_of(fn: Explored, axes: Mapping[str, Any]) -> dict[str, Any]:
    """Describe how a grid is made: code, settings, and values held fixed."""
    fixed = {name: p.default for name, p in inspect.signature(fn).parameters.items() if p.kind is p.KEYWORD_ONLY}
    grid = {axis.name: axis.labels for axis in read_axes(fn, dict(axes))}
    return {"function": fn.__qualname__, "fixed": fixed, "axes": grid, "code": code_of(fn)}


def point_of(fn: Explored, axes: Mapping[str, Any], number: int) -> tuple[int, dict[str, Any]]:
    """Choose a point of a grid by any number: its index and its settings."""
    read = read_axes(fn, dict(axes))
    shape = [len(axis.values) for axis in read]
    point = number % prod(shape)
    return point, {axis.name: axis.at(int(i)) for axis, i in zip(read, np.unravel_index(point, shape), strict=True)}


class Grid:
    """A function on the grid of its settings; called when needed, and once at the start."""

    def __init__(
        self, fn: Explored, title: str, alt: str, ylim: tuple[float, float] | None, axes: dict[str, Any], dots: Collection[str] = ()
    ) -> None:
        if not title.strip():
            raise ValueError("`title` must say what the reader can find out; got an empty text. Write title='...'.")
        if ylim is not None:
            check_limits("ylim", ylim)
        self._fn, self._ylim, self._axes, self._dots = fn, ylim, read_axes(fn, axes), dots
        self._spec = {"title": title, "alt": alt, "axes": [axis.spec() for axis in self._axes]}
        began = time.perf_counter()
        self._start = tuple(axis.start for axis in self._axes)
        first = self._call(self._start)
        self.seconds = time.perf_counter() - began
        self._first, self._still = self._take_apart(first), still(first, dots)
        check_size(1, self._first)

    def __len__(self) -> int:
        return prod(len(axis.values) for axis in self._axes)

    def recorded(self, *, progress: bool = False, folder: Path | None = None, manifest: Mapping[str, Any] | None = None) -> Recording:
        """Call the function at every setting, except those that an interrupted run left in a folder."""
        check_size(len(self), self._first)
        positions = itertools.product(*(range(len(axis.values)) for axis in self._axes))
        steps = tqdm(positions, total=len(self), disable=not progress)
        frames = [self._first if at == self._start else self._frame(at, folder) for at in steps]
        return Recording.of(frames, self._spec, self._still, manifest)

    def _frame(self, at: tuple[int, ...], folder: Path | None) -> Frame:
        file = folder and folder / f"{'-'.join(map(str, at))}.npz"
        if file:
            with suppress(ValueError, FileNotFoundError):  # not there, or damaged: then it is computed
                return Frame.read(file)
        frame = self.ask(at)
        if file:
            file.parent.mkdir(exist_ok=True)  # another run of the same grid may have finished, and cleared up
            with suppress(FileNotFoundError):
                write_whole(file, frame.packed())
        return frame

    def unrecorded(self) -> Recording:
        """Keep what all pictures share, taken from the first one, and no numbers."""
        start = Recording.of([self._first], self._spec, self._still)
        return Recording({**start.spec, "recorded": False}, {}, self._still)

    def ask(self, position: Sequence[float]) -> Frame:
        """Call the function at one setting, which may lie between two of the grid."""
        frame = self._take_apart(self._call(position))
        if differs(frame, self._first):
            raise ValueError("`fn` must return the same names, axes and sizes at every setting; here it does not.")
        return frame

    def _call(self, position: Sequence[float]) -> Any:
        return _picture(self._fn(**{axis.name: axis.at(at) for axis, at in zip(self._axes, position, strict=True)}))

    def _take_apart(self, result: Any) -> Frame:
        frame = take_apart(result)
        if self._ylim and "ylim" in frame.shared:
            check_limits("ylim", self._ylim, positive=frame.shared.get("yscale") == "log")
            frame.shared["ylim"] = self._ylim
        if self._dots:
            _check_dots(result, self._dots)
            frame.shared["dots"] = list(self._dots)
        _check_numbers(frame)
        return frame


def _picture(result: Any) -> Curves | Bars | Map | Figure:
    """What a function returned, if it can be shown; axes stand for their figure."""
    if isinstance(result, Axes | SubFigure):
        result = result.figure.figure  # that of a subfigure is the whole one
    if isinstance(result, Curves | Bars | Map | Figure):
        return result
    remedy = "draw_graph(graph)" if isinstance(result, Graph) else "the axes you drew on, or for example Curves(x, {'name': y})"
    raise TypeError(f"`fn` must return Curves, Bars, Map, a matplotlib figure or axes; got {shown(result)}. Return {remedy}.")


def _check_dots(result: Any, dots: Collection[str]) -> None:
    if not isinstance(result, Curves):
        raise ValueError(f"`dots` must be empty unless `fn` returns Curves; it returned a {type(result).__name__}. Leave them out.")
    check_dots(dots, result)


def _check_numbers(frame: Frame) -> None:
    """Refuse numbers that the page would show as something else: too large for it, or so small that they become 0."""
    numbers = np.concatenate([frame.layers[name].ravel() for name in ("y", "low", "high", "estimate", "z") if name in frame.layers] or [[]])
    sizes = np.abs(numbers[np.isfinite(numbers) & (numbers != 0)])
    if not sizes.size:
        return
    smallest = sizes.min() if frame.shared.get("yscale") == "log" else sizes.max()
    for size in (smallest, sizes.max()):
        if not _SMALLEST <= size <= _LARGEST:
            rule = f"numbers from {_SMALLEST:g} to {_LARGEST:g} in size"
            raise ValueError(f"`fn` must return {rule}; got {size:.3g}. Choose another unit.")
