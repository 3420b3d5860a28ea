"""The atlas: who gains over tuned single-task nets, by how much the tasks have in common, by capacity, and by samples."""

from collections.abc import Mapping

from mtl_tutor import sharing
from mtl_tutor.experiments.grids import recorded
from mtl_tutor.experiments.sharing.which_one.contest import ALONE, WIDE, Build, Contest
from mtl_tutor.experiments.sharing.which_one.subspace_family import SubspaceFamily
from mtl_tutor.results import Bars, Role
from mtl_tutor.results.comparison import contestant
from mtl_tutor.statistics import Interval

N_TASKS = 6
GAIN = "% of the single-task nets' error saved"
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


def some_gains(relatedness: float = 1.0, samples: int = 60, capacity: int = 6, *, n_seeds: int = 64, n_tasks: int = N_TASKS) -> Bars:
    """Measure the gains of three architectures, which don't depend on what the others do: a check of the atlas."""
    return _gains(SubspaceFamily(relatedness, samples, n_tasks), capacity, n_seeds, SOME)


@recorded(
    "atlas",
    title="Which architecture gains, and where?",
    alt="Gains over tuned single-task nets by architecture: most gain where tasks share all, few where they share nothing.",
    few=some_gains,
    relatedness=[0.0, 0.5, 1.0],
    samples=[20, 60],
    capacity=[6, 24],
)
def atlas_gains(relatedness: float = 1.0, samples: int = 60, capacity: int = 6, *, n_seeds: int = 64, n_tasks: int = N_TASKS) -> Bars:
    """Measure every architecture's gain over single-task nets at one point of the atlas.

    All are tuned alike, on seeds from 900,000 on: five learning rates, and all of a budget of parameters or a quarter of it. The
    budget is what `n_tasks` single-task nets of `capacity` hidden units store. "single-task, wide" may store `n_tasks` times as
    much, since a trunk for all tasks is wider than one of each; it is a control without any sharing.

    The points may be computed by several processes, or over a cluster, with the same numbers: `joblib.parallel_config(n_jobs=2)`
    or `joblib.parallel_config(backend="dask")` around the call.

    Parameters
    ----------
    relatedness : float
        From 0, where tasks have nothing in common, to 1, where all look through the same two directions of the input.
    samples : int
        Training samples, labelled for all tasks.
    capacity : int
        Hidden units of a single-task net of full size.
    n_seeds : int
        Draws of data and first weights, from seed 2000 on.
    n_tasks : int
        How many tasks.

    Returns
    -------
    Bars
        Relative gains in per cent, mean of tasks, with their 95% intervals; the control first, then family by family.
    """
    return _gains(SubspaceFamily(relatedness, samples, n_tasks), capacity, n_seeds, ARCHITECTURES)


def _gains(draw: SubspaceFamily, capacity: int, n_seeds: int, architectures: Mapping[str, Build]) -> Bars:
    found = Contest(draw, capacity, architectures).run(range(2000, 2000 + n_seeds))
    alone, tasks = found.pop(ALONE).test, [task.name for task in draw(0).tasks]
    rows = {name: contestant(name, one.test, alone, tasks=tasks, cost=(0, 0), settings=()) for name, one in found.items()}
    roles: dict[str, Role] = {name: "control" if name == WIDE else "main" for name in rows}
    bars = {name: _per_cent(row.gain) for name, row in rows.items() if row.gain}
    return Bars(bars, roles, GAIN, ylim=(-100.0, 80.0), reference=0.0)


def _per_cent(gain: Interval) -> Interval:
    return Interval(100 * gain.estimate, 100 * gain.low, 100 * gain.high, gain.n)
