"""Which architecture? The atlas at its corners, on seeds of their own and with verdicts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from mtl_tutor.comparison._entries import Cell, Entry
from mtl_tutor.experiments.experiment import Experiment
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below, difference, on_scale, ratio
from mtl_tutor.experiments.result import Measured, Result
from mtl_tutor.experiments.sharing.which_one.contest import ALONE, PLAIN, SIZES_WITHOUT_DECAY, Build, Contest
from mtl_tutor.experiments.sharing.which_one.subspace_family import SubspaceFamily
from mtl_tutor.sharing import HardSharing, MMoE, SingleTask, SoftSharing, TaskEmbedding
from mtl_tutor.statistics import Interval
from mtl_tutor.tuning import Setting

CORNERS: Mapping[str, tuple[float, int, Sequence[Build]]] = {  # relatedness, samples, architectures
    "related": (1.0, 60, (HardSharing, SoftSharing, MMoE, TaskEmbedding)),
    "strangers": (0.0, 60, (HardSharing, SoftSharing, MMoE, TaskEmbedding)),
    "plenty": (1.0, 600, (HardSharing,)),
}
N_TUNING = 8  # seeds of each block
ERROR = "mean squared error on test samples, mean of tasks (labels: variance 1)"
VALIDATION = "the same on validation samples"
MA, KURIN, TEXT = "after Ma et al. 2018", "after Kurin et al. 2022", "source text 003"


def where_all_converged(
    effect: Callable[[Result, Hypothesis], Interval], result: Result, hypothesis: Hypothesis
) -> Interval:
    """Measure an effect on the seeds on which no net of its corner diverged."""
    corner = hypothesis.treatment.partition(":")[0]
    errors = {name: one[ERROR] for name, one in result.measured.items() if name.startswith(corner)}
    kept = np.isfinite(np.stack(list(errors.values()))).all(axis=0)
    rest = {name: {ERROR: error[kept]} for name, error in errors.items()}
    return effect(Result(rest, n_blocks=result.n_blocks), hypothesis)


share = on_scale("change")(partial(where_all_converged, ratio))
amount = partial(where_all_converged, difference)


@dataclass(frozen=True)
class WhichOne(Experiment):
    """Which architecture is best depends on what the tasks have in common; none is best at every corner of the atlas.

    A third of the error counts as a gain or a loss, a tenth as a difference, a twentieth as harm. An architecture can also be
    chosen for each draw of tasks, by the validation samples of that draw alone, as a reader would.

    Attributes
    ----------
    seeds, first_seed
        As in `Experiment`: draws of tasks, data and first weights.
    capacity : int
        Hidden units of a single-task net of full size.
    n_tasks : int
        How many tasks.

    Raises
    ------
    ValueError
        Too few seeds, no units, or fewer than two tasks.

    Notes
    -----
    Source: ours; on baselines that are regularised, too, Kurin et al. (2022). Departures: none.
    """

    seeds: int = 128
    capacity: int = 6
    n_tasks: int = 6

    name = "which-one"
    findings = ("related", "strangers", "soft", "decay", "plenty", "choice")
    smallest = (("capacity", 1), ("n_tasks", 2))
    hypotheses = (
        Hypothesis("related", "Where all is shared, one trunk saves a third of the error", "Caruana 1997",
                   "related: HardSharing", "related: single-task", below(-1 / 3), share),
        Hypothesis("wide", "... and errs a third less than single-task nets as wide as it", "control",
                   "related: HardSharing", "related: single-task, wide", below(-1 / 3), share),
        Hypothesis("strangers", "Where nothing is shared, the same trunk costs a third", "ours",
                   "strangers: HardSharing", "strangers: single-task", above(1 / 3), share),
        Hypothesis("gates", "... and gated experts (MMoE) err less than it", MA,
                   "strangers: MMoE", "strangers: HardSharing", below(0), share),
        Hypothesis("gates-related", "... and where all is shared, hardly more", MA,
                   "related: MMoE", "related: HardSharing", below(0.05), share),
        Hypothesis("soft", "Soft sharing does unrelated tasks no harm", TEXT,
                   "strangers: SoftSharing", "strangers: single-task", below(0.05), share),
        Hypothesis("soft-related", "... and is as good as one trunk where all is shared", "ours",
                   "related: SoftSharing", "related: HardSharing", below(0.05), share),
        Hypothesis("decay", "Without weight decay, single-task nets err half as much again", KURIN,
                   "strangers: single-task, no decay", "strangers: single-task", above(0.5), share),
        Hypothesis("leaderboard", "... so beside them even one trunk for unrelated tasks gains", KURIN,
                   "strangers: HardSharing", "strangers: single-task, no decay", below(-0.1), share),
        Hypothesis("plenty", "With ten times the samples, one trunk saves less than a tenth", "a belief",
                   "plenty: HardSharing", "plenty: single-task", above(-0.1), share),
        Hypothesis("plenty-small", "... and less than a hundredth of the labels' variance", "ours",
                   "plenty: single-task", "plenty: HardSharing", below(0.01), amount),
        Hypothesis("choice",
                   "An architecture chosen by one draw's own validation samples errs at most a tenth more than one chosen with hindsight",
                   "ours", "related: chosen", "related: hindsight", below(0.1), share),
        Hypothesis("choice-strangers", "... also where nothing is shared", "ours",
                   "strangers: chosen", "strangers: hindsight", below(0.1), share),
        Hypothesis("choice-harm", "... and there the choice does no harm, against single-task nets", "ours",
                   "strangers: chosen", "strangers: single-task", below(0.05), share),
    )

    def contest(self, corner: str) -> Contest:
        """Data, budget and architectures of one corner."""
        relatedness, n_samples, builds = CORNERS[corner]
        draw = SubspaceFamily(relatedness, n_samples, self.n_tasks)
        return Contest(draw, self.capacity, {build.__name__: build for build in builds})

    def entries(self, corner: str) -> dict[str, Entry]:
        """What is compared at one corner: beside the others, single-task nets without weight decay."""
        contest = self.contest(corner)
        return contest.entries() | {PLAIN: contest.entry(PLAIN, SingleTask, SIZES_WITHOUT_DECAY)}

    def tuned(self) -> Sequence[str]:
        """Every contestant at every corner."""
        return [f"{corner}: {name}" for corner in CORNERS for name in self.entries(corner)]

    def tune(self, name: str) -> Setting:
        """Choose the size, weight decay and learning rate of each single-task net, or of a net for all tasks."""
        corner, _, contestant = name.partition(": ")
        contest, entry = self.contest(corner), self.entries(corner)[contestant]
        first = contest.draw(self.first_seed)
        cells, losses = entry.choose(contest.draw, first, self.tuning_range(N_TUNING).tolist())
        settings = tuple(
            Setting(
                lr=cell.setting,
                size=contest.share_of(cell.plan),
                weight_decay=cell.plan.weight_decay,
                at_edge=cell.at_edge,
                error=loss,
            )
            for cell, loss in zip(cells, losses, strict=True)
        )
        return Setting(per_task=settings) if entry.is_separate(first) else settings[0]

    def measure_all(self, settings: Mapping[str, Setting], *, progress: bool = False) -> Measured:
        """Train every contestant at every corner, and measure its mean error over tasks."""
        measured = {}
        for name in self._shown(self.tuned(), "training", progress):
            corner, _, contestant = name.partition(": ")
            contest, entry = self.contest(corner), self.entries(corner)[contestant]
            chosen = settings[name].per_task or (settings[name],) * self.n_tasks
            cells = [Cell(entry.recipes[0], contest.plan_of(one.size or 0, one.weight_decay or 0), one.lr or 0) for one in chosen]
            validation, test = entry.judge(contest.draw, self.seed_range.tolist(), cells)
            measured[name] = {ERROR: test.mean(axis=1), VALIDATION: validation.mean(axis=1)}
        return {**measured, **self.chosen("related", measured), **self.chosen("strangers", measured)}

    def chosen(self, corner: str, measured: Measured) -> Measured:
        """Choose an architecture for every draw by that draw's own validation samples; and with hindsight, by its test samples."""
        arms = [measured[f"{corner}: {name}"] for name in (ALONE, *(build.__name__ for build in CORNERS[corner][2]))]
        error = np.stack([np.where(np.isfinite(arm[ERROR]), arm[ERROR], np.inf) for arm in arms])
        loss = np.stack([np.where(np.isfinite(arm[VALIDATION]), arm[VALIDATION], np.inf) for arm in arms])
        picked = np.take_along_axis(error, loss.argmin(axis=0)[None], axis=0)[0]
        return {f"{corner}: chosen": {ERROR: picked}, f"{corner}: hindsight": {ERROR: error.min(axis=0)}}
