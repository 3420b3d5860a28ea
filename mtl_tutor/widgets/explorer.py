"""Interactive pictures of a function, in a page with or without a kernel."""

import hashlib
import json
import os
import shutil
import uuid
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, overload

import anywidget
import traitlets

from mtl_tutor.checks import check_named, checked
from mtl_tutor.keys import NoKeyError, key_of
from mtl_tutor.plots import PALETTE
from mtl_tutor.provenance import shipped
from mtl_tutor.widgets._grid import Explored, Grid, manifest_of
from mtl_tutor.widgets._hint import with_hint, with_picture
from mtl_tutor.widgets._recording import MAX_BYTES, Frame, Recording

_PATIENCE = 5.0  # seconds that a live session may spend on recording before the widget opens


class Explorer(anywidget.AnyWidget):
    """Pictures over a grid of settings with their controls; made by :func:`explore`.

    Attributes
    ----------
    spec : dict
        What the pictures share, as JSON.
    data : bytes
        The pictures' own numbers, packed and deflated.
    index : list
        Position of each control; 1.5 is halfway between its second and third value.
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = Path(__file__).with_suffix(".css")
    spec = traitlets.Dict().tag(sync=True)
    data = traitlets.Bytes().tag(sync=True)
    index = traitlets.List().tag(sync=True)

    @checked
    def __init__(self, recording: Recording, ask: Callable[[Sequence[float]], Frame] | None = None) -> None:
        if len(recording.data) > MAX_BYTES:
            raise ValueError(f"`recording` must stay below {MAX_BYTES:,} bytes; it has {len(recording.data):,}. Use fewer settings.")
        self._ask, self._still = ask, recording.still
        palette = {role: asdict(ink) for role, ink in PALETTE.items()}
        start = [axis["start"] for axis in recording.spec["axes"]]
        super().__init__(spec={**recording.spec, "palette": palette}, data=zlib.compress(recording.data, 9), index=start)
        self.on_msg(self._answer)

    def _answer(self, _: Any, message: dict[str, Any], __: Any) -> None:
        if message["kind"] == "ping":
            self.send({"kind": "pong" if self._ask else "recorded"})
        if message["kind"] == "ping" or self._ask is None:
            return
        try:
            frame = self._ask(message["index"])
            buffers = [layer.tobytes() if name == "image" else layer.astype("<f4").tobytes() for name, layer in frame.layers.items()]
            self.send({"kind": "frame", "index": message["index"]}, buffers=buffers)
        except Exception as error:  # the reader is looking at the widget, not at the kernel's log
            self.send({"kind": "error", "text": f"{type(error).__name__}: {error}"})

    def __repr__(self) -> str:
        axes = "".join(f", {axis['name']}: {len(axis['labels'])}" for axis in self.spec["axes"])
        return f"Explorer({self.spec['title']!r}{axes})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return with_picture(super()._repr_mimebundle_(**kwargs), with_hint(self._still))


@overload
def explore(fn: Explored | str | os.PathLike[str], /, *, title: str = ..., alt: str = ..., record: bool | None = ...,
            ylim: tuple[float, float] | None = ..., dots: Collection[str] = ..., **axes: Any) -> Explorer: ...  # fmt: skip
@overload
def explore(fn: None = None, /, *, title: str = ..., alt: str = ..., record: bool | None = ...,
            ylim: tuple[float, float] | None = ..., dots: Collection[str] = ...,
            **axes: Any) -> Callable[[Explored], Explorer]: ...  # fmt: skip
@checked
def explore(
    fn: Explored | str | os.PathLike[str] | None = None,
    /,
    *,
    title: str = "",
    alt: str = "",
    record: bool | None = None,
    ylim: tuple[float, float] | None = None,
    dots: Collection[str] = (),
    **axes: Any,
) -> Explorer | Callable[[Explored], Explorer]:
    """Make a function's arguments controls of its picture.

    The call form is that of :func:`ipywidgets.interact`, as a call or as a decorator. The pictures
    of the whole grid are recorded, so that the widget works in a page without a kernel; with one,
    it also computes settings between the recorded ones.

    Parameters
    ----------
    fn : Explored | str | os.PathLike[str] | None
        A function that returns Curves, Bars, Map, or a matplotlib figure or axes; its defaults are
        the initial values. Or the path of a file that :func:`record` wrote, or the name of one that the
        book ships (``"digits"``): it keeps its own title and controls, and shows the recorded
        settings only, with or without a kernel.
    title : str
        Title: what can be found out here.
    alt : str
        What the picture shows, for those who can't see it; settings and numbers are added.
    record : bool | None
        True records the grid, False computes on demand; None records if the book is being built
        (``MTL_RECORD`` is set) or if it takes less than 5 s.
    ylim : tuple[float, float] | None
        The vertical axis of Curves, the horizontal one of Bars; by default from the lowest to the
        highest value.
    dots : Collection[str]
        Names of Curves whose points are not joined by a line: samples, or nets on their way down.
        With a slider for the step, its Play button sets them in motion.
    axes : Any
        Argument -> ``(low, high[, step])`` or an array of numbers for a slider, a list or dict for a
        choice, a bool for a switch; NumPy's numbers are welcome.

    Returns
    -------
    Explorer | Callable[[Explored], Explorer]
        Displays itself at the end of a cell.

    Raises
    ------
    TypeError
        An axis or what `fn` returns is of another kind.
    ValueError
        No title, no axes, or an argument that `fn` lacks; dots that no line is named after; more than 5,000 settings, more than
        1.5 MB, or pictures that do not fit one grid; no such file or name.

    Examples
    --------
    >>> import numpy as np
    >>> from mtl_tutor.results import Curves
    >>> def line(slope):
    ...     return Curves(np.arange(3.0), {"y": slope * np.arange(3.0)}, xlabel="x", ylabel="y")
    >>> explore(line, title="A line", slope=(0.0, 1.0, 0.1))
    Explorer('A line', slope: 11)
    """
    if isinstance(fn, str | os.PathLike):
        if title or alt or axes or dots or ylim is not None or record is not None:
            raise ValueError("`fn` must be a function if it is given with a title, axes or the like; got a recording, which has its own.")
        return Explorer(Recording.load(_found(fn)))
    if fn is None:
        return lambda fn: explore(fn, title=title, alt=alt, record=record, ylim=ylim, dots=dots, **axes)
    grid = Grid(fn, title, alt, ylim, axes, dots)
    if record is None:
        record = "MTL_RECORD" in os.environ or grid.seconds * len(grid) < _PATIENCE
    return Explorer(grid.recorded() if record else grid.unrecorded(), grid.ask)


@checked
def record(
    fn: Explored,
    path: str | os.PathLike[str],
    *,
    title: str,
    alt: str = "",
    ylim: tuple[float, float] | None = None,
    renew: str = "",
    progress: bool = True,
    **axes: Any,
) -> None:
    """Compute a slow function over its grid once, and save the pictures for ``explore(path)``.

    An interrupted run continues where it stopped, if neither the function nor what it calls was
    changed in between; where that cannot be told, it begins anew. The file records how it was made
    and its checksum; ``explore`` refuses one that is damaged or was recorded by another version.
    The other parameters and the errors are those of :func:`explore`.

    Parameters
    ----------
    path : str | os.PathLike[str]
        Where to write, ending in .npz; an older file stays whole until the new one is complete.
    renew : str
        The command that makes the file again, for the message when it is refused.
    progress : bool
        Show a bar.

    Raises
    ------
    ValueError, TypeError
        A path that is no file, or what :func:`explore` refuses.
    """
    target, manifest = Path(path), manifest_of(fn, axes)
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise ValueError(f"`path` must be a file, or a new one; {os.fspath(target)!r} is a folder, a link or a device.")
    key = hashlib.sha256(json.dumps([manifest, _code(fn)]).encode()).hexdigest()[:12]
    folder = target.with_name(f".{target.stem}-{key}")
    folder.mkdir(parents=True, exist_ok=True)
    recording = Grid(fn, title, alt, ylim, axes).recorded(progress=progress, folder=folder, manifest=manifest)
    recording.save(target, renew=renew or f"record({manifest['function']}, {target.name!r}, ...)")
    shutil.rmtree(folder, ignore_errors=True)


def _code(fn: Callable[..., Any]) -> str:
    """What a function does, as it is in memory; what cannot be told is told apart from everything."""
    try:
        return key_of(fn)
    except NoKeyError:
        return uuid.uuid4().hex


def _found(path: str | os.PathLike[str]) -> Path:
    if not Path(path).suffix:
        known = sorted(file.stem for file in shipped("ledger.json").parent.glob("*.npz"))
        check_named("fn", os.fspath(path), known)
        return shipped(f"{path}.npz")
    if not os.path.isfile(path):  # False, too, for a name too long
        raise ValueError(f"`fn` must be a file that `record` wrote; there is none at {os.fspath(path)!r}.")
    return Path(path)
