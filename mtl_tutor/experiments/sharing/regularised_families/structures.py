"""Six penalties and a Gaussian process on seven structures and on none: does each win on its own, and only there?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below, on_scale, ratio, within
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.experiments.sharing.regularised_families.penalised_fits import (
    ALONE,
    GP,
    GP_ALONE,
    WAYS,
    Errors,
    chosen,
    errors_of,
    first_chosen,
)
from mtl_tutor.experiments.sharing.regularised_families.structured_tasks import (
    CURVES,
    GROUPS,
    INPUTS,
    MEAN,
    NOTHING,
    OPPOSITES,
    PARTLY,
    SUBSPACE,
    UNEVEN,
    structured_tasks,
)
from mtl_tutor.results import Bars, Role
from mtl_tutor.statistics import Interval
from mtl_tutor.tasks import TaskData, shuffled_labels
from mtl_tutor.tuning import Setting

RISK = "risk (variance of the labels: 1)"
OWN = {  # structure -> the way to fit that is made for it
    MEAN: "mean",
    INPUTS: "joint features",
    PARTLY: "dirty",
    SUBSPACE: "trace norm",
    GROUPS: "clusters",
    OPPOSITES: "covariance",
    CURVES: GP,
}
SHARING = tuple(OWN.values())
APART = dict.fromkeys(OWN, "ridge") | {INPUTS: "lasso", PARTLY: "lasso", CURVES: GP_ALONE}
_LITTLE = ("ridge", "lasso", "ridge, each", "lasso, each", "joint features", "dirty")
_LINEAR = tuple(way for way in WAYS if way not in (GP, GP_ALONE))  # with 20 inputs, a process is worse than a ridge
FITTED = dict.fromkeys(OWN, _LINEAR) | {CURVES: WAYS, NOTHING: WAYS, UNEVEN: _LITTLE}  # what can decide a claim
MORE = {CURVES: 2, UNEVEN: 3}  # times as many draws, where leads are small
TWINS = {"trace norm": "covariance", "covariance": "trace norm"}
NAIVE = ("least squares", "one fit for all", "mean, no ridge")
Rows = Sequence[Mapping[str, Errors]]
"""For every draw: way to fit -> errors at every setting."""


def change(result: Result, structure: str, way: str, other: str) -> Interval:
    """Measure by which share one way's risk exceeds another's."""
    return result.interval(f"{structure}: {way}", f"{structure}: {other}", relative=True)


def best(result: Result, structure: str, ways: Sequence[str]) -> str:
    """Find the way of the lowest mean risk among those that were fitted."""
    fitted = [way for way in ways if result.has(f"{structure}: {way}")]
    return min(fitted, key=lambda way: result.values(f"{structure}: {way}").mean())


@on_scale("change")
def lead(result: Result, hypothesis: Hypothesis) -> Interval:
    """Compare a structure's own way with the best other that is no twin of it; less than 0: it wins."""
    structure, own = hypothesis.treatment.split(": ")
    rivals = [way for way in WAYS if way not in (own, TWINS.get(own))]
    return change(result, structure, own, best(result, structure, rivals))


def gain(result: Result, structure: str, way: str) -> Interval:
    """Compare the risk of a way with that of the best separate fit."""
    return change(result, structure, way, best(result, structure, ALONE))


def gains(result: Result, pairs: Sequence[tuple[str, str]]) -> list[Interval]:
    """Compare ways on structures with the best separate fit there, in ascending order."""
    return sorted((gain(result, structure, way) for structure, way in pairs), key=lambda effect: effect.estimate)


# Of several effects, the one that speaks most against the claim is reported.


@on_scale("change")
def highest_on_own(result: Result, _: Hypothesis) -> Interval:
    """Take the penalty that gains least on its own structure."""
    return gains(result, [(structure, own) for structure, own in OWN.items() if own != GP])[-1]


@on_scale("change")
def lowest_elsewhere(result: Result, _: Hypothesis) -> Interval:
    """Take the penalty and the structure, not its own, where it gains most."""
    pairs = [(structure, way) for structure in OWN for way in SHARING]
    return gains(result, [(s, way) for s, way in pairs if way not in (OWN[s], TWINS.get(OWN[s]), GP)])[0]


@on_scale("change")
def lowest_unshared(result: Result, _: Hypothesis) -> Interval:
    """Take the way that gains most where nothing is shared."""
    return gains(result, [(NOTHING, way) for way in SHARING])[0]


@on_scale("change")
def highest_unshared(result: Result, _: Hypothesis) -> Interval:
    """Take the penalty that does most harm where nothing is shared."""
    return gains(result, [(NOTHING, way) for way in SHARING if way != GP])[-1]


@on_scale("change")
def largest_of_twins(result: Result, _: Hypothesis) -> Interval:
    """Compare covariance and trace norm on the structure of linear tasks where they differ most."""
    changes = [change(result, structure, "covariance", "trace norm") for structure in OWN if structure != CURVES]
    return max(changes, key=lambda effect: abs(effect.estimate))


@on_scale("change")
def unshared_gain(result: Result, hypothesis: Hypothesis) -> Interval:
    """Compare a way with the best separate fit where nothing is shared."""
    return gain(result, *hypothesis.treatment.split(": "))


@dataclass(frozen=True)
class Structures(Experiment):
    """A penalty wins where the tasks have the structure that it is made for, and elsewhere it does little.

    Nine tasks on the same samples, of nine structures. Every way to fit has strengths (and some have variants) among which
    validation samples choose, for all tasks of a draw at once; ridge and lasso also task by task. The risk is the squared
    error without noise, mean of tasks. Conditions are named by the structure and the way to fit; "first task" is the risk of
    the first task alone, summed over structures.

    Attributes
    ----------
    seeds, first_seed
        As in `Experiment`: draws of tasks; two or three times as many where leads are small.
    n_tasks, n_samples, n_features : int
        Of the tasks; as many samples more for validation.
    noise : float
        Standard deviation of the labels' noise; labels without noise have variance 1.

    Raises
    ------
    ValueError
        Too few seeds, fewer than 3 tasks, 4 samples, inputs than tasks, or no noise.

    Notes
    -----
    Source: the papers of the claims, for which structure a penalty suits: the l2,1 norm as in Obozinski et al. (2010), the
    trace norm as in Srebro et al. (2004, for one table) and Amit et al. (2007, for many classes), the process as in Bonilla et
    al. (NIPS 2007, printed in 2008). Departures: all of the structures' data are ours.
    """

    seeds: int = 64
    n_tasks: int = 9
    n_samples: int = 30
    n_features: int = 20
    noise: float = 1.0

    name = "structures"
    findings = ("alone", "nothing")
    smallest = (("n_tasks", 3), ("n_samples", 4), ("noise", 1e-9))
    hypotheses = (
        Hypothesis("mean", "Tasks near one mean are learned best tied to it", "after Evgeniou and Pontil 2004",
                   f"{MEAN}: mean", rule=below(), effect=lead),
        Hypothesis("inputs", "... tasks that use the same inputs, by joint features", "after Obozinski et al. 2010",
                   f"{INPUTS}: joint features", rule=below(), effect=lead),
        Hypothesis("partly", "... tasks that share half of their inputs, by the dirty model", "after Jalali et al. 2010",
                   f"{PARTLY}: dirty", rule=below(), effect=lead),
        Hypothesis("uneven", "... by a twentieth also where weights aren't all of one size", "ours",
                   f"{UNEVEN}: dirty", rule=below(-0.05), effect=lead),
        Hypothesis("subspace", "... tasks in one subspace, by the trace norm or its twin", "after Srebro et al. 2004; Amit et al. 2007",
                   f"{SUBSPACE}: trace norm", rule=below(), effect=lead),
        Hypothesis("groups", "... tasks in groups, by clusters", "after Jacob et al. 2008",
                   f"{GROUPS}: clusters", rule=below(), effect=lead),
        Hypothesis("opposites", "... groups and their opposites, by the covariance or its twin", "after Zhang and Yeung 2010",
                   f"{OPPOSITES}: covariance", rule=below(), effect=lead),
        Hypothesis("curves", "... mixtures of curves, by the Gaussian process", "after Bonilla et al. 2007",
                   f"{CURVES}: {GP}", rule=below(), effect=lead),
        Hypothesis("alone", "Each penalty gains a tenth over the best fit alone, on its own structure", "ours",
                   "own", "alone", below(-0.1), highest_on_own),
        Hypothesis("only", "... and nothing elsewhere", "ours", "elsewhere", "alone", above(-0.05), lowest_elsewhere),
        Hypothesis("true", "One task gains a tenth beside true ones", "ours",
                   "first task: beside true", "first task: apart", below(-0.1), ratio),
        Hypothesis("shuffled", "... and nothing beside shuffled ones", "control",
                   "first task: beside shuffled", "first task: apart", above(-0.02), ratio),
        Hypothesis("twins", "Trace norm and covariance are twins: their risks differ by less than 5%", "ours",
                   "covariance", "trace norm", within(0.05), largest_of_twins),
        Hypothesis("nothing", "Where nothing is shared, nothing is gained", "ours",
                   "the best", "alone", above(-0.02), lowest_unshared),
        Hypothesis("harm", "... and no penalty does more harm than a fifth", "ours",
                   "the worst", "alone", below(0.2), highest_unshared),
        Hypothesis("harm-GP", "... nor a Gaussian process for all, against one for each", "ours",
                   f"{NOTHING}: {GP}", f"{NOTHING}: {GP_ALONE}", below(0.1), ratio),
        Hypothesis("no-ridge", "... save a tie to the mean that has no ridge", "ours",
                   f"{NOTHING}: mean, no ridge", rule=above(0.1), effect=unshared_gain),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_features < self.n_tasks:
            raise ValueError(f"`n_features` must be at least `n_tasks`, {self.n_tasks}; got {self.n_features}.")

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Draw tasks of every structure, and fit them in every way that can decide a claim."""
        rows = {name: self.rows(name, FITTED[name]) for name in self._shown(list(FITTED), "fitting", progress)}
        risks = {f"{name}: {way}": risk for name in rows for way, risk in risks_of(rows[name], FITTED[name]).items()}
        firsts = {"beside true": first_risks(rows, OWN, self.seeds), "apart": first_risks(rows, APART, self.seeds)}
        firsts["beside shuffled"] = first_risks({name: self.rows_beside_shuffled(name) for name in OWN}, OWN, self.seeds)
        return {name: {RISK: risk} for name, risk in (risks | {f"first task: {k}": v for k, v in firsts.items()}).items()}

    def rows(self, structure: str, ways: Sequence[str] = WAYS) -> Rows:
        """Fit every draw of one structure."""
        n_draws = self.seeds * MORE.get(structure, 1)
        return [errors_of(ways, self.draw(structure, seed)) for seed in range(self.first_seed, self.first_seed + n_draws)]

    def rows_beside_shuffled(self, structure: str) -> Rows:
        """Fit every draw of one structure by its own way, the labels of all tasks but the first shuffled."""
        others = range(1, self.n_tasks)
        draws = [shuffled_labels(self.draw(structure, seed), others, seed=seed) for seed in self.seed_range.tolist()]
        return [errors_of([OWN[structure]], draw) for draw in draws]

    def draw(self, structure: str, seed: int) -> TaskData:
        """Draw the tasks of one structure."""
        return structured_tasks(self.n_tasks, self.n_samples, self.n_features, self.noise)[structure](seed)


def risks_of(rows: Rows, ways: Sequence[str]) -> dict[str, np.ndarray]:
    """Choose settings by validation: way -> risk of every draw."""
    return {way: np.array([chosen(way, errors) for errors in rows]) for way in ways}


def first_risks(rows: Mapping[str, Rows], ways: Mapping[str, str], n_seeds: int) -> np.ndarray:
    """Sum the first task's risk over structures, each fitted in its way, draw by draw."""
    return np.sum([[first_chosen(way, errors) for errors in rows[name][:n_seeds]] for name, way in ways.items()], axis=0)


@recorded(
    "families",
    title="Which penalty suits which structure?",
    alt="On every structure its own penalty has the lowest risk; where nothing is shared, none beats a ridge for each task.",
    structure=[MEAN, INPUTS, PARTLY, SUBSPACE, GROUPS, OPPOSITES, CURVES, NOTHING],
)
def structures_bars(structure: str = "groups", samples: int = 30, noise: float = 1.0, *, n_seeds: int = 64) -> Bars:
    """Measure every way to fit on one structure; least squares lie far off and are left out.

    Parameters
    ----------
    structure : str
        What the tasks share; see `structured_tasks`.
    samples : int
        Training samples, of 20 inputs for 9 tasks.
    noise : float
        Standard deviation of the labels' noise (labels alone: 1).
    n_seeds : int
        Draws of tasks, from seed 2000 on; the bar is the 95% interval of their mean.
    """
    ways = [way for way in WAYS if way != "least squares"]
    risks = risks_of(Structures(n_seeds, 2000, n_samples=samples, noise=noise).rows(structure, ways), ways)
    roles: dict[str, Role] = {way: "main" if way in SHARING else "control" if way in NAIVE else "single_task" for way in ways}
    return Result({way: {RISK: risk} for way, risk in risks.items()}, roles=roles).bars(ylim=(0.0, 1.4))
