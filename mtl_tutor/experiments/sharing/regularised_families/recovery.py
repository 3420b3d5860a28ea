"""Penalties find what was planted: the rank, the inputs, the groups, the signs. Better than separate fits would?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mtl_tutor.experiments.curves import interval_of
from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.experiments.sharing.regularised_families.structure_recovery import TOYS, spectra
from mtl_tutor.results import Curves, Role
from mtl_tutor.statistics import Interval
from mtl_tutor.tuning import Setting

SCORE, PAPER = "score", "after Zhang and Yeung 2010"


def lowest_rank(result: Result, hypothesis: Hypothesis) -> Interval:
    """Measure the effect for each planted rank, and take the lowest."""
    return min(_by_rank(result, hypothesis), key=lambda effect: effect.estimate)


def highest_rank(result: Result, hypothesis: Hypothesis) -> Interval:
    """Measure the effect for each planted rank, and take the highest."""
    return max(_by_rank(result, hypothesis), key=lambda effect: effect.estimate)


def _by_rank(result: Result, hypothesis: Hypothesis) -> list[Interval]:
    def named(way: str | None, rank: int) -> str | None:
        return way and f"rank {rank}: {way}"

    ways = hypothesis.treatment, hypothesis.reference
    return [result.interval(named(ways[0], rank) or "", named(ways[1], rank)) for rank in (1, 2, 3, 5)]


@dataclass(frozen=True)
class Recovery(Experiment):
    """A penalty finds the structure that it is made for: the rank, the inputs that matter, the groups, the signs.

    Conditions are named by the toy problem and the way to fit. Scores are truth values (right or wrong), an adjusted Rand
    index, an AUC, or an F1.

    Attributes
    ----------
    seeds, first_seed
        As in `Experiment`: draws of each toy; of "signs", four times as many.

    Notes
    -----
    Source: the papers of the claims show single pictures. Departures: planted truths, scored over draws, are ours.
    """

    seeds: int = 128

    name = "recovery"
    findings = ("rank", "sign", "inputs")
    hypotheses = (
        Hypothesis("rank", "Singular values above a fifth of the largest mostly tell the rank", "ours",
                   "trace norm", rule=above(0.5), effect=lowest_rank),
        Hypothesis("no-rank", "... and that there's none of five or less", "control",
                   "no subspace: trace norm", rule=above(0.75)),
        Hypothesis("above-zero", "... counted above zero, they never tell it", "ours",
                   "above zero", rule=below(0.1), effect=highest_rank),
        Hypothesis("rank-ridge", "... nor do weights of separate ridges, half as often", "control",
                   "trace norm", "ridge", above(0.5), lowest_rank),
        Hypothesis("sign", "The covariance finds opposed groups opposed", PAPER, "signs: covariance", rule=above(0.8)),
        Hypothesis("sign-GP", "... and so does a Gaussian process", "after Bonilla et al. 2007",
                   "signs: GP", rule=above(0.75)),
        Hypothesis("sign-ridge", "... more often than the weights of separate ridges", "control",
                   "signs: covariance", "signs: ridge", above(0.05)),
        Hypothesis("pairs", "... and more often in each of nine pairs", "ours",
                   "signs: covariance, each pair", "signs: ridge, each pair"),
        Hypothesis("groups", "Clusters tell the groups better than separate ridges do", "ours",
                   "groups: clusters", "groups: ridge", above(0.1)),
        Hypothesis("inputs", "Joint features tell which inputs matter better than a lasso", "ours",
                   "inputs: joint", "inputs: alone", above(0.1)),
        Hypothesis("inputs-shuffled", "... not beside shuffled tasks", "control",
                   "inputs: shuffled", "inputs: alone", below(0.05)),
        Hypothesis("inputs-F1", "... also by F1 at the chosen strength", "ours",
                   "inputs: joint, F1", "inputs: alone, F1", above(0.1)),
    )

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Draw, fit and score."""
        toys = self._shown(list(TOYS), "fitting", progress)
        return {f"{toy}: {way}": {SCORE: scores} for toy in toys for way, scores in self.scores(toy).items()}

    def scores(self, toy: str) -> dict[str, np.ndarray]:
        """Score every draw of one toy: way -> scores."""
        seeds = self.seeds * (4 if toy == "signs" else 1)
        rows = [TOYS[toy](seed) for seed in range(self.first_seed, self.first_seed + seeds)]
        return {way: np.array([row[way] for row in rows]) for way in rows[0]}


@recorded(
    "spectrum",
    title="How many directions do fifteen tasks share?",
    alt="The trace norm leaves as many large singular values as were planted; a ridge leaves no gap.",
    rank=[0, 1, 2, 3, 5],
    noise=[0.5, 1.0],
)
def spectrum_curves(rank: int = 2, samples: int = 30, noise: float = 0.5, *, n_seeds: int = 64) -> Curves:
    """Follow the singular values of fifteen tasks' weights from the largest on: the true ones, and those that two fits find.

    Parameters
    ----------
    rank : int
        Dimension of the subspace that the tasks share; 0 for none.
    samples : int
        Training samples, of 20 inputs.
    noise : float
        Standard deviation of the labels' noise (labels alone: 1).
    n_seeds : int
        Draws, from seed 2000 on; the band is the 95% interval of their mean.
    """
    rows = [spectra(rank or 2, samples, noise, seed, shared=rank > 0) for seed in range(2000, 2000 + n_seeds)]
    lines = {way: [interval_of(column) for column in np.stack([row[way] for row in rows]).T[:10]] for way in rows[0]}
    roles: dict[str, Role] = {"truth": "control", "trace norm": "main", "ridge": "single_task"}
    look = {"xlabel": "singular value, from the largest on", "ylabel": "its size (no unit)", "ylim": (0.0, 4.5)}
    return Curves.of_intervals(np.arange(1.0, 11.0), lines, roles=roles, **look)
