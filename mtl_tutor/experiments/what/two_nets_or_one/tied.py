"""A fit for each task, tied to the mean of all: one knob between separate fits and one pooled fit."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below, ratio, within
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.experiments.what.two_nets_or_one.tied_fits import (
    PENALTIES,
    LinearDraws,
    Risks,
    by_penalty,
    excess_risks,
    near_tasks,
)
from mtl_tutor.results import Curves, Role
from mtl_tutor.statistics import Interval, bootstrap
from mtl_tutor.tuning import Setting

SPREADS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
RISK, TEXT = "excess risk per task (no unit)", "source text 003"
SAME, NEAR, FAR = "spread 0", "spread 0.3", "spread 1"
LESS, MORE, ALIKE, NO_HARM, FALLS = below(0), above(0), within(0.1), below(0.05), below(-0.5)


def rank_correlation(result: Result, hypothesis: Hypothesis) -> Interval:
    """Average over draws Spearman's correlation of the spread with the best penalty (0 where it is the same for all)."""
    measures = [f"spread {spread:g}" for spread in SPREADS]
    risks = [by_penalty({name: found[measure] for name, found in result.measured.items()}) for measure in measures]
    best = np.argmin(risks, axis=1).T  # [seed spread]
    return result.mean(np.array([spearmanr(SPREADS, row)[0] if np.ptp(row) else 0.0 for row in best]))


@dataclass(frozen=True)
class Tied(Experiment):
    """Tasks tied to their own mean are learned better than apart and better than as one, if they differ a little.

    A condition is a way to fit, a measure the excess risk at one spread, which says how much the tasks differ.

    Attributes
    ----------
    n_tasks, n_samples, n_features : int
        Of the tasks; as many more samples choose penalties and ridges, pooled over the tasks of a draw.
    noise : float
        Standard deviation of the labels' noise.

    Raises
    ------
    ValueError
        Fewer than 20 seeds, a negative first one, fewer than two tasks or samples, no features, or no noise.

    Notes
    -----
    Source: Evgeniou & Pontil (2004), regularised multi-task learning.
    Departures: least squares where they have support vectors.
    """

    seeds: int = 400
    n_tasks: int = 8
    n_samples: int = 15
    n_features: int = 10
    noise: float = 0.5

    name = "tied"
    findings = ("near", "unrelated", "falls")
    smallest = (("n_tasks", 2), ("n_samples", 2), ("n_features", 1), ("noise", 1e-9))
    hypotheses = (
        Hypothesis("near", "Tasks that differ a little are better tied to their mean than apart", TEXT, "tied", "apart", LESS, ratio, NEAR),
        Hypothesis("near-pooled", "... and better than as one", TEXT, "tied", "pooled", LESS, ratio, NEAR),
        Hypothesis("near-shuffled", "... and better than tied to shuffled ones", "control", "first", "first, shuffled", LESS, ratio, NEAR),
        Hypothesis(
            "shuffled", "Ties to shuffled tasks do what a ridge does", "control", "first, shuffled", "first, apart", ALIKE, ratio, NEAR
        ),
        Hypothesis(
            "bayes", "The best penalty: noise variance / variance of the differences", "Bayes' rule", "best", "bayes", ALIKE, ratio, NEAR
        ),
        Hypothesis("same", "Tasks that are the same are better as one than apart", "ours", "pooled", "apart", LESS, ratio, SAME),
        Hypothesis("same-tied", "... and as good at a penalty that validation finds", "ours", "tied", "pooled", ALIKE, ratio, SAME),
        Hypothesis("unrelated", "One fit for unrelated tasks errs more than separate fits", "ours", "pooled", "apart", MORE, ratio, FAR),
        Hypothesis("unrelated-tied", "... but no worse tied", TEXT, "tied", "apart", NO_HARM, ratio, FAR),
        Hypothesis("unrelated-either", "... if validation may leave them apart", "ours", "tied or apart", "apart", NO_HARM, ratio, FAR),
        Hypothesis("stein", "... and better, if what is apart has no ridge", "Stein 1956", "tied", "apart, no ridge", LESS, ratio, FAR),
        Hypothesis("falls", "The more tasks differ, the lower the best penalty (correlation of ranks)", "ours",
                   "tied", None, FALLS, rank_correlation),
    )

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Fit every draw in every way, for every spread."""
        risks = {f"spread {spread:g}": self.risks(spread) for spread in SPREADS}
        return {way: {measure: found[way] for measure, found in risks.items()} for way in risks[SAME]}

    def risks(self, spread: float) -> Risks:
        """Fit every draw in every way."""
        bayes = self.noise**2 * self.n_features / spread**2 if spread else np.inf
        return excess_risks(self.draws(spread), self.draws(spread, shuffled=True), bayes)

    def draws(self, spread: float, *, shuffled: bool = False) -> LinearDraws:
        """Draw tasks that differ so much."""
        size = self.n_tasks, self.n_samples, self.n_features
        return near_tasks(spread, size, self.noise, self.seed_range.tolist(), shuffled=shuffled)


@recorded(
    "tied",
    title="How tightly should tasks be tied?",
    alt="Tasks that differ a little are best tied neither loosely nor tightly; the more they differ, the looser.",
    spread=[0.0, 0.1, 0.3, 0.5, 1.0],
    samples=[15, 40],
    tasks=[2, 8],
)
def tied_curves(spread: float = 0.3, samples: int = 15, tasks: int = 8, *, n_seeds: int = 400) -> Curves:
    """Follow the excess risk over the penalty on differences from the mean, from separate fits to one.

    Parameters
    ----------
    spread : float
        How much the tasks differ, from 0 (the same) to 1 (unrelated).
    samples, tasks : int
        Training samples of each task (of 10 features), and how many tasks.
    n_seeds : int
        Draws, from seed 2000 on; the band is the 95% interval of their mean.
    """
    risks = Tied(n_seeds, 2000, n_tasks=tasks, n_samples=samples).risks(spread)
    inside = np.array(PENALTIES[1:-1])
    lines = {
        "tied": [bootstrap(row) for row in by_penalty(risks)[1:-1]],
        "apart, tuned ridge": [bootstrap(risks["apart"])] * len(inside),
        "one pooled fit": [bootstrap(risks["pooled"])] * len(inside),
    }
    roles: dict[str, Role] = {"tied": "main", "apart, tuned ridge": "single_task", "one pooled fit": "control"}
    look = {"xlabel": "price of differing from the mean", "ylabel": RISK, "ylim": (0.0, 1.2)}
    return Curves.of_intervals(inside, lines, roles=roles, xscale="log", **look)
