"""Read the recorded atlas."""

import json
from collections.abc import Mapping

import numpy as np

from mtl_tutor.experiments.sharing.which_one.atlas import ARCHITECTURES, CHOSEN, FAMILIES, HINDSIGHT, MULTIPLICATIONS, PARAMETERS, REGRET
from mtl_tutor.experiments.sharing.which_one.cases import CASES, Case
from mtl_tutor.experiments.sharing.which_one.contest import WIDE
from mtl_tutor.provenance import shipped
from mtl_tutor.results.atlas import Atlas, AtlasCase, AtlasRow, Choice
from mtl_tutor.results.atlas_advice import Advice, advise
from mtl_tutor.statistics import Interval

HERE = "which-one.html#idea-twenty-ways-to-share"
SECTIONS: Mapping[str, str] = {
    "HardSharing": "hard-and-soft.html",
    "SoftSharing": "hard-and-soft.html#idea-a-penalty-on-the-distance-to-the-mean",
    "Branching": "cross-stitch.html#which-tasks-should-share-task-trees",
    "Cascade": "layers-and-cascades.html#idea-choose-the-layer-or-hand-the-answer-over",
    **dict.fromkeys(("CrossStitch", "Sluice", "NDDR"), "cross-stitch.html#idea-learn-how-much-to-mix"),
    **dict.fromkeys(("OMoE", "MMoE", "CGC", "PLE"), "experts-and-gates.html#idea-a-weighted-sum-of-experts"),
    **dict.fromkeys(("MTAN", "TaskDecomposition", "GlobalAndLocal"), HERE),
    **dict.fromkeys(("TaskConditioned", "TaskEmbedding", "HyperNetwork"), "conditioning.html#idea-a-code-that-scales-and-shifts"),
    **dict.fromkeys(("Adapters", "LowRank"), "conditioning.html#how-many-parameters-of-its-own-does-a-task-need"),
    "TaskTokens": "conditioning.html#one-token-per-task",
}
"""Architecture -> the section of the book that explains it, as seen from another page of the same part."""


def read_atlas() -> Atlas:
    """Read the recorded atlas: what every architecture gains over single-task nets in every case, in per cent, and at which cost."""
    found = _bars_of("atlas.npz")
    return atlas_of({key: CASES[key] for key in found}, found)


def _bars_of(file_name: str) -> Mapping[str, Mapping[str, Interval]]:
    """Read bars that were recorded over one axis: its value -> name -> interval."""
    with np.load(shipped(file_name), allow_pickle=False) as file:
        spec = json.loads(file["spec"].tobytes())
        numbers = np.stack([file[layer] for layer in ("estimate", "low", "high", "n")], axis=-1).astype(float)
    names, (keys,) = spec["shared"]["names"], [axis["labels"] for axis in spec["axes"]]
    return {
        key: {name: Interval(*(float(x) for x in one[:3]), n=int(one[3])) for name, one in zip(names, row, strict=True)}
        for key, row in zip(keys, numbers, strict=True)
    }


def atlas_of(cases: Mapping[str, Case], found: Mapping[str, Mapping[str, Interval]]) -> Atlas:
    """Put the bars of every case together."""
    family = {build.__name__: kind for kind, builds in FAMILIES.items() for build in builds}

    def row(name: str) -> AtlasRow:
        costs = {key: (bars[f"{name}: {PARAMETERS}"].estimate, bars[f"{name}: {MULTIPLICATIONS}"].estimate) for key, bars in found.items()}
        return AtlasRow({key: bars[name] for key, bars in found.items()}, costs, family.get(name, ""), SECTIONS.get(name, ""))

    choices = {key: Choice(bars[CHOSEN], bars[HINDSIGHT], bars[REGRET]) for key, bars in found.items()}
    described = {key: describe(case) for key, case in cases.items()}
    return Atlas(described, {name: row(name) for name in ARCHITECTURES}, row(WIDE), choices)


def describe(case: Case) -> AtlasCase:
    """A case without what draws its data."""
    short = case.table.rpartition(" ")[2] or f"{case.n_samples} samples"
    if case.n_tasks != 6 and not case.table:
        short = f"{case.n_tasks} tasks"
    if case.own_inputs or case.depth > 1:
        short = "own samples" if case.own_inputs else f"{case.depth} layers"
    settings = {"own_inputs": case.own_inputs, "depth": case.depth, "capacity": case.capacity, "table": case.table}
    return AtlasCase(str(case), short, case.relatedness, case.n_tasks, case.n_samples, **settings)  # type: ignore[arg-type]


def atlas_advice(tasks: float = 6, samples: float = 60, inputs: str = "same", related: str = "unknown", depth: float = 1) -> Advice:
    """Find the three safest architectures for a case of one's own, by the recorded cases that are nearest to it.

    Parameters
    ----------
    tasks, samples, depth : float
        How many tasks, training samples and hidden layers; any positive numbers.
    inputs : str
        "same", if every sample has a label for each task; "own", if every task has samples of its own.
    related : str
        "yes", "half", "no" or "unknown".

    Raises
    ------
    ValueError
        A number that isn't positive and finite, or another word.
    """
    return advise(read_atlas(), tasks=tasks, samples=samples, inputs=inputs, related=related, depth=depth)


def read_disputes() -> dict[str, Mapping[str, Interval]]:
    """Read what three architectures gain on the tasks of other chapters: kind of tasks -> architecture -> gain in per cent."""
    return dict(_bars_of("atlas-disputes.npz"))
