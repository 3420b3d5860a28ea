"""The playground's presets, one per lesson."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Preset:
    """A setting with a lesson.

    Attributes
    ----------
    title : str
        What its button says.
    look : str
        Two sentences: what to look for.
    bet : str
        A question to answer before pressing Play.
    setting : dict
        What differs from the start.
    """

    title: str
    look: str
    bet: str
    setting: Mapping[str, Any]


PRESETS: dict[str, Preset] = {
    "help": Preset("help", "", "", {}),
    "harm": Preset("harm", "", "", {"relatedness": 0.0}),
}
