"""A harm that is no negative transfer: a joint fit without a penalty where labels are as many as parameters."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments import Experiment, Hypothesis, Result, above, below, on_scale, ratio, within
from mtl_tutor.experiments.experiment import check_least
from mtl_tutor.experiments.result import Measured
from mtl_tutor.experiments.sharing.hard_and_soft.linear_trunk import drawn, fit_alone, fit_together, risk_of_chosen
from mtl_tutor.results import Curves, Role
from mtl_tutor.statistics import Interval
from mtl_tutor.tuning import Setting

N_TASKS, N_SAMPLES = (2, 4, 8, 16), (2, 3, 4, 5, 6, 8, 11, 14, 20, 24, 32)
RIDGES, NO_RIDGE = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0), 0.001
APART, BARE, TUNED = "alone, tuned ridge", "together, no ridge", "together, tuned ridge"
ROLES: Mapping[str, Role] = {APART: "single_task", BARE: "other", TUNED: "main"}


def risk_at(n_tasks: int, n_samples: int) -> str:
    """Name the measure: the excess risk per task for so many related tasks with so many samples each."""
    return f"excess risk, {n_tasks} tasks of {n_samples} samples"


UNRELATED = "excess risk, 8 unrelated tasks of 24 samples"
PARAMETERS = "free parameters of the trunk with its heads, by number of tasks"


def peak_position(result: Result, hypothesis: Hypothesis) -> Interval:
    """Measure at how many labels per parameter, less 1, the risk is highest: geometric mean over numbers of tasks."""
    risks = [result.values(hypothesis.treatment, risk_at(t, n)) for t in N_TASKS for n in N_SAMPLES]
    parameters = result.values(BARE, PARAMETERS)[0]

    def position(logs: np.ndarray) -> float:
        at = logs.mean(axis=0).reshape(len(N_TASKS), -1).argmax(axis=1)
        labels = [t * N_SAMPLES[k] / free for t, free, k in zip(N_TASKS, parameters, at, strict=True)]
        return float(np.exp(np.mean(np.log(labels)))) - 1

    return result.statistic(np.log(np.stack(risks, axis=1)), position)


@on_scale("change")
def worst_ratio(result: Result, hypothesis: Hypothesis) -> Interval:
    """Measure the `ratio` where it is worst, over all numbers of tasks and samples."""
    arms = hypothesis.treatment, hypothesis.reference
    effects = [result.interval(*arms, risk_at(t, n), relative=True) for t in N_TASKS for n in N_SAMPLES]
    return max(effects, key=lambda effect: effect.estimate)


@dataclass(frozen=True)
class InterpolationPeak(Experiment):
    """One trunk for related tasks does harm where labels are as many as parameters; a ridge takes the harm away.

    Linear tasks in a common subspace; the trunk is linear and as narrow as the subspace. It and its heads have
    rank (n_features + tasks - rank) free parameters: as many as there are matrices of that rank.

    Attributes
    ----------
    n_features, rank, noise : int, int, float
        Of `linear_tasks`, with a rank of 1 to `n_features` - 1. As many more samples choose the ridge of every draw,
        pooled over its tasks.

    Notes
    -----
    Source: the peak at interpolation of Belkin, Hsu, Ma & Mandal (2019), there for one task.
    Departures: several tasks; the set-up is ours.
    """

    seeds: int = 48
    n_features: int = 20
    rank: int = 2
    noise: float = 0.5

    name = "interpolation-peak"
    findings = ("peak",)
    smallest = (("rank", 1), ("noise", 0))
    roles = ROLES
    hypotheses = (
        Hypothesis("peak", "Related tasks in one trunk err most where labels are as many as parameters",
                   "ours", BARE, None, within(0.25), peak_position),
        Hypothesis("harm", "There four related tasks err more than twice as much in one trunk as alone",
                   "ours", BARE, APART, above(1.0), ratio, risk_at(4, 11)),
        Hypothesis("past", "... and less with three times the labels",
                   "ours", BARE, APART, below(), ratio, risk_at(4, 32)),
        Hypothesis("ridge", "... or with a ridge that validation chose",
                   "ours", TUNED, APART, below(), ratio, risk_at(4, 11)),
        Hypothesis("nowhere", "... which never costs more than a fifth, for any number of either",
                   "ours", TUNED, APART, below(0.2), worst_ratio),
        Hypothesis("strangers", "Unrelated tasks are harmed with it, too",
                   "ours", TUNED, APART, above(0.05), ratio, UNRELATED),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_least(self, ("n_features", self.rank + 1))

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Fit every draw in every way, for all numbers of tasks and samples."""
        cells = {risk_at(t, n): self.risks(t, n) for t in N_TASKS for n in N_SAMPLES}
        cells[UNRELATED] = self.risks(8, 24, shared=False)
        found = {way: {measure: risks[way] for measure, risks in cells.items()} for way in ROLES}
        found[BARE][PARAMETERS] = np.tile([self.parameters(t) for t in N_TASKS], (self.seeds, 1))
        return found

    def parameters(self, n_tasks: int) -> int:
        """Count the free parameters of a trunk with its heads, which can undo any linear map of the trunk's units."""
        return self.rank * (self.n_features + n_tasks - self.rank)

    def risks(self, n_tasks: int, n_samples: int, *, shared: bool = True) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """Fit every draw of tasks in every way: way -> excess risk per task (no unit)."""
        size = (n_tasks, n_samples, self.n_features, self.rank)
        tables = drawn(size, self.noise, self.seed_range, shared=shared)
        apart = [fit_alone(tables, ridge) for ridge in RIDGES]
        joint = [fit_together(tables, self.rank, ridge) for ridge in (NO_RIDGE, *RIDGES[2:5])]
        return {APART: risk_of_chosen(tables, apart), BARE: tables.risk(joint[0]), TUNED: risk_of_chosen(tables, joint)}


def interpolation_peak_curves(result: Result, n_tasks: int) -> Curves:
    """Draw the risk of every way to fit over the labels per parameter.

    Parameters
    ----------
    result : Result
        What `InterpolationPeak` measured.
    n_tasks : int
        One of 2, 4, 8 and 16.
    """
    lines = {way: [result.interval(way, measure=risk_at(n_tasks, n)) for n in N_SAMPLES] for way in ROLES}
    parameters = result.values(BARE, PARAMETERS)[0, N_TASKS.index(n_tasks)]
    x = np.array(N_SAMPLES) * n_tasks / parameters
    words = {"xlabel": "labels per parameter", "ylabel": "excess risk per task (no unit)"}
    return Curves.of_intervals(x, lines, roles=ROLES, xscale="log", ylim=(0.0, 6.0), **words)
