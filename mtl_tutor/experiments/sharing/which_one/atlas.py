"""The atlas: who gains over tuned single-task nets, in which case, at which cost; and what a choice by validation is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import joblib
import numpy as np
from jaxtyping import Float

from mtl_tutor import sharing
from mtl_tutor.comparison._entries import Entry
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.sharing.which_one.cases import CASES, Case
from mtl_tutor.experiments.sharing.which_one.contest import ALONE, WIDE, Build, Contest
from mtl_tutor.recipes import Network, TrainingConfig
from mtl_tutor.results import Bars, Role
from mtl_tutor.results.comparison import contestant
from mtl_tutor.sharing import SingleTask
from mtl_tutor.statistics import Interval, relative_change
from mtl_tutor.tuning import tuning_seeds

GAIN = "% of the single-task nets' error saved"
SIZES = ((1.0, 0.0), (0.25, 0.03), (1.0, 0.1))
CHOSEN, HINDSIGHT, REGRET = "chosen by validation", "chosen with hindsight", "regret"
PARAMETERS, MULTIPLICATIONS = "parameters", "multiplications"
FAMILIES: Mapping[str, tuple[type[sharing.Architecture], ...]] = {
    "one trunk": (sharing.HardSharing, sharing.Branching),
    "nets that are joined": (sharing.SoftSharing, sharing.CrossStitch, sharing.Sluice, sharing.NDDR, sharing.MTAN),
    "experts and gates": (sharing.OMoE, sharing.MMoE, sharing.CGC, sharing.PLE),
    "parts and cascades": (sharing.Cascade, sharing.TaskDecomposition, sharing.GlobalAndLocal),
    "one net, told the task": (
        sharing.TaskConditioned,
        sharing.TaskEmbedding,
        sharing.Adapters,
        sharing.LowRank,
        sharing.HyperNetwork,
        sharing.TaskTokens,
    ),
}
"""Kind of sharing -> its architectures. With one hidden layer `LowLevelSupervision` is `HardSharing`, and is left out."""
ARCHITECTURES = {build.__name__: build for family in FAMILIES.values() for build in family}
SOME = {build.__name__: build for build in (sharing.HardSharing, sharing.SoftSharing, sharing.TaskConditioned)}


class Judged(NamedTuple):
    """One contestant's errors on the reported draws, and the cost of what tuning chose."""

    validation: Float[np.ndarray, "seed task"]
    test: Float[np.ndarray, "seed task"]
    parameters: float
    multiplications: float


@dataclass(frozen=True)
class AtlasContest(Contest):
    """A contest that knows its depth and chooses among the atlas's own sizes.

    Parameters
    ----------
    depth : int
        Hidden layers of every net.
    sizes : sequence of pairs
        Shares of the budget with weight decays, for every contestant.
    """

    depth: int = 1
    sizes: Sequence[tuple[float, float]] = SIZES

    @property
    def plan(self) -> TrainingConfig:
        """The steps, the learning rates that are tried, and the budget."""
        plan = super().plan
        full = replace(plan, n_hidden=(self.n_hidden,) * self.depth, parameters=None)
        budget = Network(SingleTask).cost(self.draw(0), full).parameters
        return replace(plan, n_hidden=(1,) * self.depth, parameters=budget)

    def entries(self) -> dict[str, Entry]:
        """What competes: single-task nets, wide ones, and the architectures."""
        wide = [(len(self.draw(0).tasks) * share, decay) for share, decay in self.sizes]
        alone = {ALONE: self.entry(ALONE, SingleTask, self.sizes), WIDE: self.entry(WIDE, SingleTask, wide)}
        return alone | {name: self.entry(name, build, self.sizes) for name, build in self.builds.items()}

    def judge(self, entry: Entry, tuning: Sequence[int], seeds: Sequence[int]) -> Judged:
        """Tune one contestant and train it on the reported seeds."""
        first = self.draw(seeds[0])
        cells, _ = entry.choose(self.draw, first, tuning)
        costs = [cell.recipe.cost(first, cell.plan) for cell in cells]  # of the whole net, or of all nets
        means = [float(np.mean(numbers)) for numbers in zip(*((cost.parameters, cost.multiply_adds) for cost in costs), strict=True)]
        return Judged(*entry.judge(self.draw, seeds, cells), *means)

    def judged(self, tuning: Sequence[int], seeds: Sequence[int]) -> dict[str, Judged]:
        """Judge all of them; in as many processes as `joblib.parallel_config` says, the costliest first."""
        entries = self.entries()
        order = sorted(entries, key=lambda name: name != "TaskTokens")
        found = joblib.Parallel()(joblib.delayed(self.judge)(entries[name], tuning, seeds) for name in order)
        by_name = dict(zip(order, found, strict=True))
        return {name: by_name[name] for name in entries}  # type: ignore[misc]


def some_gains(case: str = "p10-n60-2tasks") -> Bars:
    """Measure the gains of three architectures, which don't depend on what the others do: a check of the atlas."""
    return atlas_bars(CASES[case], SOME)


@recorded(
    "atlas",
    title="Which architecture gains, and where?",
    alt="Gains over tuned single-task nets by architecture: most gain where tasks share all, few where they share nothing.",
    few=some_gains,
    case=list(CASES),
)
def atlas_gains(case: str = "p10-n60-2tasks") -> Bars:
    """Measure every architecture's gain over single-task nets in one case of the atlas.

    All are tuned alike, on seeds from 900,000 on: five learning rates, and three pairs of a share of a budget of parameters and
    a weight decay: all of it without decay, a quarter of it with a decay of 0.03, all of it with a decay of 0.1. The budget is
    what single-task nets of the case's capacity store together. "single-task, wide" may store as much for each task as the
    budget for all, since a trunk for all tasks is wider than one of each; it is a control without any sharing.

    *Rules, fixed before the run.* An architecture **gains** in a case if the 95% interval of its relative gain, mean of tasks,
    lies above 2%; it does **harm** if that interval lies below -2%. Its **worst case** is the lowest of its mean gains. It is
    **chosen by validation** in a draw if its mean loss over that draw's validation samples is the lowest of all, single-task nets
    included and wide ones not; the **regret** is by how much the chosen nets err more than those of the lowest test error in each
    draw, as a share of the latter's error.

    The cases may be computed by several processes, or over a cluster, with the same numbers: `joblib.parallel_config(n_jobs=2)`
    or `joblib.parallel_config(backend="dask")` around the call.

    Parameters
    ----------
    case : str
        A key of `CASES`.

    Returns
    -------
    Bars
        Relative gains in per cent with their 95% intervals, on the draws from seed 2000 on: the control first, then family by
        family; gains of the choices by validation and with hindsight; the regret; and last, for each net, its parameters and
        multiplications in per cent of those of single-task nets of full size.
    """
    return atlas_bars(CASES[case], ARCHITECTURES)


def atlas_bars(case: Case, architectures: Mapping[str, Build], *, steps: int = 150) -> Bars:
    """Measure some architectures in any case; the recorded ones have 150 training steps."""
    contest = AtlasContest(case.draw, case.capacity, architectures, steps, case.depth)  # type: ignore[arg-type]
    found = contest.judged(tuning_seeds(case.n_tuning).tolist(), range(2000, 2000 + case.n_seeds))
    full = Network(SingleTask).cost(contest.draw(0), contest.plan_of(1.0, 0.0))
    choices = _choices(found) if len(architectures) == len(ARCHITECTURES) else {}
    bars = _gains(found) | choices | _costs(found, full.parameters, full.multiply_adds)
    roles: dict[str, Role] = {name: "main" if name in architectures else "control" for name in bars}
    return Bars(bars, roles, GAIN, ylim=(-100.0, 80.0), reference=0.0)


def _gains(found: Mapping[str, Judged]) -> dict[str, Interval]:
    alone = found[ALONE].test
    tasks = [str(task) for task in range(alone.shape[1])]
    rows = {name: contestant(name, one.test, alone, tasks=tasks, cost=(0, 0), settings=()) for name, one in found.items() if name != ALONE}
    return {name: per_cent(row.gain) for name, row in rows.items() if row.gain}


def _choices(found: Mapping[str, Judged]) -> dict[str, Interval]:
    """What it is worth to choose a net for each draw, by its own validation samples and with hindsight."""
    names = [name for name in found if name != WIDE]
    loss, error = (_stacked([getattr(found[name], part).mean(axis=1) for name in names]) for part in ("validation", "test"))
    every = np.arange(loss.shape[1])
    picks = {CHOSEN: loss.argmin(axis=0), HINDSIGHT: error.argmin(axis=0)}
    tests = {how: np.stack([found[names[row]].test[seed] for seed, row in zip(every, rows, strict=True)]) for how, rows in picks.items()}
    gains = _gains({ALONE: found[ALONE], **{how: Judged(test, test, 0, 0) for how, test in tests.items()}})
    regret = relative_change(tests[CHOSEN].mean(axis=1), tests[HINDSIGHT].mean(axis=1))
    return gains | {REGRET: per_cent(regret)}


def _stacked(rows: Sequence[Float[np.ndarray, "seed"]]) -> Float[np.ndarray, "row seed"]:
    """Rows in one array, with infinity where training diverged."""
    return np.where(np.isfinite(rows), rows, np.inf)


def _costs(found: Mapping[str, Judged], parameters: int, multiplications: int) -> dict[str, Interval]:
    whole = {PARAMETERS: parameters, MULTIPLICATIONS: multiplications}
    shares = {f"{name}: {part}": 100 * getattr(one, part) / of for name, one in found.items() for part, of in whole.items()}
    return {name: Interval(share, share, share, 1) for name, share in shares.items()}


def per_cent(gain: Interval) -> Interval:
    """A share in per cent."""
    return Interval(100 * gain.estimate, 100 * gain.low, 100 * gain.high, gain.n)
