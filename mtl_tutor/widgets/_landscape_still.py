"""The widget of landscapes as a picture, for viewers without scripts: the weighted sum on a concave front."""

import io
from functools import cache

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mtl_tutor.plots import PALETTE
from mtl_tutor.widgets._hint import with_hint
from mtl_tutor.widgets._landscape_presets import LOSSES, PRESETS, STARTS

_ENDS = np.array([1.0, -1.0]) / np.sqrt(2)
_WIDTH = 1.6


def alt() -> str:
    """The picture in words."""
    return (
        "Paths of the weighted sum on two losses with a concave Pareto front: all of them end at one of the two ends of the front, "
        "where one loss is zero and the other almost one."
    )


def losses(points: Float[np.ndarray, "*point 2"]) -> Float[np.ndarray, "*point task"]:
    """Both losses of the concave front."""
    return 1 - np.exp(-((points[..., None, :] - _ENDS[:, None]) ** 2).sum(axis=-1))


@cache
def paths() -> Float[np.ndarray, "step start 2"]:
    """The preset's paths, step by step."""
    setting = PRESETS["concave"].setting
    points = [np.array(STARTS["concave"])]
    for _ in range(setting["steps"]):
        away = points[-1][:, None, :] - _ENDS[:, None]
        slopes = 2 * away * (1 - losses(points[-1]))[..., None]
        points.append(points[-1] - setting["lr"] * slopes.mean(axis=1))
    return np.stack(points)


@cache
def still() -> bytes:
    """The picture as a PNG."""
    fig = Figure(figsize=(7, 3.7), layout="constrained")
    left, right = fig.subplots(1, 2)
    side = np.linspace(-_WIDTH, _WIDTH, 81)
    heights = losses(np.stack(np.meshgrid(side, side), axis=-1))
    for task, role in enumerate(("main", "other")):
        left.contour(side, side, heights[..., task], levels=8, colors=PALETTE[role].light, linewidths=0.8)
    front = np.linspace(_ENDS[1], _ENDS[0], 61)[:, None] * np.ones(2)
    _draw(left, front, paths(), ("first parameter", "second parameter"), "Weighted sum, from six starts")
    _draw(right, losses(front), losses(paths()), LOSSES, "The same paths in the plane of losses")
    file = io.BytesIO()
    fig.savefig(file, format="png", dpi=100)
    return with_hint(file.getvalue())


def _draw(
    ax: Axes, front: Float[np.ndarray, "point 2"], lines: Float[np.ndarray, "step start 2"], labels: tuple[str, str], title: str
) -> None:
    ax.plot(*front.T, color="#BBBBBB", linewidth=6, solid_capstyle="round", zorder=1)
    ax.plot(*np.moveaxis(lines, -1, 0), color="black", linewidth=1.6)
    ax.plot(*lines[0].T, "o", color="white", markeredgecolor="black", markersize=5)
    ax.plot(*lines[-1].T, "o", color="black", markersize=6)
    ax.set_xlabel(labels[0])
    ax.set_ylabel(labels[1])
    ax.set_title(title, fontsize=10, loc="left")
