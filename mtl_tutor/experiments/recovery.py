"""Penalties find what was planted: the rank, the inputs, the groups, who opposes whom. Better than fits alone would?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from tqdm import tqdm

from mtl_tutor.experiments._base import Sentence, check_least
from mtl_tutor.experiments._verdicts import decided
from mtl_tutor.experiments._what_was_found import TOYS, spectra
from mtl_tutor.results import Bars, Claim, Curves, Role
from mtl_tutor.statistics import Interval, bootstrap, paired_difference, wilson

Scores = Mapping[str, Float[np.ndarray, "seed"]]  # by way
PAPER = "after Zhang and Yeung 2010"
RANKS = ("rank 1", "rank 2", "rank 3", "rank 5")
SENTENCES = (  # in which toy (several: the least favourable), and what is claimed there
    (RANKS, Sentence("rank", "Singular values above a fifth of the largest mostly tell the rank", "ours", "trace norm", least=0.5)),
    (("no subspace",), Sentence("no-rank", "... and that there's none of five or less", "control", "trace norm", least=0.75)),
    (RANKS, Sentence("above-zero", "... counted above zero, they never tell it", "ours", "above zero", most=0.1)),
    (RANKS, Sentence("rank-ridge", "... nor do weights of separate ridges, half as often", "control", "trace norm", "ridge", 0.5)),
    (("signs",), Sentence("sign", "The covariance finds opposed groups opposed", PAPER, "covariance", least=0.8)),
    (("signs",), Sentence("sign-GP", "... and so does a Gaussian process", "after Bonilla et al. 2008", "GP", least=0.75)),
    (("signs",), Sentence("sign-ridge", "... more often than the weights of separate ridges", "control", "covariance", "ridge", 0.05)),
    (("signs",), Sentence("pairs", "... and more often in each of nine pairs", "ours", "covariance, each pair", "ridge, each pair")),
    (("groups",), Sentence("groups", "Clusters tell the groups better than separate ridges do", "ours", "clusters", "ridge", 0.1)),
    (("inputs",), Sentence("inputs", "Joint features tell which inputs matter better than a lasso", "ours", "joint", "alone", 0.1)),
    (("inputs",), Sentence("inputs-shuffled", "... not beside shuffled tasks", "control", "shuffled", "alone", most=0.05)),
    (("inputs",), Sentence("inputs-F1", "... also by F1 at the chosen strength", "ours", "joint, F1", "alone, F1", 0.1)),
)


@dataclass(frozen=True, eq=False)
class RecoveryResult:
    """Scores of what was found.

    Attributes
    ----------
    found : toy -> way -> score of every draw: 1 or 0 for right or wrong, an adjusted Rand index, an AUC, an F1.
    claims : what was decided.
    """

    found: Mapping[str, Scores]
    claims: tuple[Claim, ...] = ()

    def interval(self, toy: str, way: str, less: str | None = None) -> Interval:
        """Measure one way, or by how much it exceeds another, draw by draw."""
        scores = self.found[toy]
        if less:
            return paired_difference(scores[way], scores[less])
        return wilson(scores[way] == 1) if np.isin(scores[way], (0, 1)).all() else bootstrap(scores[way])

    def bars(self, toy: str, ylabel: str, ways: tuple[str, ...] = ()) -> Bars:
        """Picture some ways, or all."""
        ways = ways or tuple(self.found[toy])
        roles: dict[str, Role] = {way: "single_task" if way.startswith(("ridge", "alone", "labels")) else "main" for way in ways}
        return Bars({way: self.interval(toy, way) for way in ways}, roles, ylabel, (0.0, 1.0))


@dataclass(frozen=True)
class Recovery:
    """A penalty finds the structure that it prices: the rank, the inputs that matter, the groups, the signs.

    Attributes
    ----------
    seeds, first_seed : how many draws of each toy (of "signs", four times as many), and the first of their seeds.

    Raises
    ------
    ValueError : fewer than 20 seeds, or a negative first one.

    Source: the papers of the claims show single pictures. Departures: planted truths, scored over draws, are ours.
    """

    seeds: int = 128
    first_seed: int = 1000

    name, chapter = "recovery", "sharing/regularised-families"

    def __post_init__(self) -> None:
        check_least(self, ("seeds", 20), ("first_seed", 0))

    def run(self, *, progress: bool = False) -> RecoveryResult:
        """Draw, fit, score, and decide."""
        result = RecoveryResult({toy: self.measured(toy) for toy in tqdm(TOYS, desc=self.name, disable=not progress)})
        several = {s.id: [result.interval(toy, s.more, s.less) for toy in toys] for toys, s in SENTENCES}
        effects = {s.id: (min if s.most is None else max)(several[s.id], key=lambda effect: effect.estimate) for _, s in SENTENCES}
        nothing: dict[str, list[Interval | None]] = {s.id: [] for _, s in SENTENCES}
        return replace(result, claims=tuple(decided(self.name, [s for _, s in SENTENCES], effects, nothing)))

    def measured(self, toy: str) -> Scores:
        """Score every draw of one toy: way -> scores."""
        seeds = self.seeds * (4 if toy == "signs" else 1)
        rows = [TOYS[toy](seed) for seed in range(self.first_seed, self.first_seed + seeds)]
        return {way: np.array([row[way] for row in rows]) for way in rows[0]}


def spectrum(rank: int = 2, samples: int = 30, noise: float = 0.5, *, n_seeds: int = 64) -> Curves:
    """Follow the singular values of fifteen tasks' weights from the largest on: the true ones, and those that two fits find.

    Parameters
    ----------
    rank : dimension of the subspace that the tasks share; 0 for none.
    samples, noise : training samples, of 20 inputs; standard deviation of the labels' noise (labels alone: 1).
    n_seeds : draws, from seed 2000 on; the band is the 95% interval of their mean.
    """
    rows = [spectra(rank or 2, samples, noise, seed, shared=rank > 0) for seed in range(2000, 2000 + n_seeds)]
    lines = {way: [bootstrap(column) for column in np.stack([row[way] for row in rows]).T[:10]] for way in rows[0]}
    roles: dict[str, Role] = {"truth": "control", "trace norm": "main", "ridge": "single_task"}
    look = {"xlabel": "singular value, from the largest on", "ylabel": "its size (no unit)", "ylim": (0.0, 4.5)}
    return Curves.of_intervals(np.arange(1.0, 11.0), lines, roles=roles, **look)
