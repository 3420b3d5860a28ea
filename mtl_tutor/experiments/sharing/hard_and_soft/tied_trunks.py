"""Trunks tied to their mean: from separate nets to one trunk, and what a tie does where there is nothing to share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from scipy.stats import spearmanr
from torch import nn

from mtl_tutor.experiments import Arm, Hypothesis, Result, Trial, above, below, best_of, on_scale, recorded, within
from mtl_tutor.experiments.controls import Sampler, beside_shuffled
from mtl_tutor.experiments.curves import curves_of
from mtl_tutor.experiments.sharing.hard_and_soft.soft_nets import one_trunk, tied_nets
from mtl_tutor.results import Curves, History, Role
from mtl_tutor.statistics import Interval
from mtl_tutor.tasks import deviations
from mtl_tutor.training import SGD

SPREADS, TIES, N_TASKS = (0.0, 0.3, 1.0, 10.0), (0.1, 0.3, 1.0, 3.0, 10.0), 4
SMALL, LARGE = 0.15, 1.0  # scale of the first weights; the larger one is what architectures have by default
STARTS: Mapping[str, tuple[float, bool]] = {  # name -> scale, and whether all trunks start equal
    "apart": (LARGE, False),
    "alike": (LARGE, True),
    "alike, half": (LARGE / 2, True),
}
ALL, FIRST, CHOICE = "error, mean of the tasks", "error of the first task", "validation error of the first task"
DUONG = "Duong et al. 2015"


def best_ties(result: Result, name: str) -> list[str]:
    """Find the condition that a name of hypotheses stands for, in each block of seeds.

    "tied, 0.3" is the tie that was best at this spread on the seeds that tune, "start apart" the one of nets with this
    start; "shuffled" the tie that is best for the first task, by its validation samples, beside shuffled labels.
    Another name stands for itself.
    """
    blocks = range(result.n_blocks)
    if name == "shuffled":
        choices = {f"{t:g}, shuffled": np.array_split(result.values(f"{t:g}, shuffled", CHOICE), len(blocks)) for t in TIES}
        return [min(choices, key=lambda arm: float(choices[arm][block].mean())) for block in blocks]
    if not name.startswith(("tied, ", "start ")):
        return [name for _ in blocks]
    where = name.removeprefix("tied, ").removeprefix("start ")
    tuned = {arm: result.settings[arm] for t in TIES if (arm := f"{t:g}, {where}") in result.settings}
    return [min(tuned, key=lambda arm: tuned[arm][block % len(tuned[arm])].error) for block in blocks]


def best_values(result: Result, name: str, measure: str | None) -> Float[np.ndarray, "seed"]:
    """Read a measure of the condition that a name of hypotheses stands for, block by block."""
    ties = best_ties(result, name)
    return np.concatenate([np.array_split(result.values(tie, measure), len(ties))[block] for block, tie in enumerate(ties)])


@on_scale("change")
def ratio_of_best(result: Result, hypothesis: Hypothesis) -> Interval:
    """Measure by which share the treatment's mean exceeds the reference's, each with its best tie."""
    arms = (hypothesis.treatment, hypothesis.reference)
    return result.ratio(*(best_values(result, name or "", hypothesis.measure) for name in arms))


def rank_correlation(result: Result, hypothesis: Hypothesis) -> Interval:
    """Correlate, for every draw, the ranks of the spread and of the strength that is best, both ends included."""
    strengths = ("apart", *(f"{t:g}" for t in TIES), "one")
    best = [np.argmin([result.values(f"{strength}, {s:g}", ALL) for strength in strengths], axis=0) for s in SPREADS]
    rows = np.stack(best, axis=1)
    return result.mean(np.array([spearmanr(SPREADS, row)[0] if len(set(row)) > 1 else 0.0 for row in rows]))


@dataclass(frozen=True)
class TiedTrunks(Trial):
    """Trunks tied to their mean match the better of separate trunks and one, and the best tie weakens as tasks part.

    Learning rates are tuned for each tie, and ties for each spread.

    Attributes
    ----------
    n_samples, noise : int, float
        Of `deviations`, with four tasks of twenty inputs and at least two samples.

    Notes
    -----
    Source: Duong et al. (2015) for the tie, Evgeniou & Pontil (2004) for the tasks.
    Departures: trunks start alike, unless an arm says otherwise; tasks are linear, and all of the set-up is ours.
    """

    seeds: int = 64
    tuning_seeds: int = 12
    n_samples: int = 30
    noise: float = 0.7

    name = "tied-trunks"
    findings = ("near", "strangers")
    failing_controls = ("starts-alike",)
    smallest = (("n_samples", 2), ("noise", 0))
    widths, lrs, extensions = (4,), (0.002, 0.005, 0.015), 1
    steps, eval_every = 200, 10
    optimizer = SGD(momentum=0.9)
    activation, init_scale = nn.Tanh, SMALL
    hypotheses = (
        Hypothesis("same", "Tasks that are the same are better in one trunk than apart",
                   "ours", "one, 0", "apart, 0", below(), ratio_of_best),
        Hypothesis("near", "Tasks that differ a little are better tied than apart",
                   DUONG, "tied, 0.3", "apart, 0.3", below(), ratio_of_best),
        Hypothesis("near-decay", "... and better than apart with weights that decay",
                   "ours", "tied, 0.3", "decay, 0.3", below(), ratio_of_best),
        Hypothesis("near-shuffled", "... and better than tied to shuffled ones",
                   "control", "tied, 0.3", "shuffled", below(), ratio_of_best, FIRST),
        Hypothesis("near-one", "... and as well as in one trunk",
                   "ours", "tied, 0.3", "one, 0.3", within(0.1), ratio_of_best),
        Hypothesis("half", "Tasks that are half their own are better tied than apart",
                   DUONG, "tied, 1", "apart, 1", below(), ratio_of_best),
        Hypothesis("half-one", "... and better than in one trunk", "ours", "tied, 1", "one, 1", below(), ratio_of_best),
        Hypothesis("half-decay", "... and better than apart with weights that decay",
                   "ours", "tied, 1", "decay, 1", below(), ratio_of_best),
        Hypothesis("strangers-one", "Unrelated tasks are worse in one trunk than apart",
                   "ours", "one, 10", "apart, 10", above(), ratio_of_best),
        Hypothesis("strangers", "Unrelated tasks are no worse tied than apart",
                   "ours", "tied, 10", "apart, 10", below(0.05), ratio_of_best),
        Hypothesis("strangers-decay", "... but worse than apart with weights that decay",
                   "ours", "tied, 10", "decay, 10", above(), ratio_of_best),
        Hypothesis("starts", "Started large and apart, unrelated tasks err less by a tenth if tied",
                   "ours", "start apart", "large", below(-0.1), ratio_of_best),
        Hypothesis("starts-alike", "... also if started alike",
                   "control", "start alike", "large", below(-0.1), ratio_of_best),
        Hypothesis("starts-half", "... as much as if started alike, half as large",
                   "ours", "start apart", "start alike, half", within(0.1), ratio_of_best),
        Hypothesis("order", "The more tasks differ, the weaker the best tie (correlation of ranks)",
                   "ours", "ranks", None, below(-0.3), rank_correlation),
    )

    def draw(self, spread: float) -> Sampler:
        """Draw tasks that differ so much."""
        return lambda seed: deviations(N_TASKS, self.n_samples, spread=spread, noise=self.noise, seed=seed).data

    def measure(self, history: History) -> Mapping[str, Float[np.ndarray, "seed"]]:
        """Judge all tasks, and the first one."""
        best = history.best()
        return {ALL: best.mean(axis=1), FIRST: best[:, 0], CHOICE: history.best("validation")[:, 0]}

    def validated(self, history: History) -> Float[np.ndarray, "seed"]:
        """Tune for all tasks."""
        return history.best("validation").mean(axis=1)

    def arms(self) -> Mapping[str, Arm]:
        """Every tie for every spread, both ends, and the controls."""
        arms: dict[str, Arm] = {}
        for spread in SPREADS:
            arms |= self.between_ends(spread)
        shuffled = beside_shuffled(self.draw(0.3))
        for t in TIES:
            net = tied_nets(t, scale=SMALL)
            arms[f"{t:g}, shuffled"] = Arm(f"tie {t:g}, shuffled", "control", shuffled, net=net, like=f"{t:g}, 0.3")
        for start, (scale, alike) in STARTS.items():
            for t in TIES[:3]:
                net = tied_nets(t, scale=scale, alike=alike)
                arms[f"{t:g}, {start}"] = Arm(f"tie {t:g}, start {start}", "other", self.draw(10.0), net=net)
        large = Arm("apart, large start", "single_task", self.draw(10.0), net=tied_nets(0.0, scale=LARGE))
        return arms | {"large": large}

    def between_ends(self, spread: float) -> dict[str, Arm]:
        """Separate nets, tied ones, and one trunk; by `trunk_lr` it moves by the mean of the tasks' gradients."""
        draw = self.draw(spread)
        apart = Arm(f"apart, {spread:g}", "single_task", draw, shared=False)
        decays = [replace(apart, label=f"apart, decay {d:g}", weight_decay=d) for d in (0.03, 0.1, 0.3, 1.0)]
        arms = {"apart": apart, "decay": best_of(f"apart, weights decay, {spread:g}", "control", decays)}
        arms |= {f"{t:g}": Arm(f"tie {t:g}, {spread:g}", "main", draw, net=tied_nets(t, scale=SMALL)) for t in TIES}
        arms |= {"one": Arm(f"one trunk, {spread:g}", "other", draw, trunk_lr=1 / N_TASKS)}
        return {f"{name}, {spread:g}": arm for name, arm in arms.items()}

    def beside(self, result: Result, hypothesis: Hypothesis) -> Sequence[Interval | None]:
        """Show the reference by itself."""
        if hypothesis.reference is None:
            return None, None
        return result.mean(best_values(result, hypothesis.reference, hypothesis.measure)), None


@recorded(
    "tied-trunks",
    title="How strongly should trunks be tied?",
    alt="The more tasks differ, the weaker the best tie; started large and apart, even unrelated tasks are better tied.",
    spread=[0.0, 0.3, 1.0, 10.0],
    start=["alike, small", "apart, large"],
)
def tied_trunks_curves(
    spread: float = 0.3, start: str = "alike, small", samples: int = 30, *, n_seeds: int = 64
) -> Curves:
    """Follow the error over the strength of the tie, from separate nets to one trunk; learning rate 0.005, untuned.

    Parameters
    ----------
    spread : float
        How much the tasks differ, from 0 (the same) to 10 (unrelated).
    start : str
        "alike, small" (all trunks have the same first weights, of scale 0.15) or "apart, large" (each its own, of
        scale 1).
    samples : int
        Training samples of each task, with twenty inputs.
    n_seeds : int
        Draws of four tasks, from seed 2000 on; the band is the 95% interval of their mean.
    """
    trial, alike = TiedTrunks(seeds=n_seeds, first_seed=2000, n_samples=samples), start == "alike, small"
    scale, arms = SMALL if alike else LARGE, trial.between_ends(spread)
    apart = replace(arms[f"apart, {spread:g}"], net=tied_nets(0.0, scale=scale), shared=True)
    ends = {
        "apart": apart,
        "apart, weights decay": replace(apart, weight_decay=0.3),
        "one trunk": replace(arms[f"one, {spread:g}"], net=one_trunk(scale)),
    }
    flat = {name: trial.measured(arm, 4, 0.005)[ALL] for name, arm in ends.items()}

    def errors(tie: float) -> dict[str, np.ndarray]:
        arm = replace(arms[f"{tie:g}, {spread:g}"], net=tied_nets(tie, scale=scale, alike=alike))
        return {"tied": trial.measured(arm, 4, 0.005)[ALL], **flat}

    roles: dict[str, Role] = {
        "tied": "main",
        "apart": "single_task",
        "apart, weights decay": "control",
        "one trunk": "other",
    }
    look = {"xlabel": "strength of the tie", "ylabel": "test error (variance of the labels: 1)", "ylim": (0.0, 0.9)}
    return curves_of(errors, TIES, roles, xscale="log", **look)
