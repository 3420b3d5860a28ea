"""Units of losses: a loss in a small unit drowns the others, and which methods notice."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import nn

from mtl_tutor.balancing import (
    MGDA,
    DynamicWeightAverage,
    EqualWeighting,
    GradNorm,
    NashMTL,
    PCGrad,
    RandomLossWeighting,
    ScaleInvariantWeighting,
    UncertaintyWeighting,
    UnitNormalised,
    UPGrad,
)
from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.balancing.other_units import InUnits
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below, ratio, within
from mtl_tutor.experiments.trial import Trial
from mtl_tutor.results import History
from mtl_tutor.tasks import TaskData, sine_family

FIRST, SECOND = "error of the first task", "error of the second task"
NAVON, SOURCE = "Navon et al. 2022", "source text 002, §3"
METHODS = {
    "divided": UnitNormalised,
    "logarithms": ScaleInvariantWeighting,
    "Nash-MTL": NashMTL,
    "GradNorm": GradNorm,
    "MGDA": MGDA,
    "PCGrad": PCGrad,
    "UPGrad": UPGrad,
    "uncertainty": UncertaintyWeighting,
    "dynamic average": DynamicWeightAverage,
    "random": RandomLossWeighting,
}


@dataclass(frozen=True)
class LossUnits(Trial):
    """If one task's loss is given in another unit, ten thousand times as many, equal weights give up the other task.

    Two related curves share a narrow trunk. "In other units" means that the second task's loss is multiplied by `unit`
    before a method sees it; errors are reported in the first unit.

    Attributes
    ----------
    unit : float
        The number by which the second loss is multiplied.
    relatedness : float
        The share of the curves that both have.

    Raises
    ------
    ValueError
        A unit that is not positive, a relatedness outside [0, 1], or too few seeds.
    """

    unit: float = 1e4
    relatedness: float = 0.5

    name = "loss-units"
    findings = ("harm", "logarithms", "nash", "gradnorm", "pcgrad", "mgda")
    smallest = (("unit", 1e-6), ("relatedness", 0))
    baseline = "equal"
    control = None
    widths = (8,)
    lrs = (0.03, 0.1, 0.3)
    extensions = 1
    steps = 400
    eval_every = 20
    activation = nn.Tanh
    hypotheses = (
        Hypothesis("harm", "In other units, equal weights err more on the task that now counts less", SOURCE,
                   "equal, other units", "equal", above(0.1), ratio, FIRST, scale="harm"),
        Hypothesis("harm-second", "... and no less on the other", "ours", "equal, other units", "equal", within(0.1), ratio, SECOND),
        Hypothesis("divided", "... and if each loss is divided by a single-task net's, there is no harm", "control",
                   "divided", "equal", within(0.1), ratio, FIRST),
        Hypothesis("logarithms", "In other units, the sum of logarithms does no harm to that task", NAVON,
                   "logarithms", "equal", below(0.1), ratio, FIRST),
        Hypothesis("nash", "In other units, Nash-MTL does no harm to that task", NAVON, "Nash-MTL", "equal", below(0.1), ratio, FIRST),
        Hypothesis("gradnorm", "In other units, GradNorm does no harm to that task", "Chen et al. 2018",
                   "GradNorm", "equal", below(0.1), ratio, FIRST),
        Hypothesis("pcgrad", "In other units, PCGrad errs more on that task, as equal weights do", "ours",
                   "PCGrad", "equal", above(0.1), ratio, FIRST, scale="harm"),
        Hypothesis("upgrad", "... so does UPGrad", "ours", "UPGrad", "equal", above(0.1), ratio, FIRST, scale="harm"),
        Hypothesis("uncertainty", "... so does uncertainty weighting within these steps", "ours",
                   "uncertainty", "equal", above(0.1), ratio, FIRST, scale="harm"),
        Hypothesis("dynamic", "... so do dynamic weight averages", "ours",
                   "dynamic average", "equal", above(0.1), ratio, FIRST, scale="harm"),
        Hypothesis("random", "... so do random weights", "ours", "random", "equal", above(0.1), ratio, FIRST, scale="harm"),
        Hypothesis("mgda", "In other units, MGDA goes too far: it errs more on the task whose loss grew", "ours",
                   "MGDA", "equal", above(0.1), ratio, SECOND, scale="harm"),
    )

    def arms(self) -> Mapping[str, Arm]:
        """Equal weights in equal units; equal weights and each method in other units; single-task nets."""
        data, units = self.data, (1.0, self.unit)
        single = tuple(unit * loss for unit, loss in zip(units, (0.2, 0.2), strict=True))
        methods = {name: kind(single) if kind is UnitNormalised else kind() for name, kind in METHODS.items()}
        arms = {
            "equal": Arm("equal weights, equal units", "main", data),
            "single": Arm("single-task nets", "single_task", data, shared=False),
            "equal, other units": Arm("equal weights", "other", data, method=InUnits(EqualWeighting(), units)),
        }
        return arms | {name: Arm(name, "third", data, method=InUnits(method, units)) for name, method in methods.items()}

    def data(self, seed: int) -> TaskData:
        """Two curves of 64 samples each."""
        return sine_family(n_tasks=2, n_samples=64, relatedness=self.relatedness, seed=seed)

    def measure(self, history: History) -> Mapping[str, np.ndarray]:
        """The error of each task at its best validation step."""
        best = history.best()
        return {FIRST: best[:, 0], SECOND: best[:, 1]}

    def validated(self, history: History) -> np.ndarray:
        """Tune by both tasks alike: the mean of the logarithms of their errors, which knows no units."""
        return np.log(history.best("validation")).mean(1)
