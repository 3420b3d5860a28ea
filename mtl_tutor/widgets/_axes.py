"""Controls of a widget, given by the abbreviations of ``ipywidgets.interact``."""

import inspect
import numbers
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import floor, inf, isfinite
from typing import Any, Literal, Self, TypeGuard

import numpy as np

from mtl_tutor.checks import check_named, check_real, shown
from mtl_tutor.widgets._recording import MAX_POINTS


@dataclass(frozen=True)
class Axis:
    """One argument of the explored function: its values, and the initial one."""

    name: str
    kind: Literal["range", "choice", "switch"]
    values: tuple[Any, ...]
    labels: tuple[str, ...]
    start: int

    @classmethod
    def read(cls, name: str, values: Any, start: Any) -> Self:
        """Read ``(low, high[, step])``, an array, a list, a dict or a bool."""
        if isinstance(values, bool | np.bool_):
            return cls(name, "switch", (False, True), ("off", "on"), int(bool(values if start is None else start)))
        if isinstance(values, tuple) and len(values) in (2, 3) and all(map(_is_number, values)):
            return cls._range(name, _steps(name, *(_pythons(name, value) for value in values)), start)
        if isinstance(values, Mapping | list | range) or _is_column(values):
            _check_count(name, len(values))
        if isinstance(values, range) or (_is_column(values) and values.dtype.kind in "iuf"):
            return cls._range(name, _finite(name, values), values[0] if start is None else start)
        if isinstance(values, Mapping) and values:
            return cls._choice(name, list(values.values()), [str(label) for label in values], start)
        if (isinstance(values, list) and values) or (_is_column(values) and values.dtype.kind in "Ub"):
            return cls._choice(name, list(values), [str(value) for value in values], start)
        raise TypeError(f"`{name}` must be (low, high[, step]), a list, a dict, an array or a bool; got {shown(values)}.")

    @classmethod
    def _range(cls, name: str, values: list[Any], start: Any) -> Self:
        distances = np.abs(np.array(values, float) - float(start)) if _is_number(start) and isfinite(start) else None
        first = len(values) // 2 if distances is None else int(np.argmin(distances))
        return cls(name, "range", tuple(values), _labels(values), first)

    @classmethod
    def _choice(cls, name: str, values: list[Any], labels: list[str], start: Any) -> Self:
        first = next((i for i, value in enumerate(values) if value is start or _equal(value, start)), 0)
        return cls(name, "choice", tuple(values), tuple(labels), first)

    def at(self, position: float) -> Any:
        """The value at a position; between two positions, a number between two values."""
        left = floor(position)
        if left == position:
            return self.values[left]
        return self.values[left] + (position - left) * (self.values[left + 1] - self.values[left])

    def spec(self) -> dict[str, Any]:
        """Description for the page, as JSON."""
        numbers = [float(value) for value in self.values] if self.kind == "range" else []
        between = any(isinstance(value, float) for value in self.values)
        row = {"name": self.name, "label": self.name.replace("_", " "), "kind": self.kind, "labels": self.labels, "start": self.start}
        return row | {"numbers": numbers, "between": between and self.kind == "range"}


def read_axes(fn: Callable[..., Any], axes: Mapping[str, Any]) -> list[Axis]:
    """Read every axis; the function's defaults are the initial values."""
    if not axes:
        raise ValueError("`axes` must name at least one argument of `fn`; got none. Write for example lr=(0.01, 0.1, 0.01).")
    try:
        parameters = inspect.signature(fn).parameters.values()
    except (TypeError, ValueError):
        raise TypeError(f"`fn` must be a Python function whose arguments can be read; got {shown(fn)}. Wrap it in one.") from None
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    if not any(p.kind is p.VAR_KEYWORD for p in parameters):
        for name in axes:
            check_named("axes", name, [p.name for p in named] or ["(no argument: `fn` takes none)"])
    open_ends = [p.name for p in named if p.default is p.empty and p.name not in axes]
    if open_ends:
        raise ValueError(f"`axes` must name every argument of `fn` that has no default; {open_ends[0]!r} is missing.")
    defaults = {p.name: p.default for p in named if p.default is not p.empty}
    return [Axis.read(name, values, defaults.get(name)) for name, values in axes.items()]


def _steps(name: str, low: float, high: float, step: float | None = None) -> list[float]:
    if high <= low or (step is not None and step <= 0):
        raise ValueError(f"`{name}` must be (low, high[, step]) with low < high and a positive step; got {(low, high, step)}.")
    is_whole = isinstance(low, int) and isinstance(high, int) and (step is None or isinstance(step, int))
    step = step or (1 if is_whole else (high - low) / 10)
    if step == 0 or not isfinite(high - low):
        raise ValueError(f"`{name}` must span a range that has steps; got {(low, high)}.")
    _check_count(name, floor(min((high - low) / step, 1e18) + 1e-9) + 1)  # before there is a list
    if is_whole:
        return list(range(int(low), int(high) + 1, int(step)))
    return [float(f"{low + i * step:.12g}") for i in range(floor((high - low) / step + 1e-9) + 1)]


def _check_count(name: str, count: int) -> None:
    if not count:
        raise ValueError(f"`{name}` must hold one setting or more; got none.")
    if count > MAX_POINTS:
        raise ValueError(f"`{name}` must span at most {MAX_POINTS:,} settings; got {count:,}. Take larger steps.")


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)


def _is_column(values: Any) -> TypeGuard[np.ndarray]:
    return isinstance(values, np.ndarray) and not isinstance(values, np.ma.MaskedArray) and values.ndim == 1 and values.size > 0


def _pythons(name: str, value: Any) -> float:
    """The number as Python's; of a NumPy float the digits that it shows, 0.1 and not 0.10000000149."""
    number = check_real(name, value)
    if isinstance(value, numbers.Integral):
        return int(value)
    return float(str(value)) if isinstance(value, np.floating) else number


def _finite(name: str, values: Any) -> list[Any]:
    made = list(values) if isinstance(values, range) else values.tolist()
    return [check_real(f"{name}[{i}]", value) for i, value in enumerate(made)]


def _equal(value: Any, other: Any) -> bool:
    if isinstance(value, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(value, other)
    return bool(value == other)


def _labels(values: list[Any]) -> tuple[str, ...]:
    gaps = np.abs(np.diff(np.array(values, float)))
    nearest = np.minimum(np.append(gaps, inf), np.append(inf, gaps))
    return tuple(_label(value, gap) for value, gap in zip(values, nearest.tolist(), strict=True))


def _label(value: float, gap: float) -> str:
    """Write a number as it is if eight digits do, else to within a hundredth of the way to its neighbour."""
    if isinstance(value, int) or float(f"{value:.8g}") == value:
        return str(value) if isinstance(value, int) else f"{value:.8g}"
    texts = (f"{value:.{digits}g}" for digits in range(4, 18))
    return next(text for text in texts if abs(float(text) - value) <= gap / 100)
