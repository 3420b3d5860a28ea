"""The widget of two gradients as a picture, for viewers without scripts: its first preset."""

import io
import math
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from mtl_tutor.plots import PALETTE
from mtl_tutor.results import Role
from mtl_tutor.widgets._arrow_presets import METHODS, PRESETS
from mtl_tutor.widgets._hint import with_hint

DIRECTIONS = {"sum": (1.7336, 1.4507), "pcgrad": (1.3456, 2.5123), "mgda": (0.024, 0.7522), "cagrad": (0.4672, 1.125)}
"""Method -> what the page draws for the first preset; a test compares them."""

_ROLES: tuple[tuple[str, Role], ...] = (("A", "main"), ("B", "other"))
_HALF = 3.5


def alt() -> str:
    """The picture in words."""
    return (
        "Two gradients A and B at an angle of 120 degrees. The sum lies outside the cone in which no task loses: the loss of B rises. "
        "PCGrad, MGDA and CAGrad lie inside the cone."
    )


@cache
def still() -> bytes:
    """The picture as a PNG."""
    fig = Figure(figsize=(4.6, 3.3), layout="constrained")
    ax = fig.add_subplot()
    preset = PRESETS["conflict"]
    edges = np.radians([preset.tasks[1][1] - 90, preset.tasks[0][1] + 90])
    corners = 2 * _HALF * np.array([[0.0, 0.0], *([math.cos(edge), math.sin(edge)] for edge in edges)])
    ax.fill(*corners.T, color="#000000", alpha=0.09, linewidth=0)
    ax.text(0.75, 3.1, "no task loses", color="#444444", ha="center")
    for (name, role), (length, angle) in zip(_ROLES, preset.tasks, strict=True):
        tip = length * np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
        ax.quiver(0, 0, *tip, angles="xy", scale_units="xy", scale=1, width=0.013, color=PALETTE[role].light)
        x, y = (1.12 * tip).tolist()
        ax.text(x, y, name, color=PALETTE[role].light, weight="bold", fontsize=13, ha="center", va="center")
    for name, tip in DIRECTIONS.items():
        ax.quiver(0, 0, *tip, angles="xy", scale_units="xy", scale=1, width=0.006, color="black")
        left = name == "mgda"
        ax.text(tip[0] + (-0.08 if left else 0.1), tip[1] + 0.1, METHODS[name][0], weight="bold", ha="right" if left else "left")
    ax.set(xlim=(-_HALF, _HALF), ylim=(-0.8, _HALF), aspect="equal", xticks=[], yticks=[])
    ax.set_title("Preset Conflict: gradients, and what methods make of them", fontsize=10, loc="left")
    file = io.BytesIO()
    fig.savefig(file, format="png", dpi=100)
    return with_hint(file.getvalue())
