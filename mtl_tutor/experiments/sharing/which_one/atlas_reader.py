"""Look things up in the recorded atlas."""

import json
from collections.abc import Mapping
from itertools import product

import numpy as np

from mtl_tutor.experiments.sharing.which_one.atlas import GAIN
from mtl_tutor.provenance import shipped
from mtl_tutor.results import Curves, Role
from mtl_tutor.statistics import Interval

Point = tuple[float, int, int]
"""Relatedness, samples, capacity."""


def read_atlas() -> dict[Point, Mapping[str, Interval]]:
    """Read all points: (relatedness, samples, capacity) -> architecture -> its gain over single-task nets, in per cent."""
    with np.load(shipped("atlas.npz"), allow_pickle=False) as file:
        spec = json.loads(file["spec"].tobytes())
        numbers = np.stack([file[layer] for layer in ("estimate", "low", "high", "n")], axis=-1).astype(float)
    names = spec["shared"]["names"]
    values = [axis["labels"] for axis in spec["axes"]]
    points = [(float(p), int(n), int(h)) for p, n, h in product(*values)]
    rows = numbers.reshape(len(points), len(names), 4)
    return {
        point: {name: Interval(*(float(x) for x in one[:3]), n=int(one[3])) for name, one in zip(names, row, strict=True)}
        for point, row in zip(points, rows, strict=True)
    }


def atlas_curves(architecture: str = "HardSharing", capacity: int = 6) -> Curves:
    """Follow one architecture's recorded gain over relatedness, one line per number of samples.

    Parameters
    ----------
    architecture : str
        Its name.
    capacity : int
        Hidden units of a single-task net of full size.

    Raises
    ------
    ValueError
        An architecture or a capacity that the atlas doesn't have.
    """
    atlas = read_atlas()
    here = {point: row[architecture] for point, row in atlas.items() if point[2] == capacity and architecture in row}
    if not here:
        names, sizes = list(next(iter(atlas.values()))), sorted({point[2] for point in atlas})
        raise ValueError(f"`architecture` must be one of {names}, and `capacity` of {sizes}; got {architecture!r} and {capacity}.")
    x = sorted({point[0] for point in here})
    sizes = sorted({point[1] for point in here})
    lines = {f"{n} samples": [here[p, n, capacity] for p in x] for n in sizes}
    shown: tuple[Role, ...] = ("main", "other", "third")
    roles: dict[str, Role] = {"single-task": "single_task", **dict(zip(lines, shown, strict=False))}
    lines["single-task"] = [Interval(0.0, 0.0, 0.0, 2)] * len(x)
    return Curves.of_intervals(np.array(x), lines, roles=roles, xlabel="relatedness (0 to 1)", ylabel=GAIN, ylim=(-100.0, 80.0))
