"""The atlas as an interactive map. Imports no torch."""

import io
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mtl_tutor.checks import checked
from mtl_tutor.plots import PALETTE
from mtl_tutor.results.atlas import MARGIN, Atlas, AtlasRow, mark_of
from mtl_tutor.results.atlas_advice import DEPTHS, INPUTS, REASONS, RELATED, SAMPLES, TASKS, Advice, all_advice
from mtl_tutor.statistics import Interval
from mtl_tutor.widgets._hint import with_picture

GROUPS = {"related": "related", "half": "half", "unrelated": "unrelated", "real": "real", "sum": "sums"}
HEADING = "Who gains, and who does harm?"
ALT = "Most architectures gain if the tasks are related, and do harm if they are not."
_WORDS: Mapping[str, tuple[str, tuple[object, ...], tuple[str, ...], int]] = {
    "tasks": ("number of tasks", TASKS, ("2", "6", "20"), 1),
    "inputs": ("samples", INPUTS, ("the same for all tasks", "each task its own"), 0),
    "samples": ("how many", SAMPLES, ("20", "60", "600"), 1),
    "related": ("related?", tuple(RELATED), ("don't know", "yes", "half", "no"), 0),
    "depth": ("hidden layers", DEPTHS, ("1", "3"), 0),
}


class AtlasMap(anywidget.AnyWidget):
    """A sortable heat map of architectures by cases, with suggestions for a reader's case.

    Its state stands in the page's address, as ``?atlas.tasks=20``; it needs no kernel. It can be saved as a picture.

    Attributes
    ----------
    spec : dict
        All that it shows, as JSON.
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("explorer.css", "atlas.css"))
    spec = traitlets.Dict().tag(sync=True)

    @checked
    def __init__(self, atlas: Atlas) -> None:
        self._still = _still(atlas)
        super().__init__(spec=spec_of(atlas))

    def __repr__(self) -> str:
        return f"AtlasMap({len(self.spec['rows'])} architectures, {len(self.spec['columns'])} cases)"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return with_picture(super()._repr_mimebundle_(**kwargs), self._still)


def spec_of(atlas: Atlas) -> dict[str, Any]:
    """All that the widget shows, as JSON."""
    keys = columns_of(atlas)
    place = {key: column for column, key in enumerate(keys)}
    columns = [{"key": key} | {part: getattr(atlas.cases[key], part) for part in ("short", "label", "group")} for key in keys]
    rows = [{"name": name, "href": atlas.rows[name].section, **_row(atlas.rows[name], keys)} for name in atlas.ranked()]
    chosen = {"cells": [_ends(atlas.choices[key].chosen) for key in keys], "regrets": [_ends(atlas.choices[key].regret) for key in keys]}
    selectors = [
        {"name": name, "label": label, "values": list(map(str, values)), "words": words, "start": start}
        for name, (label, values, words, start) in _WORDS.items()
    ]
    present = {column["group"] for column in columns} | {"sum"}
    return {
        "title": "Atlas",
        "heading": HEADING,
        "alt": ALT,
        "margin": MARGIN,
        "palette": {role: asdict(ink) for role, ink in PALETTE.items()},
        "groups": [{"key": key, "label": label} for key, label in GROUPS.items() if key in present],
        "columns": columns,
        "rows": rows,
        "wide": {"name": "single-task, wide", **_row(atlas.wide, keys)},
        "chosen": {"name": "by validation", **chosen},
        "selectors": selectors,
        "reasons": list(REASONS.values()),
        "advice": {key: _advice(one, atlas, place) for key, one in all_advice(atlas).items()},
    }


def columns_of(atlas: Atlas) -> list[str]:
    """Keys of the cases in the order of the map's columns: by group, then by what differs from six tasks with the same samples."""
    groups = list(GROUPS)

    def order(key: str) -> tuple[Any, ...]:
        case = atlas.cases[key]
        return groups.index(case.group), case.depth, case.own_inputs, case.n_tasks != 6, case.n_samples, case.n_tasks, case.capacity

    return sorted(atlas.cases, key=order)


def _row(row: AtlasRow, keys: list[str]) -> dict[str, Any]:
    worst, lowest = row.worst
    counts = {"gains": len(row.cases("gain")), "harms": len(row.cases("harm"))}
    sums = {"mean": round(row.mean, 1), "worst": [worst, round(lowest, 1)]}
    return {**counts, **sums, "cost": [round(part) for part in row.cost], "cells": [_ends(row.gains[key]) for key in keys]}


def _ends(gain: Interval) -> list[float]:
    return [round(end, 1) for end in (gain.estimate, gain.low, gain.high)]


def _advice(advice: Advice, atlas: Atlas, place: Mapping[str, int]) -> dict[str, Any]:
    """As lists of numbers and names, which take less room in a page."""
    reasons = [list(REASONS).index(atlas.rows[one.name].family if one.name in atlas.rows else "") for one in advice.top]
    numbers = [(round(one.gain, 1), one.harms, one.of, round(one.worst, 1)) for one in advice.top]
    top = [[one.name, *row, reason] for one, row, reason in zip(advice.top, numbers, reasons, strict=True)]
    return {"note": advice.note, "nearest": [place[key] for key in advice.nearest], "top": top}


def _still(atlas: Atlas) -> bytes:
    """The map as a PNG, for viewers of the notebook without widgets."""
    keys, names = columns_of(atlas), atlas.ranked()
    fig = Figure(figsize=(7.2, 0.22 * len(names) + 1.4), layout="constrained")
    ax = fig.add_subplot()
    for r, name in enumerate(names):
        for c, key in enumerate(keys):
            _draw_cell(ax, r, c, atlas.rows[name].gains[key])
    headings = [f"{atlas.cases[key].group}, {atlas.cases[key].short}" for key in keys]
    ax.set(xlim=(0, len(keys)), ylim=(len(names), 0), title="% of the single-task nets' error saved")
    ax.set_xticks([c + 0.5 for c in range(len(keys))], headings, rotation=90, fontsize=6)
    ax.set_yticks([r + 0.5 for r in range(len(names))], names, fontsize=7)
    ax.tick_params(length=0)
    file = io.BytesIO()
    fig.savefig(file, format="png", dpi=110)
    return file.getvalue()


def _draw_cell(ax: Axes, row: int, column: int, gain: Interval) -> None:
    colour = PALETTE["other" if gain.estimate < 0 else "main"].light
    strength = 0.05 + 0.55 * min(abs(gain.estimate) / 60, 1)
    ax.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, alpha=strength, linewidth=0))
    text, weight = f"{round(gain.estimate)}".replace("-", "\N{MINUS SIGN}"), "normal" if mark_of(gain) == "unclear" else "bold"
    ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=6, weight=weight)
