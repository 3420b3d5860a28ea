"""Pictures over a grid of settings, packed so that they fit into a page."""

import hashlib
import io
import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mtl_tutor.plots import draw_bars, draw_curves, draw_map, roles_of
from mtl_tutor.provenance import check_seal, read_arrays, read_json, seal, write_whole
from mtl_tutor.results import Bars, Curves, Map

MAX_POINTS = 5_000
MAX_BYTES = 1_500_000
_RENEW = "record it again"
_GAP = 65_535  # the code of a number that is missing
Result = Curves | Bars | Map | Figure


@dataclass(frozen=True)
class Frame:
    """A picture in two parts: what it shares with the others of the grid, and its own numbers."""

    shared: dict[str, Any]
    layers: dict[str, np.ndarray]

    def packed(self) -> bytes:
        """The frame as the content of an .npz file, which can be read without running code."""
        file = io.BytesIO()
        np.savez(file, **{"shared": np.frombuffer(json.dumps(self.shared).encode(), np.uint8), **self.layers})  # type: ignore[arg-type]
        return file.getvalue()

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `packed` gave."""
        layers = read_arrays(path, _RENEW)
        return cls(read_json(layers.pop("shared", np.empty(0, np.uint8)).tobytes(), path, _RENEW), layers)


def take_apart(result: Any) -> Frame:
    """Split a result, so that what all pictures share is stored once."""
    match result:
        case Curves():
            return _curves(result)
        case Bars():
            rows = [(b.estimate, b.low, b.high, b.n) for b in result.bars.values()]
            shared = _named(result.bars, result.roles) | _fields(result, "ylabel", "ylim", "reference")
            return Frame({"kind": "bars"} | shared, dict(zip(("estimate", "low", "high", "n"), np.array(rows, float).T, strict=True)))
        case Map():
            marks = np.array(list(result.marks.values()), float).reshape(-1, 2)
            shared = _named(result.kind_names, result.kind_names) | _fields(result, "xlabel", "ylabel", "zlabel", "zlim")
            shared |= {"x": _short(result.x), "y": _short(result.y), "marks": list(result.marks)}
            layers = {"z": result.z, "marks": marks, "paths": result.paths, "points": result.points, "kinds": result.kinds}
            return Frame({"kind": "map"} | shared, layers)
        case Figure():
            return Frame({"kind": "image"}, {"image": _image(result)})
    raise TypeError(f"`fn` must return Curves, Bars, Map or a matplotlib figure; got {type(result).__name__}.")


def still(result: Result, dots: Collection[str] = ()) -> bytes:
    """The picture as a PNG, for viewers of the notebook without widgets."""
    if isinstance(result, Figure):
        return _image(result, "png").tobytes()
    fig = Figure(figsize=(5.6, 3.6), layout="constrained")
    draw: dict[type, Callable[[Any, Axes], Axes]] = {Curves: partial(draw_curves, dots=dots), Bars: draw_bars, Map: draw_map}
    draw[type(result)](result, fig.add_subplot())
    return _image(fig, "png").tobytes()


@dataclass(frozen=True)
class Recording:
    """All pictures of a grid: a JSON description, packed numbers by layer, and a still picture."""

    spec: dict[str, Any]
    layers: dict[str, np.ndarray]
    still: bytes
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, frames: list[Frame], spec: Mapping[str, Any], still: bytes, manifest: Mapping[str, Any] | None = None) -> Self:
        """Pack the frames of a grid, the last axis fastest."""
        shared = frames[0].shared | _limits(frames)
        if any(differs(frame, frames[0]) for frame in frames):
            raise ValueError("`fn` must return the same names, axes and sizes at every setting; it did not. Pad what is shorter with NaN.")
        if shared["kind"] == "image":
            shared["offsets"] = np.cumsum([0] + [len(frame.layers["image"]) for frame in frames]).tolist()
            layers, about = {"image": np.concatenate([frame.layers["image"] for frame in frames])}, []
        else:
            packed = {name: _pack(name, np.stack([frame.layers[name] for frame in frames]), shared) for name in frames[0].layers}
            layers = {name: codes for name, (codes, _) in packed.items()}
            about = [about for _, about in packed.values()]
        return cls({**spec, "recorded": True, "shared": shared, "layers": about}, layers, still, manifest or {})

    @property
    def data(self) -> bytes:
        """The packed layers, one after the other."""
        return b"".join(codes.tobytes() for codes in self.layers.values())

    def save(self, path: str | os.PathLike[str], *, renew: str) -> None:
        """Write one .npz atomically: an older file is replaced as a whole or not at all."""
        file, target = io.BytesIO(), Path(path)
        sealed = seal({**self.manifest, "data": self._checksum()}, renew=renew)
        texts = {"spec": json.dumps(self.spec).encode(), "still": self.still, "manifest": json.dumps(sealed).encode()}
        arrays: dict[str, Any] = {name: np.frombuffer(text, np.uint8) for name, text in texts.items()} | self.layers
        np.savez_compressed(file, **arrays)
        write_whole(target, file.getvalue())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what ``save`` wrote, if it is whole and of this version."""
        arrays = read_arrays(path, _RENEW)
        spec, still, manifest = (arrays.pop(name, np.empty(0, np.uint8)).tobytes() for name in ("spec", "still", "manifest"))
        if not spec or not manifest:
            raise ValueError(f"`path` must be a file that `record` wrote; got {os.fspath(path)!r}, which holds no recording.")
        recording = cls(read_json(spec, path, _RENEW), arrays, still, read_json(manifest, path, _RENEW))
        check_seal({**recording.manifest, "data": recording._checksum()}, path)
        return recording

    def resealed(self, manifest: Mapping[str, Any], words: Mapping[str, str]) -> Self:
        """The same numbers with another manifest and other texts."""
        return type(self)({**self.spec, **words}, self.layers, self.still, manifest)

    def differs_from(self, result: Result, point: int) -> str:
        """Say how a picture differs from the one recorded at a point of the grid; "" if it doesn't.

        A picture of curves or bars may show some of the recorded names only.
        """
        frame, shared = take_apart(result), self.spec["shared"]
        if unknown := set(frame.shared.get("names", ())) - set(shared.get("names", ())):
            return f"{sorted(unknown)} was not recorded"
        if moved := [what for what in ("kind", "x", "xscale") if frame.shared.get(what) != shared.get(what)]:
            return f"{', '.join(moved)} of the picture changed"
        by_name = frame.shared["kind"] in ("curves", "bars")
        rows = [shared["names"].index(name) for name in frame.shared["names"]] if by_name else ...
        if frame.shared["kind"] == "image":
            start, end = shared["offsets"][point : point + 2]
            return "" if np.array_equal(self.layers["image"][start:end], frame.layers["image"]) else "the image is another"
        for about in self.spec["layers"]:
            found = _coded(frame.layers[about["name"]], about)
            if not np.array_equal(self.layers[about["name"]][point][rows], found, equal_nan=found.dtype.kind == "f"):
                return f"{about['name']!r} at point {point} is not what was recorded"
        return ""

    def _checksum(self) -> str:
        return hashlib.sha256(b"".join([json.dumps(self.spec).encode(), self.data, self.still])).hexdigest()


def differs(frame: Frame, other: Frame) -> bool:
    """Whether two pictures cannot share one grid."""
    shapes = [{name: layer.shape for name, layer in f.layers.items() if name != "image"} for f in (frame, other)]
    return shapes[0] != shapes[1] or json.dumps(frame.shared) != json.dumps(other.shared)


def check_size(n_points: int, frame: Frame) -> None:
    """Refuse a grid that is too large for a page, before it is computed."""
    if n_points > MAX_POINTS:
        raise ValueError(f"`axes` must span at most {MAX_POINTS:,} settings; got {n_points:,}. Take larger steps.")
    n_bytes = n_points * sum(2 * layer.size if name != "image" else layer.size for name, layer in frame.layers.items())
    if n_bytes > MAX_BYTES:
        raise ValueError(f"the recording must stay below {MAX_BYTES:,} bytes; it would take {n_bytes:,}. Use fewer settings or numbers.")


def _curves(curves: Curves) -> Frame:
    names = list(curves.y)
    shared = _named(names, curves.roles) | _fields(curves, "xlabel", "ylabel", "xscale", "yscale", "ylim")
    unknown = np.full(np.shape(curves.x), np.nan)
    edges = {"low": curves.low, "high": curves.high} if curves.low else {}
    layers = {"y": curves.y} | edges
    return Frame(
        {"kind": "curves", "x": _short(curves.x)} | shared,
        {layer: np.array([lines.get(name, unknown) for name in names], float) for layer, lines in layers.items()},
    )


def _named(names: Iterable[str], roles: Mapping[str, Any]) -> dict[str, Any]:
    given = roles_of(list(names), roles)
    return {"names": list(given), "roles": list(given.values())}


def _fields(result: Curves | Bars | Map, *names: str) -> dict[str, Any]:
    return {name: getattr(result, name) for name in names}


def _short(values: np.ndarray) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


def _image(fig: Figure, kind: str = "webp") -> np.ndarray:
    file = io.BytesIO()
    options = {"lossless": True, "method": 4} if kind == "webp" else {}
    fig.savefig(file, format=kind, dpi=100, bbox_inches="tight", pil_kwargs=options)
    plt.close(fig)
    return np.frombuffer(file.getvalue(), np.uint8)


def _limits(frames: list[Frame]) -> dict[str, tuple[float, float]]:
    """The range of the vertical axis over the grid, where no result sets one."""
    shared = frames[0].shared
    name = {"curves": "ylim", "bars": "ylim", "map": "zlim"}.get(shared["kind"])
    if name is None or shared[name] is not None:
        return {}
    heights = {"curves": ("y", "low", "high"), "bars": ("low", "high"), "map": ("z",)}[shared["kind"]]
    values = np.concatenate([frame.layers[layer].ravel() for frame in frames for layer in heights if layer in frame.layers])
    values = values[np.isfinite(values) & ((values > 0) | (shared.get("yscale") != "log"))]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    margin = 0.0 if name == "zlim" or shared.get("yscale") == "log" else 0.04 * (high - low)
    return {name: (low - margin, high + margin)}


def _pack(name: str, values: np.ndarray, shared: Mapping[str, Any]) -> tuple[np.ndarray, dict[str, Any]]:
    """Store a layer in 16 bits, or unchanged where that is small or 16 bits would be visible."""
    about: dict[str, Any] = {"name": name, "shape": values.shape[1:]}
    if name == "kinds":
        return values.astype("u1"), about | {"type": "u1"}
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    seen = shared.get("ylim") or (low, high)
    if values.size <= 4096 or shared.get("yscale") == "log" or high - low > 20 * (seen[1] - seen[0]):
        return values.astype("<f4"), about | {"type": "f4"}
    about |= {"type": "u2", "low": low, "high": high}
    return _coded(values, about), about


def _coded(values: np.ndarray, about: Mapping[str, Any]) -> np.ndarray:
    """A layer's numbers as they are stored."""
    if about["type"] != "u2":
        return values.astype({"u1": "u1", "f4": "<f4"}[about["type"]])
    span = (about["high"] - about["low"]) or 1.0
    return np.where(np.isfinite(values), np.rint((values - about["low"]) / span * (_GAP - 1)), _GAP).astype("<u2")
