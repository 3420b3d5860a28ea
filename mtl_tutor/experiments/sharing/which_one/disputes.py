"""Where the atlas and another chapter seem to disagree: the other chapter's kind of tasks, measured in the atlas's way."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.sharing.which_one.atlas import GAIN, SIZES, AtlasContest, per_cent
from mtl_tutor.experiments.sharing.which_one.contest import ALONE, WIDE, Build
from mtl_tutor.results import Bars, Role
from mtl_tutor.sharing import GlobalAndLocal, HardSharing, TaskConditioned
from mtl_tutor.statistics import bootstrap, gain_over
from mtl_tutor.tasks import TaskData, shared_subspace, sine_codes, task_pairs
from mtl_tutor.tuning import tuning_seeds

NO_DECAY = ((1.0, 0.0), (0.25, 0.0))
BUILDS = {build.__name__: build for build in (HardSharing, TaskConditioned, GlobalAndLocal)}
N_TUNING = 6


def _linear(n_samples: int, n_features: int, own: bool, seed: int) -> TaskData:
    """Six linear tasks in one subspace, as in *Hard and soft sharing*."""
    return shared_subspace(6, n_samples, n_features=n_features, noise=0.3, separate=own, seed=seed).data


def _curves(n_tasks: int, seed: int) -> TaskData:
    """Sines that differ by two numbers, eight own points each, as in *Task conditioning*."""
    return sine_codes(n_tasks, 8, n_new=1, noise=0.2, separate=True, seed=seed).data


def _equal(seed: int) -> TaskData:
    """Two tasks that are one, as in *Mixtures of experts*."""
    return task_pairs(2, 100, correlation=1.0, noise=0.3, seed=seed).data


class Dispute(NamedTuple):
    """Tasks, a size of single-task nets, and what may be chosen.

    Attributes
    ----------
    draw : callable
        From a seed to its data.
    capacity, depth : int
        Hidden units per layer of a single-task net of full size, and hidden layers.
    sizes : sequence of pairs
        Shares of the budget with weight decays.
    """

    draw: Callable[[int], TaskData]
    capacity: int = 6
    depth: int = 1
    sizes: Sequence[tuple[float, float]] = SIZES


DISPUTES: Mapping[str, Dispute] = {
    "linear, same inputs": Dispute(partial(_linear, 60, 10, False)),
    "linear, own inputs": Dispute(partial(_linear, 60, 10, True)),
    "linear, 15 samples of 30 inputs, same": Dispute(partial(_linear, 15, 30, False)),
    "linear, 15 samples of 30 inputs, own": Dispute(partial(_linear, 15, 30, True)),
    "6 sines": Dispute(partial(_curves, 6), 8),
    "20 sines": Dispute(partial(_curves, 20), 8),
    "equal tasks, no decay": Dispute(_equal, depth=2, sizes=NO_DECAY),
    "equal tasks, decay": Dispute(_equal, depth=2),
}


def some_disputes(dispute: str = "equal tasks, decay") -> Bars:
    """Measure one architecture's gain, which doesn't depend on what the others do: a check of the recording."""
    return _gains(DISPUTES[dispute], {"HardSharing": HardSharing}, 48, 150)


@recorded(
    "atlas-disputes",
    title="Three architectures on other chapters' tasks",
    alt="One trunk gains more with own inputs; a told net gains on sines; a switch needs weight decay.",
    few=some_disputes,
    dispute=list(DISPUTES),
)
def dispute_gains(dispute: str = "equal tasks, decay", *, n_seeds: int = 48, steps: int = 150) -> Bars:
    """Measure three architectures' gains over single-task nets on another chapter's kind of tasks.

    All else is as in `atlas_gains`: budgets, tuning on other seeds, 150 steps, early stopping.

    Parameters
    ----------
    dispute : str
        A key of `DISPUTES`.
    n_seeds : int
        Draws of data and first weights, from seed 2000 on.
    steps : int
        Training steps.

    Returns
    -------
    Bars
        Relative gains in per cent with their 95% intervals; the control "single-task, wide" first.
    """
    return _gains(DISPUTES[dispute], BUILDS, n_seeds, steps)


def _gains(here: Dispute, builds: Mapping[str, Build], n_seeds: int, steps: int) -> Bars:
    contest = AtlasContest(here.draw, here.capacity, builds, steps, here.depth, here.sizes)
    found = contest.judged(tuning_seeds(N_TUNING).tolist(), range(2000, 2000 + n_seeds))
    tests = {name: one.test for name, one in found.items()}
    kept = np.all([np.isfinite(test).all(axis=1) for test in tests.values()], axis=0)
    gains = {name: gain_over(tests[ALONE][kept], test[kept]).mean(axis=1) for name, test in tests.items() if name != ALONE}
    roles: dict[str, Role] = {name: "control" if name == WIDE else "main" for name in gains}
    return Bars({name: per_cent(bootstrap(gain)) for name, gain in gains.items()}, roles, GAIN, ylim=(-100.0, 80.0), reference=0.0)
