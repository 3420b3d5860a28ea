"""Task gradients as arrows to be dragged, and the direction that each method makes of them. Imports no torch.

The methods are in balancing_methods.js, the drawing is in two_gradients.js.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from mtl_tutor.checks import check_named, checked
from mtl_tutor.plots import PALETTE
from mtl_tutor.widgets._arrow_presets import METHODS, PRESETS
from mtl_tutor.widgets._arrow_still import alt, still
from mtl_tutor.widgets._hint import with_picture

LONGEST = 3.0
SHOWN = ("sum", "pcgrad", "mgda", "cagrad")
_HERE = Path(__file__)


def tasks_of(gradients: Sequence[tuple[float, float]]) -> list[dict[str, float]]:
    """Length and angle of each gradient, by name."""
    return [{"length": length, "angle": angle} for length, angle in gradients]


@cache
def page_spec() -> dict[str, Any]:
    """What the page is told: the presets, the methods and their sentences, and the colours."""
    presets = [{"name": name, **asdict(one), "tasks": tasks_of(one.tasks)} for name, one in PRESETS.items()]
    methods = [{"name": name, "label": label, "says": says} for name, (label, says) in METHODS.items()]
    palette = {role: asdict(ink) for role, ink in PALETTE.items()}
    words = {"title": "Two gradients", "alt": alt(), "show": SHOWN, "third": tasks_of(PRESETS["three"].tasks)[2]}
    return {**words, "presets": presets, "methods": methods, "palette": palette}


class TwoGradients(anywidget.AnyWidget):
    """Gradients of two or three tasks, to be dragged in the page; made by :func:`two_gradients`.

    Its state stands in the page's address, as ``?two-gradients.a=2.5+30``; it needs no kernel.

    Parameters
    ----------
    gradients, methods
        As in :func:`two_gradients`.

    Raises
    ------
    ValueError, TypeError
        As there.

    Attributes
    ----------
    spec : dict
        The presets and methods.
    setting : dict
        What is shown now: `tasks` (length and angle in degrees), `show`, `size` and `light`.
    """

    _esm = "".join(
        _HERE.with_name(f"{name}.js").read_text(encoding="utf-8") for name in ("widget_tools", "balancing_methods", "two_gradients")
    )
    _css = "".join(_HERE.with_name(f"{name}.css").read_text(encoding="utf-8") for name in ("playground", "two_gradients"))
    spec = traitlets.Dict().tag(sync=True)
    setting = traitlets.Dict().tag(sync=True)

    @checked
    def __init__(self, gradients: str | Sequence[Sequence[float]] = "conflict", methods: Sequence[str] = SHOWN) -> None:
        for method in methods:
            check_named("methods", method, METHODS)
        if isinstance(gradients, str):
            check_named("gradients", gradients, PRESETS)
        tasks = tasks_of(PRESETS[gradients].tasks) if isinstance(gradients, str) else _polar(gradients)
        setting = {"tasks": tasks, "show": [name for name in METHODS if name in methods], "size": "own", "light": ""}
        super().__init__(spec=page_spec(), setting=setting)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return with_picture(super()._repr_mimebundle_(**kwargs), still())

    def __repr__(self) -> str:
        tasks = ", ".join(f"{one['length']:g} at {one['angle']:g}°" for one in self.setting["tasks"])
        return f"TwoGradients({tasks}; {', '.join(self.setting['show'])})"


@checked
def two_gradients(gradients: str | Sequence[Sequence[float]] = "conflict", methods: Sequence[str] = SHOWN) -> TwoGradients:
    """Drag the gradients of two or three tasks, and see the direction that each balancing method makes of them.

    A built page keeps the setting in its address, and reads it from there.

    Parameters
    ----------
    gradients : str or sequence of pairs
        The name of a preset ("conflict", "agree", "opposite", "one long", "one vanishes", "three"), or two or three
        gradients [x, y] of length 3 at most.
    methods : sequence of str
        What is shown at the start: "sum", "pcgrad", "mgda", "cagrad", "imtl_g", "nash", "aligned", "upgrad", "fairgrad",
        "config". The reader may choose others.

    Returns
    -------
    TwoGradients
        Displays itself at the end of a cell. `setting` is what the reader chose.

    Raises
    ------
    ValueError, TypeError
        There is no such preset or method, or the gradients aren't two or three pairs of numbers, at most 3 long.

    Examples
    --------
    >>> two_gradients([[2.0, 0.0], [-1.0, 1.0]], methods=["sum", "mgda"])
    TwoGradients(2 at 0°, 1.41 at 135°; sum, mgda)
    """
    return TwoGradients(gradients, methods)


def _polar(gradients: Sequence[Sequence[float]]) -> list[dict[str, float]]:
    """Length and angle of each gradient, as the page rounds them."""
    pairs = [tuple(one) for one in gradients]
    if len(pairs) not in (2, 3) or any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"`gradients` must be two or three pairs [x, y]; got {len(pairs)} of lengths {[len(one) for one in pairs]}.")
    if (longest := max(math.hypot(*pair) for pair in pairs)) > LONGEST:
        raise ValueError(f"`gradients` must be at most {LONGEST:g} long to fit the picture; got {longest:.3g}. Scale all of them alike.")
    return tasks_of([(round(math.hypot(x, y), 2), round(math.degrees(math.atan2(y, x)), 1)) for x, y in pairs])
