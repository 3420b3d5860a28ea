"""How much of its own a task needs: additions of low rank to one matrix for all tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from mtl_tutor.experiments._base import Sentence, check_least
from mtl_tutor.experiments._low_rank_fits import RIDGES, Problems, adapted_fit, own_fit, problems
from mtl_tutor.results import Claim, Curves, Role
from mtl_tutor.statistics import bootstrap, relative_change, wilson

RANKS = (0, 1, 2, 3, 4, 6, 12)
RISK = "excess risk per output (no unit)"
MORE: dict[str, Any] = {"relative": True}
SENTENCES = (  # the planted rank of the tasks' differences, and what is claimed
    (
        2,
        Sentence(
            "alone", "Where tasks differ by rank 2, additions of rank 2 save three tenths", "ours", "rank 2", "alone", most=-0.3, **MORE
        ),
    ),
    (2, Sentence("full", "... and three tenths of what full additions lose", "ours", "rank 2", "rank 12", most=-0.3, **MORE)),
    (2, Sentence("shuffled", "... also beside shuffled tasks", "control", "first, shuffled", "first, alone", most=-0.3, **MORE)),
    (2, Sentence("below", "... while rank 1 costs half as much again", "ours", "rank 1", "rank 2", 0.5, **MORE)),
    (2, Sentence("above", "... and rank 4 a fifth more", "ours", "rank 4", "rank 2", 0.2, **MORE)),
    (2, Sentence("none", "... and no addition at all is worse than tasks apart", "ours", "rank 0", "alone", **MORE)),
    (1, Sentence("found-1", "Validation finds a planted rank of 1 in four draws of five", "ours", "found", least=0.8)),
    (2, Sentence("found-2", "... and one of 2", "ours", "found", least=0.8)),
    (4, Sentence("found-4", "... and one of 4", "ours", "found", least=0.8)),
    (
        4,
        Sentence(
            "near-4",
            "... but what it chooses costs no more than a twentieth more than rank 4",
            "ours",
            "chosen",
            "rank 4",
            most=0.05,
            **MORE,
        ),
    ),
    (12, Sentence("full-rank", "Where tasks differ by full rank, additions of rank 2 do harm", "ours", "rank 2", "alone", **MORE)),
)
Risks = Mapping[str, Float[np.ndarray, "seed"]]


@dataclass(frozen=True, eq=False)
class AdapterRankResult:
    """Excess risks.

    Attributes
    ----------
    risks : planted rank -> fit -> risk of every draw; "rank q" for every q of `RANKS`, "alone", and "chosen" by validation.
    chosen : planted rank -> the rank that validation chose in every draw.
    claims : what was decided.
    """

    risks: Mapping[int, Risks]
    chosen: Mapping[int, Int[np.ndarray, "seed"]]
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class AdapterRank:
    """Additions of the rank by which tasks differ suffice, and a higher rank costs; validation finds a low one.

    Attributes
    ----------
    seeds, first_seed : how many draws of tasks, and the first of their seeds.
    n_tasks, n_samples, n_features, n_outputs, noise : of the tasks; as many more samples choose ranks and ridges in each draw.
    spread : length of the tasks' differences, over that of what is common.

    Raises
    ------
    ValueError : fewer than 20 seeds, a negative first one, fewer than two tasks, samples or outputs, no features, or no noise.

    Source: Hu et al. (2022, LoRA), the form W + B A of a task's matrix. Departures: W is linear and fitted together with the additions.
    """

    seeds: int = 100
    first_seed: int = 1000
    n_tasks: int = 6
    n_samples: int = 40
    n_features: int = 16
    n_outputs: int = 12
    noise: float = 1.0
    spread: float = 1.0

    name, chapter = "adapter-rank", "sharing/conditioning"

    def __post_init__(self) -> None:
        sizes = ("n_tasks", 2), ("n_samples", 2), ("n_features", 1), ("n_outputs", 2)
        check_least(self, ("seeds", 20), ("first_seed", 0), *sizes, ("noise", 1e-9), ("spread", 0))

    def run(self, *, progress: bool = False) -> AdapterRankResult:
        """Draw, fit, and decide, in seconds; `progress` has nothing to show."""
        planted = sorted({rank for rank, _ in SENTENCES})
        found = {rank: self.fitted(rank) for rank in planted}
        risks = {rank: dict(some) for rank, (some, _) in found.items()}
        risks[2] |= self.beside_shuffled(2)
        claims = []
        for rank, s in SENTENCES:
            hits = found[rank][1] == rank
            effect = wilson(hits) if s.more == "found" else relative_change(risks[rank][s.more], risks[rank][s.less or ""])
            claims.append(s.claim(self.name, effect))
        return AdapterRankResult(risks, {rank: chosen for rank, (_, chosen) in found.items()}, tuple(claims))

    def fitted(self, rank: int) -> tuple[Risks, Int[np.ndarray, "seed"]]:
        """Fit tasks that differ by this rank in every way: risks, and the rank that validation chooses."""
        draws = self.draws(rank)
        tuned = {f"rank {q}": best(draws, [adapted_fit(draws, q, ridge) for ridge in RIDGES]) for q in RANKS}
        wrong, risks = (np.stack([one[part] for one in tuned.values()]) for part in (0, 1))
        row = wrong.argmin(axis=0)
        chosen = {"alone": best(draws, [own_fit(draws, ridge) for ridge in RIDGES])[1], "chosen": risks[row, np.arange(self.seeds)]}
        return {name: risk for name, (_, risk) in tuned.items()} | chosen, np.array(RANKS)[row]

    def beside_shuffled(self, rank: int) -> Risks:
        """The first task's risk, beside tasks whose labels were dealt out anew, and alone."""
        draws = self.draws(rank, shuffled=True)
        fits = {"shuffled": [adapted_fit(draws, rank, ridge) for ridge in RIDGES], "alone": [own_fit(draws, ridge) for ridge in RIDGES]}
        return {f"first, {name}": best(draws, some, tasks=slice(1))[1] for name, some in fits.items()}

    def draws(self, rank: int, *, shuffled: bool = False) -> Problems:
        """Draw tasks that differ by this rank."""
        size, seeds = (self.n_tasks, self.n_samples, self.n_features, self.n_outputs), range(self.first_seed, self.first_seed + self.seeds)
        return problems(rank, seeds, size=size, spread=self.spread, noise=self.noise, shuffled=shuffled)


def best(
    draws: Problems, fits: list[Float[np.ndarray, "seed task feature output"]], tasks: slice = slice(None)
) -> tuple[Float[np.ndarray, "seed"], Float[np.ndarray, "seed"]]:
    """Of several fits the one that validation likes best in each draw: its validation error, and its risk."""
    wrong, risks = (np.stack([judge(fit)[:, tasks].mean(axis=1) for fit in fits]) for judge in (draws.validated, draws.risk))
    row = wrong.argmin(axis=0)
    return wrong[row, np.arange(len(row))], risks[row, np.arange(len(row))]


def over_ranks(planted: int = 2, samples: int = 40, spread: float = 1.0, *, n_seeds: int = 100) -> Curves:
    """Follow the excess risk over the rank of what each task adds.

    Parameters
    ----------
    planted : rank by which tasks differ; 12 is full.
    samples : training samples of each of the 6 tasks, of 16 features and 12 outputs.
    spread : length of the tasks' differences, over that of what is common.
    n_seeds : draws, from seed 2000 on; the band is the 95% interval of their mean.
    """
    risks, _ = AdapterRank(seeds=n_seeds, first_seed=2000, n_samples=samples, spread=spread).fitted(planted)
    names = {"one matrix + own additions": [f"rank {q}" for q in RANKS], "tasks apart, tuned ridge": ["alone"] * len(RANKS)}
    lines = {name: [bootstrap(risks[fit]) for fit in row] for name, row in names.items()}
    roles: dict[str, Role] = {"one matrix + own additions": "main", "tasks apart, tuned ridge": "single_task"}
    top = 0.6 + spread**2
    return Curves.of_intervals(
        np.array(RANKS, dtype=float), lines, roles=roles, xlabel="rank of the additions", ylabel=RISK, ylim=(0.0, top)
    )
