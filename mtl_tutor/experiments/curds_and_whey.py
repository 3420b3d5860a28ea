"""Fit each task apart and combine the fits afterwards: when does that learn from other tasks?"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from jaxtyping import Float
from tqdm import tqdm

from mtl_tutor.experiments._base import Sentence, check_least
from mtl_tutor.experiments._combined_risks import ROLES, CurdsAndWheyResult, Risks, risks_of
from mtl_tutor.experiments._verdicts import decided
from mtl_tutor.results import Curves
from mtl_tutor.statistics import resampled
from mtl_tutor.tasks import LinearTasks
from mtl_tutor.tasks.responses import responses

TEXT, PAPER = "source text 002 §2.3", "after Breiman and Friedman 1997"
CW, RIDGE = "curds and whey", {"against tuned ridge": "harm-ridge"}
SENTENCES = (  # in which world, and what is claimed there; effects are shares of the second one's risk
    ("related", Sentence("gain", "Curds and whey lowers the risk of fits apart by a tenth", PAPER, CW, "apart", most=-0.1)),
    ("related", Sentence("ridge", "... and that of ridge, tuned task by task", "ours", CW, "ridge", most=-0.1)),
    ("related", Sentence("each", "... and that of the same shrinkage, task by task", "control", CW, "each shrunk", most=-0.1)),
    ("related", Sentence("shuffled", "... and its own beside shuffled labels", "control", CW, "shuffled", most=-0.1)),
    ("related", Sentence("corrected", "... and that of its plain form, uncorrected", "ours", CW, "plain form", most=-0.1)),
    ("related", Sentence("stacked", "Stacking lowers the risk of fits apart by a tenth", TEXT, "stacked", "apart", most=-0.1)),
    ("related", Sentence("stacked-ridge", "... and that of ridge", "ours", "stacked", "ridge", most=-0.1)),
    ("related", Sentence("bagged", "Bagging fits apart lowers their risk by a twentieth", TEXT, "bagged", "apart", most=-0.05)),
    ("related", Sentence("averaged", "... and so does averaging the answers of all tasks", TEXT, "averaged", "apart", most=-0.05)),
    ("unrelated", Sentence("harm", "Where tasks are unrelated, curds and whey does no harm", PAPER, CW, "apart", most=0.05, unless=RIDGE)),
    ("unrelated", Sentence("harm-ridge", "... also against ridge", "ours", CW, "ridge", most=0.05)),
    ("unrelated", Sentence("harm-stacked", "... and stacking does none", "ours", "stacked", "apart", most=0.05)),
    ("common noise", Sentence("noise", "Where only noise is related, curds and whey gains a tenth", "ours", CW, "apart", most=-0.1)),
    ("common noise", Sentence("noise-ridge", "... also against ridge", "ours", CW, "ridge", most=-0.1)),
)


@dataclass(frozen=True)
class CurdsAndWhey:
    """Tasks that are fitted apart learn nothing from each other, unless the fits are combined by what their labels share.

    Linear tasks on the same samples: least squares and ridge, apart; their mean, bags of them, a second regression on the
    fits ("stacked"), and shrinkage in the labels' canonical coordinates ("curds and whey"). Only ridge sees validation samples.

    Attributes
    ----------
    seeds, first_seed : how many draws of tasks, and the first of their seeds.
    n_tasks, n_samples, n_features, rank, noise : of `responses`, in a world where the weights share a subspace, and two where not.
    common : the correlation of the labels' noise in the third world, where nothing else is related.

    Raises
    ------
    ValueError : fewer than 20 seeds, fewer samples than twice the features, or tasks that `responses` refuses.

    Source: source text 002 §2.3 for the claim, Breiman & Friedman (1997) for the method. Departures: the worlds are ours.
    """

    seeds: int = 400
    first_seed: int = 1000
    n_tasks: int = 8
    n_samples: int = 50
    n_features: int = 15
    rank: int = 2
    noise: float = 1.0
    common: float = 0.7

    name = "curds-and-whey"
    chapter = "what/relatives"

    def __post_init__(self) -> None:
        check_least(self, ("seeds", 20), ("first_seed", 0), ("n_samples", 2 * self.n_features))
        self.worlds()["common noise"](0)  # which checks the rest

    def worlds(self) -> dict[str, Callable[[int], LinearTasks]]:
        """How tasks are related: by their weights, not at all, by their noise."""
        sizes = {"n_features": self.n_features, "rank": self.rank, "noise": self.noise}
        draw = partial(responses, self.n_tasks, self.n_samples, **sizes)
        ways = {"related": {}, "unrelated": {"shared": False}, "common noise": {"shared": False, "common": self.common}}
        return {world: lambda seed, how=how: draw(**how, seed=seed) for world, how in ways.items()}

    def measured(self, draw: Callable[[int], LinearTasks]) -> Risks:
        """Fit every draw: way -> one risk per seed."""
        rows = [risks_of(draw(seed), seed) for seed in range(self.first_seed, self.first_seed + self.seeds)]
        return {way: np.array([row[way] for row in rows]) for way in rows[0]}

    def run(self, *, progress: bool = False) -> CurdsAndWheyResult:
        """Draw, fit, and decide."""
        worlds = tqdm(self.worlds().items(), desc=self.name, disable=not progress)
        result = CurdsAndWheyResult({world: self.measured(draw) for world, draw in worlds})
        effects = {s.id: result.interval(s.more, s.less, world) for world, s in SENTENCES}
        beside = {s.id: [result.interval(way, world=world) for way in ("apart", "shuffled")] for world, s in SENTENCES}
        return replace(result, claims=tuple(decided(self.name, [s for _, s in SENTENCES], effects, beside)))


def fit_and_combine(world: str = "related", samples: int = 50, noise: float = 1.0, *, n_seeds: int = 64) -> Curves:
    """Follow the risk over the number of tasks on the same samples, for fits apart and combined, in units of least squares apart.

    Parameters
    ----------
    world : "related" (by their weights), "unrelated", or "common noise".
    samples, noise : training samples, of 15 features; standard deviation of the labels' noise (of the signal: 1.4).
    n_seeds : draws of tasks per point, from seed 2000 on; the band is the 95% interval.
    """
    n_tasks, shown = (2, 4, 8, 14), ("apart", "ridge", "each shrunk", CW, "stacked", "shuffled")
    trials = [CurdsAndWhey(n_seeds, 2000, n_tasks=n, n_samples=samples, noise=noise) for n in n_tasks]
    risks = [trial.measured(trial.worlds()[world]) for trial in trials]
    lines = {way: [resampled(np.column_stack([risk[way], risk["apart"]]), _share) for risk in risks] for way in shown}
    look = {"xlabel": "tasks on the same samples", "ylabel": "excess risk (least squares apart: 1)", "ylim": (0.0, 1.5)}
    return Curves.of_intervals(np.array(n_tasks, dtype=float), lines, roles=ROLES, **look)


def _share(pairs: Float[np.ndarray, "seed 2"]) -> float:
    return float(pairs[:, 0].mean() / pairs[:, 1].mean())
