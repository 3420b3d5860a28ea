"""Harm that isn't negative transfer: what a joint fit without a penalty does where labels are as many as parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._base import Sentence, check_least
from mtl_tutor.experiments._peak_fits import alone, chosen, drawn, together
from mtl_tutor.results import Claim, Curves, Role
from mtl_tutor.statistics import Interval, bootstrap, relative_change, resampled

N_TASKS, N_SAMPLES = (2, 4, 8, 16), (2, 3, 4, 5, 6, 8, 11, 14, 20, 24, 32)
RIDGES, NO_RIDGE = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0), 0.001
APART, BARE, TUNED = "alone, tuned ridge", "together, no ridge", "together, tuned ridge"
ROLES: Mapping[str, Role] = {APART: "single_task", BARE: "other", TUNED: "main"}
RISK = "excess risk per task (no unit)"
FEWER: dict[str, Any] = {"most": 0.0, "relative": True}
SENTENCES = (  # tasks, samples per task, and what is claimed
    (
        4,
        11,
        Sentence(
            "harm", "There four related tasks err more than twice as much in one trunk as alone", "ours", BARE, APART, 1.0, relative=True
        ),
    ),
    (4, 32, Sentence("past", "... and less with three times the labels", "ours", BARE, APART, **FEWER)),
    (4, 11, Sentence("ridge", "... or with a ridge that validation chose", "ours", TUNED, APART, **FEWER)),
)
PEAK = Sentence("peak", "Related tasks in one trunk err most where labels are as many as parameters", "ours", "ratio", margin=0.25)
NOWHERE = Sentence(
    "nowhere", "... which never costs more than a fifth, for any number of either", "ours", TUNED, APART, most=0.2, relative=True
)
STRANGERS = Sentence("strangers", "Unrelated tasks are harmed with it, too", "ours", TUNED, APART, 0.05, relative=True)
Risks = Mapping[str, Float[np.ndarray, "seed"]]


@dataclass(frozen=True, eq=False)
class InterpolationPeakResult:
    """Excess risks.

    Attributes
    ----------
    risks : (tasks, samples per task) -> way to fit -> risk of every draw.
    strangers : the same of eight unrelated tasks with 24 samples each.
    parameters : number of tasks -> numbers that one trunk and its heads can choose freely.
    claims : what was decided.
    """

    risks: Mapping[tuple[int, int], Risks]
    strangers: Risks
    parameters: Mapping[int, int]
    claims: tuple[Claim, ...] = ()

    def curves(self, n_tasks: int) -> Curves:
        """Picture all ways over the labels per parameter."""
        lines = {way: [bootstrap(self.risks[n_tasks, n][way]) for n in N_SAMPLES] for way in ROLES}
        x = np.array(N_SAMPLES) * n_tasks / self.parameters[n_tasks]
        look = {"xlabel": "labels per parameter", "ylabel": RISK, "xscale": "log", "ylim": (0.0, 6.0)}
        return Curves.of_intervals(x, lines, roles=ROLES, **look)  # type: ignore[arg-type]


@dataclass(frozen=True)
class InterpolationPeak:
    """One trunk for related tasks does harm where labels are as many as parameters; a ridge takes the harm away.

    Linear tasks in a common subspace; the trunk is linear and as narrow as the subspace. It and its heads have
    rank (n_features + tasks - rank) free parameters: as many as there are matrices of that rank.

    Attributes
    ----------
    seeds, first_seed : how many draws of tasks, and the first of their seeds.
    n_features, rank, noise : of `linear_tasks`; as many more samples choose the ridge of every draw, pooled over its tasks.

    Raises
    ------
    ValueError : fewer than 20 seeds, a negative first one, a rank below 1, no more features than that, or negative noise.

    Source: the peak at interpolation of Belkin, Hsu, Ma & Mandal (2019), there for one task. Departures: several tasks; the set-up is ours.
    """

    seeds: int = 48
    first_seed: int = 1000
    n_features: int = 20
    rank: int = 2
    noise: float = 0.5

    name, chapter = "interpolation-peak", "sharing/hard-and-soft"

    def __post_init__(self) -> None:
        check_least(self, ("seeds", 20), ("first_seed", 0), ("rank", 1), ("n_features", self.rank + 1), ("noise", 0))

    def run(self, *, progress: bool = False) -> InterpolationPeakResult:
        """Draw, fit, and decide, in seconds; `progress` has nothing to show."""
        risks = {(t, n): self.risks(t, n) for t in N_TASKS for n in N_SAMPLES}
        strangers, parameters = self.risks(8, 24, shared=False), self.parameters()
        effects = [relative_change(risks[t, n][s.more], risks[t, n][s.less or ""]) for t, n, s in SENTENCES]
        worst = max((relative_change(cell[TUNED], cell[APART]) for cell in risks.values()), key=lambda effect: effect.estimate)
        found = [PEAK.claim(self.name, _peaks(risks, parameters))]
        found += [s.claim(self.name, effect) for (_, _, s), effect in zip(SENTENCES, effects, strict=True)]
        found += [NOWHERE.claim(self.name, worst), STRANGERS.claim(self.name, relative_change(strangers[TUNED], strangers[APART]))]
        return InterpolationPeakResult(risks, strangers, parameters, tuple(found))

    def parameters(self) -> Mapping[int, int]:
        """What one trunk and its heads can choose freely, for each number of tasks: turning the trunk's units changes nothing."""
        return {t: self.rank * (self.n_features + t - self.rank) for t in N_TASKS}

    def risks(self, n_tasks: int, n_samples: int, *, shared: bool = True) -> Risks:
        """Fit every draw in every way."""
        seeds = range(self.first_seed, self.first_seed + self.seeds)
        tables = drawn((n_tasks, n_samples, self.n_features, self.rank), self.noise, seeds, shared=shared)
        apart = [alone(tables, ridge) for ridge in RIDGES]
        joint = [together(tables, self.rank, ridge) for ridge in (NO_RIDGE, *RIDGES[2:5])]
        return {APART: chosen(tables, apart), BARE: tables.risk(joint[0]), TUNED: chosen(tables, joint)}


def _peaks(risks: Mapping[tuple[int, int], Risks], parameters: Mapping[int, int]) -> Interval:
    """Labels per parameter, less 1, where the risk without a ridge is highest (in logarithms); geometric mean over numbers of tasks."""
    logs = np.log(np.stack([risks[t, n][BARE] for t in N_TASKS for n in N_SAMPLES], axis=1))

    def ratio(rows: np.ndarray) -> float:
        at = rows.mean(axis=0).reshape(len(N_TASKS), -1).argmax(axis=1)
        labels = [t * N_SAMPLES[k] / parameters[t] for t, k in zip(N_TASKS, at, strict=True)]
        return float(np.exp(np.mean(np.log(labels)))) - 1

    return resampled(logs, ratio)
