"""Many linear tasks with few samples each: when do parameters shared between them gain statistical strength?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import joblib
import numpy as np
from jaxtyping import Float
from tqdm import tqdm

from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, Rule, above, below, within
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.experiments.why.as_regularisation.subspace_fits import fit_all
from mtl_tutor.results import Curves, Role
from mtl_tutor.statistics import Interval, bootstrap
from mtl_tutor.tasks import linear_tasks
from mtl_tutor.tuning import Setting

N_TASKS = (1, 3, 10, 30, 100, 300)
RISK = "excess risk per task (no unit)"
TEXTBOOK, BAXTER = "Goodfellow et al. 2016 §7.7", "Baxter 2000, Theorem 8"
ALONE, TRUE = "alone, ridge", "true subspace"
HARD, PENALISED, SOFT = "joint, no penalty", "joint, penalised", "joint, soft"
ROLES: Mapping[str, Role] = {
    ALONE: "single_task",
    HARD: "other",
    PENALISED: "third",
    SOFT: "main",
    "alone, least squares": "fourth",
    TRUE: "control",
}
Risks = Mapping[str, Float[np.ndarray, "seed point"]]


def _risk_of(n_tasks: int, shared: bool = True) -> str:
    """The measure of so many tasks, which share a subspace or nothing."""
    return f"risk of {n_tasks} tasks" + ("" if shared else " that share nothing")


FEW, MANY, FAKE = _risk_of(3), _risk_of(300), _risk_of(100, shared=False)
MORE, LESS = above(0.1), below(0.05)
LIKE_1 = Rule("a power of the tasks within 0.25 of -1", within(0.25, -1.0).decide, (-1.25, -0.75))


def _worst_number(result: Result, hypothesis: Hypothesis) -> str:
    """The measure, of all numbers of tasks that share a subspace, with the largest difference."""
    harms = {m: result.interval(hypothesis.treatment, hypothesis.reference, m).estimate for m in map(_risk_of, N_TASKS)}
    return max(harms, key=harms.__getitem__)


def largest_harm(result: Result, hypothesis: Hypothesis) -> Interval:
    """The difference at the number of tasks at which it is largest."""
    return result.interval(hypothesis.treatment, hypothesis.reference, _worst_number(result, hypothesis))


def _above_the_floor(result: Result) -> tuple[np.ndarray, Float[np.ndarray, "seed point"]]:
    """From 30 tasks on: their numbers, and the soft fits' risk above that of a known subspace."""
    n_tasks = [n for n in N_TASKS if n >= 30]
    soft, floor = (np.stack([result.values(arm, _risk_of(n)) for n in n_tasks]) for arm in (SOFT, TRUE))
    return np.array(n_tasks, dtype=float), (soft - floor).T


def power(result: Result, hypothesis: Hypothesis) -> Interval:
    """The power of the number of tasks with which the risk above the floor falls, from 30 tasks on."""
    n_tasks, left = _above_the_floor(result)
    return result.statistic(left, lambda rows: np.polyfit(np.log(n_tasks), np.log(rows.mean(axis=0)), 1)[0])


def left_at_infinity(result: Result, hypothesis: Hypothesis) -> Interval:
    """The constant a of a + b/tasks, fitted to the risk above the floor from 30 tasks on."""
    n_tasks, left = _above_the_floor(result)
    return result.statistic(left, lambda rows: np.polyfit(1 / n_tasks, rows.mean(axis=0), 1)[1])


@dataclass(frozen=True)
class Subspace(Experiment):
    """Shared parameters gain strength in proportion to the tasks that share them, if the tasks do share something.

    Tasks ``y = x·w + noise`` with fewer samples than features, ``w = B a``. Alone: least squares of the smallest norm, and
    ridge. Joint: B and a by alternating least squares, without penalties; with them; and with each w free to leave
    the subspace, which is penalised ("soft"). Penalties are chosen on validation samples, pooled over the tasks of a draw.

    Attributes
    ----------
    seeds, first_seed, n_jobs
        As in `Experiment`; the seeds are draws of tasks.
    n_samples, n_features, rank, noise
        As in `linear_tasks`.

    Raises
    ------
    ValueError
        As in `Experiment`, or tasks that `linear_tasks` refuses.

    Notes
    -----
    Source: Goodfellow, Bengio & Courville (2016, §7.7) for the claim, Baxter (2000, Theorem 8) for its shape.
    Departures: linear features, where both speak of any; the settings are ours.
    """

    seeds: int = 64
    n_samples: int = 15
    n_features: int = 30
    rank: int = 3
    noise: float = 0.5

    name = "subspace"
    findings = ("strength", "few", "never-worse", "wrong")
    hypotheses = (  # what is shared by many, by few, and by nobody
        Hypothesis("strength", "Parameters shared by 300 tasks beat tuned fits alone", TEXTBOOK, ALONE, SOFT, MORE, measure=MANY),
        Hypothesis(
            "proportion", "... and from 30 tasks on the risk above the floor falls like 1/tasks", TEXTBOOK, SOFT, None, LIKE_1, power
        ),
        Hypothesis("floor", "... towards the floor that a known subspace sets", BAXTER, SOFT, None, within(0.05), left_at_infinity),
        Hypothesis("few", "With 3 tasks an unpenalised joint fit is worse than tuned fits alone",
                   "ours", HARD, ALONE, MORE, measure=FEW, scale="harm"),
        Hypothesis("many", "... and with 300 it is better", "ours", ALONE, HARD, MORE, measure=MANY),
        Hypothesis("never-worse", "Soft constraints are never worse than tuned fits alone",
                   "ours", SOFT, ALONE, LESS, largest_harm, scale="harm"),
        Hypothesis("wrong", "Where 100 tasks share nothing, an unpenalised joint fit does harm",
                   TEXTBOOK, HARD, ALONE, MORE, measure=FAKE, scale="harm"),
        Hypothesis("wrong-hard", "... and so does a penalised one that can't leave its subspace",
                   "ours", PENALISED, ALONE, MORE, measure=FAKE, scale="harm"),
        Hypothesis("wrong-soft", "... and soft constraints do none", "ours", SOFT, ALONE, LESS, measure=FAKE, scale="harm"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.risks((1,), 0)  # which checks the rest

    def risks(self, n_tasks: Sequence[int], seed: int, *, shared: bool = True) -> dict[str, list[float]]:
        """Fit the first so many tasks of one draw in every way; arm -> excess risk per number of tasks."""
        sizes = {"n_features": self.n_features, "rank": self.rank}
        drawn = linear_tasks(max(n_tasks), self.n_samples, **sizes, noise=self.noise, shared=shared, seed=seed)
        firsts = [drawn.first(n) for n in n_tasks]
        fits = [fit_all(tasks, self.rank) for tasks in firsts]
        return {arm: [tasks.risk(fit[arm]) for tasks, fit in zip(firsts, fits, strict=True)] for arm in ROLES}

    def measured(self, n_tasks: Sequence[int] = N_TASKS, *, shared: bool = True, progress: bool = False) -> Risks:
        """Fit every draw of tasks: arm -> one row of risks per seed."""
        seeds = tqdm(self.seed_range.tolist(), desc=self.name, disable=not progress)
        jobs = (joblib.delayed(self.risks)(n_tasks, seed, shared=shared) for seed in seeds)
        rows = [row for row in joblib.Parallel(self.n_jobs)(jobs) if row]
        return {arm: np.array([row[arm] for row in rows]) for arm in ROLES}

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Fit tasks that share a subspace, and tasks that share nothing."""
        found: dict[str, dict[str, np.ndarray]] = {arm: {} for arm in ROLES}
        for shared in (True, False):
            for arm, risks in self.measured(shared=shared, progress=progress).items():
                found[arm] |= {_risk_of(n, shared): row for n, row in zip(N_TASKS, risks.T, strict=True)}
        return found

    def beside(self, result: Result, hypothesis: Hypothesis) -> Sequence[Interval | None]:
        """The risk of the fits alone; and that of the joint fits of as many tasks that share nothing."""
        if hypothesis.reference is None:
            return None, None
        measure = hypothesis.measure or _worst_number(result, hypothesis)
        joint = hypothesis.reference if hypothesis.treatment == ALONE else hypothesis.treatment
        control = {_risk_of(n): _risk_of(n, shared=False) for n in N_TASKS}.get(measure)
        return result.interval(ALONE, measure=measure), result.interval(joint, measure=control) if control else None


def subspace_risks(result: Result, *, shared: bool = True) -> Curves:
    """Draw the risks of a result over the number of tasks, for every arm that makes sense.

    Parameters
    ----------
    result : Result
        What `Subspace` measured.
    shared : bool
        Whether the tasks share a subspace. A known subspace is of no use to tasks that don't live in it.
    """
    arms = [arm for arm in ROLES if shared or arm != TRUE]
    risks = {arm: np.stack([result.values(arm, _risk_of(n, shared)) for n in N_TASKS], axis=1) for arm in arms}
    return _curves(risks, N_TASKS)


def _curves(risks: Risks, n_tasks: Sequence[int]) -> Curves:
    lines = {arm: [bootstrap(column) for column in values.T] for arm, values in risks.items()}
    look = {"xlabel": "tasks learned together", "ylabel": RISK, "xscale": "log", "ylim": (0.0, 4.5)}
    return Curves.of_intervals(np.array(n_tasks, dtype=float), lines, roles=ROLES, **look)


@recorded(
    "as-regularisation",
    title="How many tasks make one strong?",
    alt="With a shared subspace joint fits win from some number of tasks on; with nothing shared only soft ones do no harm.",
    structure=["shared subspace", "nothing shared"],
    samples=[5, 15, 30, 60],
    noise=[0.25, 0.5, 1.0],
)
def subspace_curves(structure: str = "shared subspace", samples: int = 15, noise: float = 0.5, *, n_seeds: int = 100) -> Curves:
    """Follow the excess risk over the number of tasks learned together, one to a hundred of them.

    Parameters
    ----------
    structure : str
        "shared subspace", or "nothing shared".
    samples : int
        Samples per task, of 30 features.
    noise : float
        Standard deviation of the labels' noise; the weights' squared length is 3 on average.
    n_seeds : int
        Draws of tasks per point; the band is the 95% interval of their mean.
    """
    trial = Subspace(seeds=n_seeds, first_seed=2000, n_samples=samples, noise=noise)
    risks = trial.measured(N_TASKS[:-1], shared=structure == "shared subspace")
    return _curves({arm: risks[arm] for arm in (ALONE, HARD, PENALISED, SOFT)}, N_TASKS[:-1])
