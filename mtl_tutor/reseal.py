"""Renew the seal of a recording after a change of code that changed none of its numbers.

Nothing is renewed that was not checked: of an experiment, all conditions on its first seeds, at the
settings that tuning chose, and the tuning of one condition for one block; of a grid, one point, chosen by its new
fingerprint.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mtl_tutor.experiments import Experiment, Grid
from mtl_tutor.ledger import LEDGER, Numbers, entry_of, identity, read_entries, read_measured, write_ledger
from mtl_tutor.tuning import Settings
from mtl_tutor.widgets._grid import manifest_of, point_of
from mtl_tutor.widgets._recording import Recording

FEW = 4  # seeds that are run again


def stale_experiments(experiments: Mapping[str, type[Experiment]], folder: Path) -> list[str]:
    """Names of the experiments whose entry was made by other code or settings, or is missing."""
    kept = read_entries(folder / LEDGER)
    return [name for name, one in experiments.items() if not _is_current(one, kept.get(name))]


def _is_current(experiment: type[Experiment], entry: Mapping[str, Any] | None) -> bool:
    today = json.loads(json.dumps({**identity(experiment), "chapter": experiment.chapter}))
    return entry is not None and all(entry.get(part) == value for part, value in today.items())


def reseal_experiments(experiments: Mapping[str, type[Experiment]], folder: Path) -> Iterator[tuple[str, str]]:
    """Check every stale experiment, and renew its entry if every number is the same.

    Yields
    ------
    tuple of str
        Name, and what was found: "renewed", or what differs.
    """
    kept = read_entries(folder / LEDGER)
    for name in stale_experiments(experiments, folder):
        found = _checked(experiments[name], kept[name], folder) if name in kept else "has no entry; record it"
        if found == "":
            measured, settings = read_measured(name, folder)
            claims = [claim.as_dict() for claim in experiments[name]().decided(measured, settings).claims]
            kept[name] = entry_of(experiments[name], json.loads(json.dumps(claims)), kept[name]["measured"])
            write_ledger(list(kept.values()), folder / LEDGER)
        yield name, found or "renewed"


def _checked(experiment: type[Experiment], entry: Mapping[str, Any], folder: Path) -> str:
    """Say what differs from the recording; "" if nothing does."""
    today = json.loads(json.dumps(identity(experiment)))
    if today["settings"] != entry["settings"]:
        return "has other settings; record it"
    measured, settings = read_measured(entry["experiment"], folder)
    book = experiment()
    if difference := _tuning_differs(book, settings, today["code"]):
        return difference
    try:
        few = book.with_few_seeds(FEW).measure_all({name: chosen[0] for name, chosen in settings.items()})
    except (ValueError, IndexError):
        few = {}
    return "" if few and not _differs(few, measured) else _differs(book.measure_blocks(settings), measured)


def _tuning_differs(book: Experiment, settings: Mapping[str, Settings], code: str) -> str:
    names = list(book.tuned())
    if set(names) != set(settings):
        return "tunes other conditions; record it"
    if not names:
        return ""
    drawn = int(code[:8], 16)
    name, block = names[drawn % len(names)], drawn // len(names) % book.blocks
    found, kept = book.of_block(block).tune(name), settings[name][block % len(settings[name])]
    return "" if found.as_dict() == kept.as_dict() else f"tuning {name!r} finds {found}, not {kept}"


def _differs(found: Numbers, recorded: Numbers) -> str:
    """Say which measure differs from the first recorded numbers; "" if none does."""
    if {name: set(measures) for name, measures in found.items()} != {name: set(measures) for name, measures in recorded.items()}:
        return "has other conditions or measures; record it"
    for name, measures in found.items():
        for measure, values in measures.items():
            kept = recorded[name][measure][: len(values)]
            if not np.array_equal(np.asarray(values), kept, equal_nan=kept.dtype.kind == "f"):
                return f"{measure!r} of {name!r} is not what was recorded"
    return ""


def stale_grids(grids: Mapping[str, Grid], folder: Path) -> list[str]:
    """Names of the grids that were recorded by other code or settings, or are missing."""
    return [name for name, grid in grids.items() if not _is_recorded(grid, folder / f"{name}.npz")]


def _is_recorded(grid: Grid, path: Path) -> bool:
    if not path.is_file():
        return False
    manifest, today = Recording.load(path).manifest, json.loads(json.dumps(manifest_of(grid.function, grid.axes)))
    return all(manifest[part] == today[part] for part in today)


def reseal_grids(grids: Mapping[str, Grid], folder: Path) -> Iterator[tuple[str, str]]:
    """Check one point of every stale grid, and renew its seal if every number is the same.

    Yields
    ------
    tuple of str
        Name, and what was found: "renewed", or what differs.
    """
    for name in stale_grids(grids, folder):
        path = folder / f"{name}.npz"
        if not path.is_file():
            yield name, "has no recording; record it"
            continue
        yield name, _resealed(grids[name], Recording.load(path), path)


def _resealed(grid: Grid, recording: Recording, path: Path) -> str:
    today = json.loads(json.dumps(manifest_of(grid.function, grid.axes)))
    fixed = recording.manifest["fixed"]
    if today["axes"] != recording.manifest["axes"] or any(fixed[name] != value for name, value in today["fixed"].items() if name in fixed):
        return "has other settings; record it"
    point, settings = point_of(grid.function, grid.axes, int(today["code"][:8], 16))
    if difference := recording.differs_from((grid.few or grid.function)(**settings), point):
        return difference
    recording.resealed(today, {"title": grid.title, "alt": grid.alt}).save(path, renew=f"python -m mtl_tutor record {grid.name}")
    return "renewed"
