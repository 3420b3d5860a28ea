"""Two losses of two parameters, and the paths of balancing methods down them. Imports no torch.

The arithmetic is in balancing_methods.js and landscape_paths.js, the drawing in landscapes.js.
"""

from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from mtl_tutor.checks import check_named, checked
from mtl_tutor.plots import PALETTE
from mtl_tutor.widgets._hint import with_picture
from mtl_tutor.widgets._landscape_presets import KNOBS, LOSSES, PRESETS, STARTS
from mtl_tutor.widgets._landscape_still import alt, still

_HERE = Path(__file__)
_PARTS = ("widget_tools", "balancing_methods", "landscape_paths", "landscapes")


@cache
def page_spec() -> dict[str, Any]:
    """What the page is told: the controls, the presets, the starts and the colours."""
    presets = [{"name": name, **asdict(one)} for name, one in PRESETS.items()]
    palette = {role: asdict(ink) for role, ink in PALETTE.items()}
    words = {"title": "Landscapes", "alt": alt(), "losses": LOSSES}
    return {**words, "knobs": KNOBS, "presets": presets, "starts": STARTS, "palette": palette}


class Landscapes(anywidget.AnyWidget):
    """Two losses of two parameters, and paths down them; made by :func:`landscapes`.

    Its state stands in the page's address, as ``?landscapes.lr=0.1``; it needs no kernel.

    Parameters
    ----------
    preset : str
        As in :func:`landscapes`.

    Raises
    ------
    ValueError, TypeError
        There is no such preset.

    Attributes
    ----------
    spec : dict
        The controls and presets.
    setting : dict
        What is shown now.
    """

    _esm = "".join(_HERE.with_name(f"{name}.js").read_text(encoding="utf-8") for name in _PARTS)
    _css = "".join(_HERE.with_name(f"{name}.css").read_text(encoding="utf-8") for name in ("playground", "two_gradients", "landscapes"))
    spec = traitlets.Dict().tag(sync=True)
    setting = traitlets.Dict().tag(sync=True)

    @checked
    def __init__(self, preset: str = "concave") -> None:
        check_named("preset", preset, PRESETS)
        super().__init__(spec=page_spec(), setting=dict(PRESETS[preset].setting))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return with_picture(super()._repr_mimebundle_(**kwargs), still())

    def __repr__(self) -> str:
        return f"Landscapes({', '.join(f'{name}={value!r}' for name, value in self.setting.items())})"


@checked
def landscapes(preset: str = "concave") -> Landscapes:
    """Watch a balancing method descend two losses of two parameters, from several starts.

    A built page keeps the setting in its address, and reads it from there.

    Parameters
    ----------
    preset : str
        "concave" (a front that no weighted sum can stop on), "stuck" and "free" (the example of CAGrad), or "crossing" (that
        of PCGrad). The reader may change everything.

    Returns
    -------
    Landscapes
        Displays itself at the end of a cell. `setting` is what the reader chose.

    Raises
    ------
    ValueError, TypeError
        There is no such preset.

    Examples
    --------
    >>> landscapes("stuck")
    Landscapes(landscape='cagrad', method='weighted', weight=0.5, optimizer='adam', lr=0.001, steps=100000)
    """
    return Landscapes(preset)
