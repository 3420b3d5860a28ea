"""What may be set in the widget of landscapes, and its presets, each with a lesson."""

from dataclasses import dataclass
from typing import Any

LOSSES = ("first loss", "second loss")

LANDSCAPES = {"cagrad": "valleys and bowls", "pcgrad": "crossing valleys", "concave": "concave front"}

METHODS = {
    "weighted": "weighted sum",
    "chebyshev": "smooth Chebyshev",
    "pcgrad": "PCGrad",
    "mgda": "MGDA",
    "cagrad": "CAGrad",
    "imtl_g": "IMTL-G",
    "nash": "Nash-MTL",
    "aligned": "Aligned-MTL",
    "upgrad": "UPGrad",
    "fairgrad": "FairGrad",
    "config": "ConFIG",
}

STARTS: dict[str, list[tuple[float, float]]] = {
    "cagrad": [(-8.5, 7.5), (-8.5, -5.0), (9.0, 9.0)],
    "pcgrad": [(0.5, -3.0), (3.0, 2.0), (-6.0, 6.0)],
    "concave": [(-1.2, 1.0), (-0.3, 0.5), (0.1, 0.15), (0.5, -0.55), (1.1, -0.9), (-0.5, -1.2)],
}


@dataclass(frozen=True)
class Preset:
    """A setting with a lesson.

    Attributes
    ----------
    title : str
        What its button says.
    look : str
        What to look for.
    bet : str
        A question to answer by playing.
    setting : dict
        All that may be set.
    """

    title: str
    look: str
    bet: str
    setting: dict[str, Any]


def _setting(landscape: str, method: str, optimizer: str, lr: float, steps: int, weight: float = 0.5) -> dict[str, Any]:
    return {"landscape": landscape, "method": method, "weight": weight, "optimizer": optimizer, "lr": lr, "steps": steps}


PRESETS: dict[str, Preset] = {
    "concave": Preset(
        "Concave front",
        "The best compromises form a curve that bulges away from the origin. "
        "The weighted sum with equal weights slides along it, and every path ends at an end of the front: one task wins, the other loses.",
        "Is there a weight that stops between the ends? And what do MGDA and smooth Chebyshev do?",
        _setting("concave", "weighted", "sgd", 0.1, 1000),
    ),
    "stuck": Preset(
        "The stuck sum",
        "This picture made CAGrad known: its paper’s starts, optimiser and learning rate. Two of three paths of the sum get stuck "
        "where two steep valleys meet, and never reach the Pareto set below.",
        "Set the learning rate to 0.1: does the sum still get stuck?",
        _setting("cagrad", "weighted", "adam", 0.001, 100_000),
    ),
    "free": Preset(
        "CAGrad, not stuck",
        "The same starts and the same small learning rate as before. CAGrad leaves the valleys and walks to the middle of the Pareto set.",
        "Where on the Pareto set do MGDA, PCGrad and Nash-MTL come to rest? Does it depend on the start?",
        _setting("cagrad", "cagrad", "adam", 0.001, 100_000),
    ),
    "crossing": Preset(
        "Crossing valleys",
        "PCGrad’s own example: the losses have steep valleys, and both are low only far up, where the first parameter is −2. "
        "The paper starts at (0.5, −3); the two other starts are ours.",
        "From which starts does the weighted sum get there as well?",
        _setting("pcgrad", "pcgrad", "adam", 0.003, 300_000),
    ),
}

KNOBS: list[dict[str, Any]] = [
    {"name": "landscape", "label": "landscape", "values": [*LANDSCAPES], "words": LANDSCAPES},
    {"name": "method", "label": "method", "values": [*METHODS], "words": METHODS},
    {
        "name": "weight",
        "label": "weight of first",
        "values": [round(0.05 * i, 2) for i in range(21)],
        "when": ["method", ["weighted", "chebyshev"]],
    },
    {"name": "optimizer", "label": "optimiser", "values": ["sgd", "adam"], "words": {"sgd": "SGD", "adam": "Adam"}},
    {"name": "lr", "label": "learning rate", "values": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3]},
    {"name": "steps", "label": "steps", "values": [200, 1000, 3000, 10_000, 30_000, 100_000, 300_000]},
]
