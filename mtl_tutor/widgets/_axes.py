"""Controls of a widget, given by the abbreviations of ``ipywidgets.interact``."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import floor
from typing import Any, Literal, Self

import numpy as np


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
        match values:
            case bool():
                return cls(name, "switch", (False, True), ("off", "on"), int(values if start is None else start))
            case (int() | float(), int() | float()) | (int() | float(), int() | float(), int() | float()) if isinstance(values, tuple):
                return cls._range(name, _steps(*values), start)
            case np.ndarray() if values.ndim == 1 and values.size and values.dtype.kind in "iuf":
                return cls._range(name, values.tolist(), values[0] if start is None else start)
            case Mapping() if values:
                return cls._choice(name, list(values.values()), [str(label) for label in values], start)
            case list() if values:
                return cls._choice(name, values, [str(value) for value in values], start)
        raise TypeError(f"`{name}` must be (low, high[, step]), a list, a dict, an array or a bool; got {values!r}.")

    @classmethod
    def _range(cls, name: str, values: list[Any], start: Any) -> Self:
        nearest = len(values) // 2 if start is None else int(np.argmin(np.abs(np.array(values) - start)))
        return cls(name, "range", tuple(values), tuple(f"{value:.4g}" for value in values), nearest)

    @classmethod
    def _choice(cls, name: str, values: list[Any], labels: list[str], start: Any) -> Self:
        first = next((i for i, value in enumerate(values) if value is start or value == start), 0)
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
    defaults = {name: p.default for name, p in inspect.signature(fn).parameters.items() if p.default is not p.empty}
    return [Axis.read(name, values, defaults.get(name)) for name, values in axes.items()]


def _steps(low: float, high: float, step: float | None = None) -> list[float]:
    if high <= low or (step is not None and step <= 0):
        raise ValueError(f"a range must be (low, high[, step]) with low < high and a positive step; got {(low, high, step)}.")
    if isinstance(low, int) and isinstance(high, int) and (step is None or isinstance(step, int)):
        return list(range(low, high + 1, step or 1))
    step = step or (high - low) / 10
    return [float(f"{low + i * step:.12g}") for i in range(floor((high - low) / step + 1e-9) + 1)]
