"""The playground as a picture, for viewers without scripts: what its first preset has come to at the end."""

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from mtl_tutor.plots import PALETTE
from mtl_tutor.results import Role
from mtl_tutor.widgets._hint import with_hint

FILE = Path(__file__).with_name("playground_still.json")
GRID = 30  # pixels along each side of a map
HIGHEST = 1.15 * 2**0.5  # the answer that has full colour
_ROLES: tuple[tuple[str, Role], ...] = (("A", "main"), ("B", "other"), ("C", "third"))


@cache
def recorded() -> dict[str, Any]:
    """What scripts/playground_still.py trained: the steps and, for each task, its maps, labels, curves and gain."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def _percent(share: float) -> str:
    return f"{round(100 * share):+}%".replace("-", "\N{MINUS SIGN}")


def alt() -> str:
    """The picture in words."""
    gains = [f"{name} {_percent(one['gain'][0])}" for (name, _), one in zip(_ROLES, recorded()["tasks"], strict=True)]
    return (
        "Preset Help, trained: the net that shares draws task B as straight stripes, the single-task net bends them. "
        f"Share of the single-task test error saved, mean of 32 seeds: {', '.join(gains)}."
    )


@cache
def still() -> bytes:
    """The picture as a PNG."""
    fig, found = Figure(figsize=(5.2, 7.2), layout="constrained"), recorded()
    grid = fig.add_gridspec(4, 4, height_ratios=(1, 1, 1, 1.35), width_ratios=(1, 1, 1, 0.9))
    fig.suptitle(f"Preset Help, after {found['steps'][-1]} updates; maps of seed 0", fontsize=11)
    for row, ((name, role), task) in enumerate(zip(_ROLES, found["tasks"], strict=True)):
        for column in range(3):
            _draw_map(fig.add_subplot(grid[row, column]), task, column, role)
        fig.axes[-3].set_ylabel(name, rotation=0, va="center", labelpad=8, fontsize=13, weight="bold", color=PALETTE[role].light)
        _write_gain(fig.add_subplot(grid[row, 3]), task["gain"], role)
    for ax, title in zip(fig.axes, ("task, labels", "sharing", "single-task", "error saved"), strict=False):
        ax.set_title(title, fontsize=10)
    _draw_curves(fig.add_subplot(grid[3, :]), found)
    file = io.BytesIO()
    fig.savefig(file, format="png", dpi=100)
    return with_hint(file.getvalue())


def _draw_map(ax: Axes, task: dict[str, Any], column: int, role: Role) -> None:
    pixels = np.frombuffer(bytes.fromhex(task["maps"][column]), np.uint8).reshape(GRID, GRID)
    colours = LinearSegmentedColormap.from_list(role, ["white", PALETTE[role].light])
    ax.imshow(pixels, cmap=colours, vmin=0, vmax=255, extent=(-1, 1, -1, 1), interpolation="bilinear")
    if column == 0:
        x, y, high = np.transpose(task["labels"])
        ax.scatter(x, y, s=9, c=1 - high, cmap="gray", vmin=0, vmax=1, edgecolors="black", linewidths=0.6)
    ax.set(xticks=[], yticks=[], xlim=(-1, 1), ylim=(-1, 1))


def _write_gain(ax: Axes, gain: list[float], role: Role) -> None:
    ax.axis("off")
    ax.text(0.5, 0.58, _percent(gain[0]), ha="center", fontsize=14, weight="bold", color=PALETTE[role].light)
    ax.text(0.5, 0.36, f"{_percent(gain[1])} to {_percent(gain[2])}", ha="center", fontsize=9.5)


def _draw_curves(ax: Axes, found: dict[str, Any]) -> None:
    for (low, middle, high), role, label in zip(
        found["tasks"][1]["curves"], ("other", "single_task"), ("sharing", "single-task"), strict=True
    ):
        ink = PALETTE[role]
        ax.fill_between(found["steps"], low, high, color=ink.light, alpha=0.2, linewidth=0)
        ax.plot(found["steps"], middle, color=ink.light, linewidth=2, dashes=ink.dash, label=label)
    ax.set_xlim(0, found["steps"][-1])
    ax.set_ylim(bottom=0)
    ax.set_title("B: test error, the middle 80% of 32 seeds", fontsize=10, loc="left")
    ax.set_xlabel("updates")
    ax.legend(frameon=False, fontsize=10)
    ax.spines[["top", "right"]].set_visible(False)
