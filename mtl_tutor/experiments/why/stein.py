"""Estimate unrelated numbers together: the gain that needs no relation between the tasks."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.hypothesis import Hypothesis, above
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.statistics import Interval
from mtl_tutor.tuning import Setting

CHANGE, FAR = "change of the risk (noise variance)", "one far from nine others"
TEN = "Ten unrelated means are estimated better together, near zero or far from it"
N_MEANS = (2, 3, 10)
SIZES = (0, 1, 9)


def james_stein(y: Float[np.ndarray, "seed task"]) -> Float[np.ndarray, "seed task"]:
    """Shrink unrelated measurements towards zero by a factor that all of them decide together.

    Parameters
    ----------
    y : Float[np.ndarray, "seed task"]
        One measurement per task, with noise of standard deviation 1.

    Returns
    -------
    Float[np.ndarray, "seed task"]
        The estimates, ``(1 - (p - 2)/|y|²) y``, or 0 where that factor is negative; y itself for one or two tasks.

    Notes
    -----
    Source: James & Stein (1961); the positive part is Baranchik's (1964). Departures: none.

    Examples
    --------
    >>> james_stein(np.array([[3.0, 0.0, 4.0]]))
    array([[2.88, 0.  , 3.84]])
    """
    p = y.shape[1]
    return np.maximum(0.0, 1.0 - max(p - 2, 0) / (y**2).sum(axis=1, keepdims=True)) * y


def _means_of_size(n_means: int, mean_square: int) -> str:
    """The condition in which so many means have such a mean square."""
    return f"{n_means} means, mean square {mean_square}"


def smallest_gain(result: Result, hypothesis: Hypothesis) -> Interval:
    """The gain per mean at the size of the means at which it is smallest."""
    gains = [result.mean(-result.values(_means_of_size(10, size), CHANGE)) for size in SIZES]
    return min(gains, key=lambda gain: gain.estimate)


@dataclass(frozen=True)
class Stein(Experiment):
    """Ten unrelated means are estimated better together than apart: in total, not each.

    Attributes
    ----------
    seeds, first_seed, n_jobs
        As in `Experiment`; the seeds are draws of measurements.

    Notes
    -----
    Source: Stein (1956); James & Stein (1961). Departures: none.
    """

    seeds: int = 4000

    name = "stein"
    findings = ("ten",)
    hypotheses = (
        Hypothesis("ten", TEN, "Stein 1956", _means_of_size(10, 9), rule=above(0.01), effect=smallest_gain),
        Hypothesis("each", "... but not each of ten: one that lies far from the others is estimated worse",
                   "ours", FAR, rule=above(0.1), scale="harm"),
    )

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Measure by how much shrinking changes the risk per mean (less than 0: a gain), for each draw."""
        sizes = [(p, size) for p in N_MEANS for size in SIZES]
        found = {_means_of_size(p, size): self.changes(np.full(p, float(size) ** 0.5)).mean(axis=1) for p, size in sizes}
        found[FAR] = self.changes(np.array([5.0] + 9 * [0.0]))[:, 0]
        return {name: {CHANGE: values} for name, values in found.items()}

    def changes(self, means: Float[np.ndarray, "task"]) -> Float[np.ndarray, "seed task"]:
        """Measure each mean once with noise N(0, 1); return what shrinking adds to each squared error."""
        noise = np.array([np.random.default_rng([seed, 0x57]).normal(size=len(means)) for seed in self.seed_range])
        return (james_stein(means + noise) - means) ** 2 - noise**2
