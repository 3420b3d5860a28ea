"""When a task avoids what its partner avoids: twenty constructions of the two tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Float
from scipy.stats import rankdata

from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.hypothesis import Hypothesis, Rule, below
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.experiments.why.shared_minimum.shared_minimum import TIDE, SharedMinimum
from mtl_tutor.statistics import Interval, resampled
from mtl_tutor.tuning import Setting

LEFT, LEAN = "log₂ of A's squared weights over C's, T alone", TIDE
TEXT = "The more T alone leaves of A than of C, the less T′ goes to C"
FALLS = Rule("rank correlation less than -0.8", below(-0.8).decide, (-0.8, 0.0))
FACTORS = (1.15, 1.5, 2.0, 2.5, 4.0)
CONSTRUCTIONS = {
    f"{units}, {others}, {factor:g}": (units, others, factor)
    for units, others, factor in product(("ReLU", "tanh"), ("silent", "random"), FACTORS)
}
"""Condition -> units, what T's samples show of C, and the factor on B's inputs."""


def _means(result: Result) -> Float[np.ndarray, "construction 2"]:
    """What T leaves of A over C, and where T' goes: the means over seeds, one row per construction."""
    return np.array([[result.values(name, measure).mean() for measure in (LEFT, LEAN)] for name in CONSTRUCTIONS])


def rank_correlation(result: Result, hypothesis: Hypothesis) -> Interval:
    """Correlate both by their ranks, over the constructions, which are resampled before they are ranked."""
    return resampled(_means(result), lambda rows: np.corrcoef(rankdata(rows, axis=0).T)[0, 1])


@dataclass(frozen=True)
class Tide(Experiment):
    """T' goes where T has left the larger weights: to C if T's are smaller on A than on C, to A otherwise.

    The construction decides the sign of experiment 2 of the shared minimum. For each of 20, T is trained alone, its
    squared weights on A's and on C's inputs are compared, and T' is then trained beside such a T.

    Attributes
    ----------
    seeds, first_seed, n_jobs
        As in `Experiment`; the seeds are nets per construction.

    Notes
    -----
    Source: the question is that of Caruana (1997, §3.2), experiment 2; the answer is ours.
    """

    seeds: int = 100

    name = "tide"
    findings = ("what-t-leaves",)
    hypotheses = (
        Hypothesis("what-t-leaves", TEXT, "ours", "all constructions", rule=FALLS, effect=rank_correlation, measure=LEFT),
    )

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train T alone, and T and T' together, construction by construction."""
        names = self._shown(list(CONSTRUCTIONS), "training", progress)
        return {name: self.measured(*CONSTRUCTIONS[name]) for name in names}

    def measured(self, units: str, others: str, factor: float) -> dict[str, Float[np.ndarray, "seed"]]:
        """Measure what T alone leaves (log2 A over C) and where T' goes (C minus A)."""
        tanh = units == "tanh"
        trial = SharedMinimum(tanh=tanh, init_scale=0.3 if tanh else 0.05, n_jobs=self.n_jobs)
        alone, joint = (
            trial.train(trial.arm(others=others, factor=factor, shared=shared), self.seed_range, trial.n_hidden, 0.05)
            for shared in (False, True)
        )
        squares = (alone.parameters["nets.0.trunk.0.weight"] ** 2).sum(axis=1)  # of T's own net: [seed, input]
        left = np.log2(squares[:, :2].sum(axis=1) / squares[:, 4:].sum(axis=1))
        return {LEFT: left, LEAN: trial.measure(joint)[TIDE]}
