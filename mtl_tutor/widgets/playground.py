"""The playground: two or three tasks, trained in the page with nothing behind it.

The arithmetic is in playground_engine.js, the drawing in playground.js. Imports no torch.
"""

from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from mtl_tutor.checks import checked
from mtl_tutor.plots import PALETTE
from mtl_tutor.widgets._hint import with_picture
from mtl_tutor.widgets._playground_presets import PRESETS
from mtl_tutor.widgets._playground_still import alt, still
from mtl_tutor.widgets.playground_setting import Setting


@cache
def page_spec() -> dict[str, Any]:
    """What the page is told: the controls, the presets, the colours and what its still picture shows."""
    knobs = [{"name": one.name, "start": one.default, **one.metadata} for one in fields(Setting)]
    presets = [{"name": name, **asdict(one)} for name, one in PRESETS.items()]
    words = {"title": "Playground", "alt": alt()}
    return {**words, "knobs": knobs, "presets": presets, "palette": {role: asdict(ink) for role, ink in PALETTE.items()}}


class Playground(anywidget.AnyWidget):
    """Tasks and nets to be set up and trained in the page; made by :func:`playground`.

    Attributes
    ----------
    spec : dict
        The controls and presets.
    setting : dict
        What is shown now.
    """

    _esm = "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("playground_engine.js", "playground.js"))
    _css = Path(__file__).with_suffix(".css")
    spec = traitlets.Dict().tag(sync=True)
    setting = traitlets.Dict().tag(sync=True)

    @checked
    def __init__(self, setting: Setting) -> None:
        super().__init__(spec=page_spec(), setting=asdict(setting))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return with_picture(super()._repr_mimebundle_(**kwargs), still())

    def __repr__(self) -> str:
        return f"Playground({Setting(**self.setting).query!r})"


@checked
def playground(setting: str = "") -> Playground:
    """Train two tasks in the page, and see whether one helps the other.

    A built page keeps the setting in its address, and reads it from there.

    Parameters
    ----------
    setting : str
        The address of a playground, its part after the question mark, or empty for the start.

    Returns
    -------
    Playground
        Displays itself at the end of a cell. `playground.setting` is what the reader chose.

    Examples
    --------
    >>> playground("?play.preset=harm")
    Playground('play.relatedness=0...')
    """
    return Playground(Setting.from_url(setting)[0])
