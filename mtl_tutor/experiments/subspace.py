"""Many linear tasks with few samples each: when do parameters shared between them gain statistical strength?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import joblib
import numpy as np
from jaxtyping import Float
from tqdm import tqdm

from mtl_tutor.experiments._linear_fits import fit_all
from mtl_tutor.results import Claim, Curves, Role
from mtl_tutor.statistics import Interval, Verdict, above, below, bootstrap, paired_difference, within
from mtl_tutor.tasks import linear_tasks

N_TASKS = (1, 3, 10, 30, 100, 300)
RISK = "excess risk per task (no unit)"
ROLES: Mapping[str, Role] = {
    "alone, ridge": "single_task",
    "joint, no penalty": "other",
    "joint, penalised": "third",
    "joint, soft": "main",
    "alone, least squares": "fourth",
    "true subspace": "control",
}
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

    def curves(self, *, shared: bool = True, ylim: tuple[float, float] = (0.0, 4.5)) -> Curves:
        """Picture every arm over the number of tasks."""
        arms = [arm for arm in ROLES if shared or arm != "true subspace"]  # which is of no use to tasks that don't live in it
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
        for name, least in (("seeds", 20), ("first_seed", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"`{name}` must be at least {least}; got {getattr(self, name)}.")
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
        rows = joblib.Parallel(self.n_jobs)(jobs)
        return {arm: np.array([row[arm] for row in rows]) for arm in ROLES}

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
    return SubspaceResult(N_TASKS[:-1], risks, risks).curves(shared=shared)


Rule = tuple[Callable[[Interval], Verdict], str]
MORE: Rule = (lambda effect: above(effect, 0.1), "more than 0.1")
NOT_MORE: Rule = (lambda effect: below(effect, 0.05), "less than 0.05")
LIKE_1_OVER_T: Rule = (lambda effect: within(effect, 0.25, -1.0), "within 0.25 of -1")
AT_THE_FLOOR: Rule = (lambda effect: within(effect, 0.05), "within 0.05 of 0")


def _claims(r: SubspaceResult) -> list[Claim]:
    book, baxter = "Goodfellow et al. 2016 §7.7", "Baxter 2000, Theorem 8"
    alone, hard, penalised, soft = "alone, ridge", "joint, no penalty", "joint, penalised", "joint, soft"
    worst = max(N_TASKS, key=lambda n: r.interval(soft, n, alone).estimate)
    power, height = _fitted(r)
    many = 100  # tasks that share nothing
    rows = (
        ("strength", "Shared by 300 tasks, parameters give each a lower risk than a tuned fit alone", book, 300, r.interval(alone, 300, soft), MORE),
        ("proportion", "... and from 30 tasks on the risk above the floor falls like 1/tasks", book, None, power, LIKE_1_OVER_T),
        ("floor", "... towards the floor that a known subspace sets", baxter, 300, height, AT_THE_FLOOR),
        ("few", "With 3 tasks an unpenalised joint fit is worse than a tuned fit alone", "ours", 3, r.interval(hard, 3, alone), MORE),
        ("many", "... and with 300 it is better", "ours", 300, r.interval(alone, 300, hard), MORE),
        ("never-worse", "Soft constraints are never worse than a tuned fit alone", "ours", worst, r.interval(soft, worst, alone), NOT_MORE),
    )
    claims = [
        Claim(f"subspace-{id}", text, source, effect, decide(effect), n and r.interval(alone, n), n and r.interval(arm, n, shared=False), words)
        for (id, text, source, n, effect, (decide, words)), arm in zip(rows, (soft, soft, soft, hard, hard, soft), strict=True)
    ]
    for id, text, arm, (decide, words) in (
        ("wrong-hard", "Where 100 tasks share nothing, an unpenalised joint fit is worse than a tuned fit alone", hard, MORE),
        ("wrong-penalised", "... and so is a penalised one that has to stay in a subspace", penalised, MORE),
        ("wrong-soft", "... and soft constraints are not", soft, NOT_MORE),
    ):
        effect = r.interval(arm, many, alone, shared=False)
        claims.append(Claim(f"subspace-{id}", text, book, effect, decide(effect), r.interval(alone, many, shared=False), rule=words))
    return claims


def _fitted(r: SubspaceResult) -> tuple[Interval, Interval]:
    """From 30 tasks on: the power of T with which the risk above the floor falls; and a of a + b/T, less that floor."""
    use = [at for at, n in enumerate(r.n_tasks) if n >= 30]
    n_tasks = np.array([r.n_tasks[at] for at in use], dtype=float)
    above_floor = r.shared["joint, soft"][:, use] - r.shared["true subspace"][:, use]
    draws = np.random.default_rng(0).integers(len(above_floor), size=(4000, len(above_floor)))
    means = np.concatenate([above_floor.mean(axis=0, keepdims=True), above_floor[draws].mean(axis=1)])
    powers = np.polyfit(np.log(n_tasks), np.log(means.T), 1)[0]
    heights = np.polyfit(1 / n_tasks, means.T, 1)[1]
    return _percentile(powers, len(above_floor)), _percentile(heights, len(above_floor))


def _percentile(values: np.ndarray, n: int) -> Interval:
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return Interval(float(values[0]), float(low), float(high), n)
