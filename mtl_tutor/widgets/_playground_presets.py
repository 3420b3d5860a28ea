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


_TRIPLE = {"tasks": 3, "samples": 100, "units": 12}
_HINTS = {"pattern": "checkerboard", "tasks": 3, "samples": 200, "labelled": 1.0, "noise": 0.1, "layers": 2, "units": 4, "steps": 500}

PRESETS: dict[str, Preset] = {
    "help": Preset(
        "Help",
        "Three waves run in the same direction, and B has labels on 15 of its 100 samples only. "
        "A and C teach the trunk that direction, so B’s map comes out straight; alone, it is bent by every noisy label.",
        "How much of B’s single-task error does the trunk save: a tenth, almost half, all of it?",
        _TRIPLE | {"labelled": 0.15},
    ),
    "harm": Preset(
        "Harm",
        "Three waves run in three directions, and each task has all of its labels. "
        "The trunk of 16 units has to serve all three: watch the curves of the trunk stay above those of the single-task nets.",
        "Who loses: one of the tasks, two, or all three?",
        _TRIPLE | {"labelled": 1.0, "relatedness": 0.0, "units": 16},
    ),
    "eavesdropping": Preset(
        "Eavesdropping",
        "A is a checkerboard, the product of two stripe patterns; B and C ask for one of these patterns each. "
        "The trunk has what A needs, and with the seeds shown A gains: try a few other first seeds before you believe it.",
        "Does A gain from its two hints? And do the hints gain from A?",
        _HINTS,
    ),
    "narrow trunk": Preset(
        "Narrow trunk",
        "The same three waves as under Harm, but the trunk and each single-task net have three hidden units. "
        "Look at the bars under the units: all heads have to read the same three.",
        "Is the harm smaller than with 16 units, or larger?",
        _TRIPLE | {"labelled": 1.0, "relatedness": 0.0, "units": 3},
    ),
    "units": Preset(
        "Units",
        "B’s labels are written in a unit ten times as fine, so its squared error is a hundred times as large. "
        "The sum of the losses hears B only; then set the weight of B to 0.01 under Training.",
        "What happens to A, whose labels haven’t changed?",
        {"labelled": 1.0, "unit": 10.0},
    ),
    "shuffled labels": Preset(
        "Shuffled labels",
        "This is Help with B’s labels dealt out at random: the same numbers, on the wrong samples. "
        "There is nothing left to learn for B, and the trunk tries all the same.",
        "B can gain nothing now. Do A and C lose?",
        _TRIPLE | {"labelled": 0.15, "shuffled": 1},
    ),
}
