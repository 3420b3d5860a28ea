"""What separate fits of several linear tasks, and their combinations, lose on fresh samples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._combined_fits import (
    averaged,
    bagged,
    beside_shuffled,
    canonical_shrinkage,
    each_alone,
    least_squares,
    ridge,
    stacked,
)
from mtl_tutor.results import Bars, Claim, Role
from mtl_tutor.statistics import Interval, bootstrap, relative_change
from mtl_tutor.tasks import LinearTasks

RISK = "excess risk per task (no unit)"
ROLES: Mapping[str, Role] = {
    "apart": "single_task",
    "ridge": "fourth",
    "each shrunk": "third",
    "curds and whey": "main",
    "stacked": "other",
    "plain form": "main",
    "shuffled": "control",
    "bagged": "control",
    "averaged": "control",
}
SHOWN = ("apart", "ridge", "each shrunk", "curds and whey", "stacked", "shuffled", "bagged")
Risks = Mapping[str, Float[np.ndarray, "seed"]]


@dataclass(frozen=True, eq=False)
class CurdsAndWheyResult:
    """Excess risks, one per draw of tasks.

    Attributes
    ----------
    risks : world ("related", "unrelated", "common noise") -> way to fit -> risk per draw; guessing 0 has about the rank.
    claims : what was decided.
    """

    risks: Mapping[str, Risks]
    claims: tuple[Claim, ...] = ()

    def interval(self, way: str, less: str | None = None, world: str = "related") -> Interval:
        """Measure one way to fit, or by which share its risk exceeds that of another."""
        risks = self.risks[world]
        return relative_change(risks[way], risks[less]) if less else bootstrap(risks[way])

    def bars(self, world: str = "related", ways: Sequence[str] = SHOWN) -> Bars:
        """Picture the risk of some ways to fit."""
        return Bars({way: self.interval(way, world=world) for way in ways}, ROLES, ylabel=RISK)


def risks_of(tasks: LinearTasks, seed: int) -> dict[str, float]:
    """Fit tasks on the same samples in every way: way -> excess risk per task. The seed decides shuffles and bags."""
    x, y, rng = tasks.x[0], tasks.y.T, np.random.default_rng([seed, 0xC4])
    weights = {
        "apart": least_squares(x, y),
        "ridge": ridge(x, y, tasks.x_validation[0], tasks.y_validation.T),
        "each shrunk": each_alone(canonical_shrinkage, x, y),
        "curds and whey": canonical_shrinkage(x, y),
        "plain form": canonical_shrinkage(x, y, corrected=False),
        "stacked": stacked(x, y),
        "shuffled": beside_shuffled(x, y, rng),
        "bagged": bagged(x, y, rng),
        "averaged": averaged(x, y),
    }
    return {way: tasks.risk(w) for way, w in weights.items()}
