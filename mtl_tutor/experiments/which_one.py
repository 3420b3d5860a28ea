"""Which architecture? The atlas at its corners, on seeds of their own and with verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from mtl_tutor.experiments._base import TUNING_SEED, Sentence, check_least
from mtl_tutor.experiments._contest import ALONE, WIDE, Build, Contest, Judged, Setting, judge
from mtl_tutor.experiments._kin import Kin
from mtl_tutor.results import Claim
from mtl_tutor.sharing import HardSharing, MMoE, SingleTask, SoftSharing, TaskEmbedding
from mtl_tutor.statistics import paired_difference, relative_change

RELATED, STRANGERS, PLENTY = "related", "strangers", "plenty"
CORNERS: Mapping[str, tuple[float, int, Sequence[Build]]] = {  # relatedness, samples, who competes
    RELATED: (1.0, 60, (HardSharing, SoftSharing, MMoE, TaskEmbedding)),
    STRANGERS: (0.0, 60, (HardSharing, SoftSharing, MMoE, TaskEmbedding)),
    PLENTY: (1.0, 600, (HardSharing,)),
}
HARD, SOFT, GATED = "HardSharing", "SoftSharing", "MMoE"
PLAIN, CHOSEN = "single-task, no decay", "chosen by validation"
REL: dict[str, Any] = {"relative": True}
XIN = "Xin et al. 2022"
SENTENCES = (  # where, and what is claimed: what counts is a third to win or to lose, a tenth to be the same, a twentieth as harm
    (
        RELATED,
        Sentence("related", "Where all is shared, one trunk saves a third of the error", "Caruana 1997", HARD, ALONE, most=-1 / 3, **REL),
    ),
    (RELATED, Sentence("wide", "... and errs a third less than single-task nets as wide as it", "control", HARD, WIDE, most=-1 / 3, **REL)),
    (STRANGERS, Sentence("strangers", "Where nothing is shared, the same trunk costs a third", "ours", HARD, ALONE, 1 / 3, **REL)),
    (STRANGERS, Sentence("gates", "... and gated experts (MMoE) err less than it", "Ma et al. 2018", GATED, HARD, most=0.0, **REL)),
    (RELATED, Sentence("gates-related", "... and where all is shared, hardly more", "Ma et al. 2018", GATED, HARD, most=0.05, **REL)),
    (STRANGERS, Sentence("soft", "Soft sharing does strangers no harm", "source text 003", SOFT, ALONE, most=0.05, **REL)),
    (RELATED, Sentence("soft-related", "... and is as good as one trunk where all is shared", "ours", SOFT, HARD, most=0.05, **REL)),
    (STRANGERS, Sentence("decay", "Without weight decay, single-task nets err half as much again", XIN, PLAIN, ALONE, 0.5, **REL)),
    (STRANGERS, Sentence("leaderboard", "... so beside them even a trunk for strangers gains", XIN, HARD, PLAIN, most=-0.1, **REL)),
    (STRANGERS, Sentence("choice", "Validation that may pick single-task nets harms no stranger", "ours", CHOSEN, ALONE, most=0.05, **REL)),
    (RELATED, Sentence("choice-related", "... and saves a third where all is shared", "ours", CHOSEN, ALONE, most=-1 / 3, **REL)),
    (PLENTY, Sentence("plenty", "With ten times the samples, one trunk saves less than a tenth", "a belief", HARD, ALONE, -0.1, **REL)),
    (PLENTY, Sentence("plenty-small", "... and less than a hundredth of the labels' variance", "ours", ALONE, HARD, most=0.01)),
)


@dataclass(frozen=True, eq=False)
class WhichOneResult:
    """Who erred how much at which corner.

    Attributes
    ----------
    errors : corner -> contestant -> mean squared error on the test samples, mean of tasks; labels have variance 1.
    settings : the same -> what was chosen: (share of the budget, weight decay, learning rate) of every task, or once for all.
    at_edge : the same -> whether a rate lies at the edge of those tried.
    picked : corner -> the contestant whose validation loss was lowest.
    claims : what was decided.
    """

    errors: Mapping[str, Mapping[str, Float[np.ndarray, "seed"]]]
    settings: Mapping[str, Mapping[str, tuple[Setting, ...]]]
    at_edge: Mapping[str, Mapping[str, bool]]
    picked: Mapping[str, str]
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class WhichOne:
    """Which architecture is best depends on what the tasks have in common; none is best at every corner of the atlas.

    Attributes
    ----------
    seeds, first_seed : how many draws of tasks, data and first weights, and the first of their seeds.
    capacity, n_tasks : hidden units of a single-task net of full size, and how many tasks.

    Raises
    ------
    ValueError : fewer than 20 seeds, a negative first one, seeds that tuning uses, no units, or fewer than two tasks.

    Source: ours; on tuning baselines, Xin et al. (2022). Departures: none.
    """

    seeds: int = 128
    first_seed: int = 1000
    capacity: int = 6
    n_tasks: int = 6

    name, chapter = "which-one", "sharing/which-one"

    def __post_init__(self) -> None:
        check_least(self, ("seeds", 20), ("first_seed", 0), ("capacity", 1), ("n_tasks", 2))
        if self.first_seed + self.seeds > TUNING_SEED:
            raise ValueError(f"`first_seed` must leave the seeds from {TUNING_SEED:,} on to tuning; got {self.first_seed}.")

    def run(self, *, progress: bool = False) -> WhichOneResult:
        """Let all compete at every corner, and decide."""
        found = {corner: self.judged(corner) for corner in CORNERS}
        picked = {corner: min(rows, key=lambda name: rows[name].validation.mean()) for corner, rows in found.items()}
        errors = {corner: _errors(rows, picked[corner]) for corner, rows in found.items()}
        settings = {corner: {name: one.settings for name, one in rows.items()} for corner, rows in found.items()}
        at_edge = {corner: {name: one.at_edge for name, one in rows.items()} for corner, rows in found.items()}
        return WhichOneResult(errors, settings, at_edge, picked, tuple(self.claims(errors)))

    def judged(self, corner: str) -> dict[str, Judged]:
        """Tune and train at one corner; beside the others, single-task nets without weight decay, tuned otherwise."""
        relatedness, n_samples, builds = CORNERS[corner]
        contest = Contest(Kin(relatedness, n_samples, self.n_tasks), self.capacity, {build.__name__: build for build in builds})
        seeds = range(self.first_seed, self.first_seed + self.seeds)
        return contest.run(seeds) | {PLAIN: judge(SingleTask, ((1.0, 0.0), (0.25, 0.0)), contest.plan, contest.draw, seeds)}

    def claims(self, errors: Mapping[str, Mapping[str, Float[np.ndarray, "seed"]]]) -> list[Claim]:
        """Decide the sentences."""
        rows = [(s, errors[corner][s.more], errors[corner][s.less or ALONE]) for corner, s in SENTENCES]
        return [s.claim(self.name, (relative_change if s.relative else paired_difference)(a, b)) for s, a, b in rows]


def _errors(rows: Mapping[str, Judged], picked: str) -> dict[str, Float[np.ndarray, "seed"]]:
    """Mean errors of the tasks, on the seeds on which nobody diverged."""
    means = {name: one.test.mean(axis=1) for name, one in rows.items()}
    kept = np.isfinite(np.stack(list(means.values()))).all(axis=0)
    return {name: error[kept] for name, error in means.items()} | {CHOSEN: means[picked][kept]}
