"""A fit for each task, tied to the mean of all: one knob between separate fits and one pooled fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int

from mtl_tutor.experiments._base import Sentence, check_least
from mtl_tutor.experiments._tied_fits import PRICES, Draws, Risks, near_tasks, risks_of
from mtl_tutor.results import Claim, Curves, Role
from mtl_tutor.statistics import bootstrap, relative_change

SPREADS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
RISK, TEXT = "excess risk per task (no unit)", "source text 003"
LOWER: dict[str, Any] = {"most": 0.0, "relative": True}
SAME: dict[str, Any] = {"margin": 0.1, "relative": True}
HARMLESS: dict[str, Any] = {"most": 0.05, "relative": True}
SENTENCES = (  # how much the tasks differ, and what is claimed
    (0.3, Sentence("near", "Tasks that differ a little are better tied to their mean than apart", TEXT, "tied", "apart", **LOWER)),
    (0.3, Sentence("near-pooled", "... and better than as one", TEXT, "tied", "pooled", **LOWER)),
    (0.3, Sentence("near-shuffled", "... and better than tied to shuffled ones", "control", "first", "first, shuffled", **LOWER)),
    (0.3, Sentence("shuffled", "Ties to shuffled tasks do what a ridge does", "control", "first, shuffled", "first, apart", **SAME)),
    (0.3, Sentence("bayes", "The best price: noise variance / variance of the differences", "Bayes' rule", "best", "bayes", **SAME)),
    (0.0, Sentence("same", "Tasks that are the same are better as one than apart", "ours", "pooled", "apart", **LOWER)),
    (0.0, Sentence("same-tied", "... and as good at a price that validation finds", "ours", "tied", "pooled", **SAME)),
    (1.0, Sentence("unrelated", "Unrelated tasks are worse as one than apart", "ours", "pooled", "apart", relative=True)),
    (1.0, Sentence("unrelated-tied", "... but no worse tied", TEXT, "tied", "apart", **HARMLESS)),
    (1.0, Sentence("unrelated-either", "... if validation may leave them apart", "ours", "tied or apart", "apart", **HARMLESS)),
    (1.0, Sentence("stein", "... and better, if what is apart has no ridge", "Stein 1956", "tied", "apart, no ridge", **LOWER)),
)
FALLS = Sentence("falls", "The more tasks differ, the lower the best price (correlation of ranks)", "ours", "ranks", most=-0.5)


@dataclass(frozen=True, eq=False)
class TiedResult:
    """Excess risks.

    Attributes
    ----------
    risks : how much the tasks differ -> way to fit -> risk of every draw.
    best : the price of the lowest risk in every draw, as an index into `PRICES`, for each of `SPREADS`.
    claims : what was decided.
    """

    risks: Mapping[float, Risks]
    best: Int[np.ndarray, "seed point"]
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class Tied:
    """Tasks tied to their own mean are learned better than apart and better than as one, if they differ a little.

    Attributes
    ----------
    seeds, first_seed : how many draws of tasks, and the first of their seeds.
    n_tasks, n_samples, n_features, noise : of the tasks; as many more samples choose prices and ridges, pooled over the tasks of a draw.

    Raises
    ------
    ValueError : fewer than 20 seeds, a negative first one, fewer than two tasks or samples, no features, or no noise.

    Source: Evgeniou & Pontil (2004), regularised multi-task learning. Departures: least squares where they have support vectors.
    """

    seeds: int = 400
    first_seed: int = 1000
    n_tasks: int = 8
    n_samples: int = 15
    n_features: int = 10
    noise: float = 0.5

    name, chapter = "tied", "what/two-nets-or-one"

    def __post_init__(self) -> None:
        check_least(self, ("seeds", 20), ("first_seed", 0), ("n_tasks", 2), ("n_samples", 2), ("n_features", 1), ("noise", 1e-9))

    def run(self, *, progress: bool = False) -> TiedResult:
        """Draw, fit, and decide, in seconds; `progress` has nothing to show."""
        risks = {spread: self.risks(spread) for spread in SPREADS}
        best = np.stack([np.argmin([risks[spread][f"price {price:g}"] for price in PRICES], axis=0) for spread in SPREADS], axis=1)
        effects = [relative_change(risks[spread][s.more], risks[spread][s.less or ""]) for spread, s in SENTENCES]
        claims = [s.claim(self.name, effect) for (_, s), effect in zip(SENTENCES, effects, strict=True)]
        ranks = np.corrcoef(np.vstack([np.arange(len(SPREADS)), best]))[0, 1:]
        return TiedResult(risks, best, (*claims, FALLS.claim(self.name, bootstrap(np.nan_to_num(ranks)))))

    def risks(self, spread: float) -> Risks:
        """Fit every draw in every way."""
        bayes = self.noise**2 * self.n_features / spread**2 if spread else np.inf
        return risks_of(self.draws(spread), self.draws(spread, shuffled=True), bayes)

    def draws(self, spread: float, *, shuffled: bool = False) -> Draws:
        """Draw tasks that differ so much."""
        size = self.n_tasks, self.n_samples, self.n_features
        return near_tasks(spread, size, self.noise, range(self.first_seed, self.first_seed + self.seeds), shuffled=shuffled)


def tie(spread: float = 0.3, samples: int = 15, tasks: int = 8, *, n_seeds: int = 400) -> Curves:
    """Follow the excess risk over the price of differing from the mean, from separate fits to one.

    Parameters
    ----------
    spread : how much the tasks differ, from 0 (the same) to 1 (unrelated).
    samples, tasks : training samples of each task (of 10 features), and how many tasks.
    n_seeds : draws, from seed 2000 on; the band is the 95% interval of their mean.
    """
    risks = Tied(seeds=n_seeds, first_seed=2000, n_tasks=tasks, n_samples=samples).risks(spread)
    inside = PRICES[1:-1]
    lines = {
        "tied": [bootstrap(risks[f"price {price:g}"]) for price in inside],
        "apart, tuned ridge": [bootstrap(risks["apart"])] * len(inside),
        "one pooled fit": [bootstrap(risks["pooled"])] * len(inside),
    }
    roles: dict[str, Role] = {"tied": "main", "apart, tuned ridge": "single_task", "one pooled fit": "control"}
    look = {"xlabel": "price of differing from the mean", "ylabel": RISK, "ylim": (0.0, 1.2)}
    return Curves.of_intervals(np.array(inside), lines, roles=roles, xscale="log", **look)
