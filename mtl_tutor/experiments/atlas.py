"""The atlas: who gains over tuned single-task nets, by how much the tasks have in common, by capacity, and by samples."""

from collections.abc import Mapping

from mtl_tutor import sharing
from mtl_tutor.experiments._contest import ALONE, WIDE, Contest
from mtl_tutor.experiments._kin import Kin
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


def gains(relatedness: float = 1.0, samples: int = 60, capacity: int = 6, *, n_seeds: int = 64, n_tasks: int = N_TASKS) -> Bars:
    """Measure every architecture's gain over single-task nets at one point of the atlas.

    All are tuned alike, on seeds from 900,000 on: five learning rates, and all of a budget of parameters or a quarter of it. The
    budget is what `n_tasks` single-task nets of `capacity` hidden units store. "single-task, wide" may store `n_tasks` times as much,
    since a trunk for all tasks is wider than one of each; it is a control, and no task of it hears of another.

    The points may be computed by several processes, or over a cluster, with the same numbers: `joblib.parallel_config(n_jobs=2)` or
    `joblib.parallel_config(backend="dask")` around the call.

    Parameters
    ----------
    relatedness : from 0, where tasks have nothing in common, to 1, where all look through the same two directions of the input.
    samples : for training, labelled for all tasks.
    capacity : hidden units of a single-task net of full size.
    n_seeds : draws of data and first weights, from seed 2000 on.
    n_tasks : how many.

    Returns
    -------
    Bars : relative gains in per cent, mean of tasks, with their 95% intervals; the control first, then family by family.
    """
    found = Contest(Kin(relatedness, samples, n_tasks), capacity, ARCHITECTURES).run(range(2000, 2000 + n_seeds))
    names = [task.name for task in Kin(relatedness, samples, n_tasks)(0).tasks]
    rows = {
        name: contestant(name, one.test, found[ALONE].test, tasks=names, cost=(0, 0), settings=())
        for name, one in found.items()
        if name != ALONE
    }
    roles: dict[str, Role] = {name: "control" if name == WIDE else "main" for name in rows}
    return Bars({name: _per_cent(row.gain) for name, row in rows.items() if row.gain}, roles, GAIN, ylim=(-100.0, 80.0), reference=0.0)


def _per_cent(gain: Interval) -> Interval:
    return Interval(100 * gain.estimate, 100 * gain.low, 100 * gain.high, gain.n)
