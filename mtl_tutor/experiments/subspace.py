"""Many linear tasks with few samples each: when do parameters shared between them gain statistical strength?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import joblib
import numpy as np
from jaxtyping import Float
from tqdm import tqdm

from mtl_tutor.experiments._base import Sentence, check_least
from mtl_tutor.experiments._linear_fits import fit_all
from mtl_tutor.results import Claim, Curves, Role
from mtl_tutor.statistics import Interval, bootstrap, paired_difference, resampled, within
from mtl_tutor.tasks import linear_tasks

N_TASKS = (1, 3, 10, 30, 100, 300)
RISK = "excess risk per task (no unit)"
TEXTBOOK = "Goodfellow et al. 2016 §7.7"
ALONE, HARD, PENALISED, SOFT = "alone, ridge", "joint, no penalty", "joint, penalised", "joint, soft"
ROLES: Mapping[str, Role] = {
    ALONE: "single_task",
    HARD: "other",
    PENALISED: "third",
    SOFT: "main",
    "alone, least squares": "fourth",
    "true subspace": "control",
}
SENTENCES = (  # number of tasks (0: the one that looks worst), whether they share a subspace, what is claimed
    (300, True, Sentence("strength", "Parameters shared by 300 tasks beat tuned fits alone", TEXTBOOK, ALONE, SOFT, 0.1)),
    (3, True, Sentence("few", "With 3 tasks an unpenalised joint fit is worse than tuned fits alone", "ours", HARD, ALONE, 0.1)),
    (300, True, Sentence("many", "... and with 300 it is better", "ours", ALONE, HARD, 0.1)),
    (0, True, Sentence("never-worse", "Soft constraints are never worse than tuned fits alone", "ours", SOFT, ALONE, most=0.05)),
    (100, False, Sentence("wrong", "Where 100 tasks share nothing, an unpenalised joint fit does harm", TEXTBOOK, HARD, ALONE, 0.1)),
    (100, False, Sentence("wrong-hard", "... and so does a penalised one that can't leave its subspace", "ours", PENALISED, ALONE, 0.1)),
    (100, False, Sentence("wrong-soft", "... and soft constraints do none", "ours", SOFT, ALONE, most=0.05)),
)
Risks = Mapping[str, Float[np.ndarray, "seed point"]]


@dataclass(frozen=True, eq=False)
class SubspaceResult:
    """Excess risks, one row per draw of tasks.

    Attributes
    ----------
    n_tasks : how many tasks were learned together, ascending.
    shared, unshared : arm -> risk, with tasks that share a subspace and with tasks that share nothing.
    claims : what was decided.
    """

    n_tasks: tuple[int, ...]
    shared: Risks
    unshared: Risks
    claims: tuple[Claim, ...] = ()

    def interval(self, arm: str, n_tasks: int, less: str | None = None, *, shared: bool = True) -> Interval:
        """Measure one arm, or by how much it exceeds another, draw by draw."""
        risks, at = self.shared if shared else self.unshared, self.n_tasks.index(n_tasks)
        return paired_difference(risks[arm][:, at], risks[less][:, at]) if less else bootstrap(risks[arm][:, at])

    def curves(self, arms: Sequence[str] = (), *, shared: bool = True, ylim: tuple[float, float] = (0.0, 4.5)) -> Curves:
        """Picture some arms, or all that make sense, over the number of tasks."""
        arms = arms or [arm for arm in ROLES if shared or arm != "true subspace"]  # which is no use to tasks that don't live in it
        lines = {arm: [self.interval(arm, n, shared=shared) for n in self.n_tasks] for arm in arms}
        x = np.array(self.n_tasks, dtype=float)
        return Curves.of_intervals(x, lines, roles=ROLES, xlabel="tasks learned together", ylabel=RISK, xscale="log", ylim=ylim)


@dataclass(frozen=True)
class Subspace:
    """Shared parameters gain strength in proportion to the tasks that share them, if the tasks do share something.

    Tasks y = x·w + noise with fewer samples than features, w = B a. Alone: least squares of the smallest norm, and ridge.
    Joint: B and a by alternating least squares, without penalties; with them; and with each w free to leave
    the subspace at a price ("soft"). Penalties and price are chosen on validation samples, pooled over the tasks of a draw.

    Attributes
    ----------
    seeds, first_seed : how many draws of tasks, and the first of their seeds.
    n_samples, n_features, rank, noise : of `linear_tasks`.
    n_jobs : processes; of no influence on any number.

    Raises
    ------
    ValueError : fewer than 20 seeds, a negative first one, or tasks that `linear_tasks` refuses.

    Source: Goodfellow, Bengio & Courville (2016, §7.7) for the claim, Baxter (2000, Theorem 8) for its shape.
    Departures: linear features, where both speak of any; the settings are ours.
    """

    seeds: int = 64
    first_seed: int = 1000
    n_samples: int = 15
    n_features: int = 30
    rank: int = 3
    noise: float = 0.5
    n_jobs: int = 1

    name = "subspace"
    chapter = "why/as-regularisation"

    def __post_init__(self) -> None:
        check_least(self, ("seeds", 20), ("first_seed", 0))
        self.risks((1,), 0)  # which checks the rest

    def risks(self, n_tasks: Sequence[int], seed: int, *, shared: bool = True) -> dict[str, list[float]]:
        """Fit the first so many tasks of one draw by every arm; arm -> excess risk per number of tasks."""
        sizes = {"n_features": self.n_features, "rank": self.rank}
        drawn = linear_tasks(max(n_tasks), self.n_samples, **sizes, noise=self.noise, shared=shared, seed=seed)
        firsts = [drawn.first(n) for n in n_tasks]
        fits = [fit_all(tasks, self.rank) for tasks in firsts]
        return {arm: [tasks.risk(fit[arm]) for tasks, fit in zip(firsts, fits, strict=True)] for arm in ROLES}

    def measured(self, n_tasks: Sequence[int] = N_TASKS, *, shared: bool = True, progress: bool = False) -> Risks:
        """Fit every draw of tasks: arm -> one row of risks per seed."""
        seeds = range(self.first_seed, self.first_seed + self.seeds)
        jobs = (joblib.delayed(self.risks)(n_tasks, seed, shared=shared) for seed in tqdm(seeds, desc=self.name, disable=not progress))
        rows = joblib.Parallel(self.n_jobs, return_as="generator")(jobs)
        risks = np.array([[row[arm] for arm in ROLES] for row in rows if row])  # [seed, arm, point]
        return {arm: risks[:, at] for at, arm in enumerate(ROLES)}

    def run(self, *, progress: bool = False) -> SubspaceResult:
        """Draw, fit, and decide."""
        shared, unshared = (self.measured(shared=shared, progress=progress) for shared in (True, False))
        result = SubspaceResult(N_TASKS, shared, unshared)
        return replace(result, claims=tuple(_claims(result)))


def how_many_tasks(structure: str = "shared subspace", samples: int = 15, noise: float = 0.5, *, n_seeds: int = 100) -> Curves:
    """Follow the excess risk over the number of tasks learned together, one to a hundred of them.

    Parameters
    ----------
    structure : "shared subspace", or "nothing shared".
    samples : per task, of 30 features.
    noise : standard deviation of the labels' noise; the weights' squared length is 3 on average.
    n_seeds : draws of tasks per point; the band is the 95% interval of their mean.
    """
    trial = Subspace(seeds=n_seeds, first_seed=2000, n_samples=samples, noise=noise)
    shared = structure == "shared subspace"
    risks = trial.measured(N_TASKS[:-1], shared=shared)
    return SubspaceResult(N_TASKS[:-1], risks, risks).curves((ALONE, HARD, PENALISED, SOFT))


def _claims(r: SubspaceResult) -> list[Claim]:
    """Decide the sentences in the order of the page: what is shared by many, by few, and by nobody."""
    claims = []
    for n_tasks, shared, sentence in SENTENCES:
        n = n_tasks or max(r.n_tasks, key=lambda n: r.interval(SOFT, n, ALONE).estimate)  # 0: where it looks worst
        effect = r.interval(sentence.more, n, sentence.less, shared=shared)
        arm = sentence.more if sentence.less == ALONE else sentence.less
        beside = r.interval(ALONE, n, shared=shared), r.interval(arm or SOFT, n, shared=False) if shared else None
        claims.append(sentence.claim("subspace", effect, *beside))
    power, height = _fitted(r)
    like, floor = "... and from 30 tasks on the risk above the floor falls like 1/tasks", "... towards the floor that a known subspace sets"
    claims[1:1] = [
        Claim("subspace-proportion", like, TEXTBOOK, power, within(power, 0.25, -1.0), rule="a power of the tasks within 0.25 of -1"),
        Claim("subspace-floor", floor, "Baxter 2000, Theorem 8", height, within(height, 0.05), rule="within 0.05 of 0"),
    ]
    return claims


def _fitted(r: SubspaceResult) -> tuple[Interval, Interval]:
    """From 30 tasks on: the power of T with which the risk above the floor falls; and a of a + b/T, less that floor."""
    use = [at for at, n in enumerate(r.n_tasks) if n >= 30]
    n_tasks = np.array(r.n_tasks, dtype=float)[use]
    left = r.shared[SOFT][:, use] - r.shared["true subspace"][:, use]
    power = resampled(left, lambda rows: np.polyfit(np.log(n_tasks), np.log(rows.mean(axis=0)), 1)[0])
    return power, resampled(left, lambda rows: np.polyfit(1 / n_tasks, rows.mean(axis=0), 1)[1])
