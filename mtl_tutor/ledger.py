"""The ledger: all claims in one file, and their numbers beside it, written by code only."""

import hashlib
import io
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from mtl_tutor.checks import checked
from mtl_tutor.provenance import check_seal, code_of, read_arrays, read_json, seal, shipped, write_whole
from mtl_tutor.tuning import Setting, Settings

LEDGER, RENEW = "ledger.json", "python -m mtl_tutor record ledger"
Numbers = Mapping[str, Mapping[str, np.ndarray]]


def keep_ledger(
    experiments: Mapping[str, type], folder: str | os.PathLike[str], names: Iterable[str] = (), *, progress: bool = True
) -> None:
    """Run experiments with the book's settings, and record their results.

    Parameters
    ----------
    experiments : mapping of str to type
        All experiments, by name. The ledger has an entry for each.
    folder : path
        Where to write ``ledger.json`` and ``measured/<experiment>.npz``; older files stay whole until new ones are complete.
    names : iterable of str
        Which experiments to run; those of which the ledger has no entry yet are run in any case. All, if none is named.
    progress : bool
        Whether to show a bar.
    """
    target = Path(folder) / LEDGER
    kept = {entry["experiment"]: entry for entry in _entries(target)} if names and target.is_file() else {}
    missing = [name for name in experiments if name in set(names) or name not in kept]
    for name in tqdm(missing, desc="ledger", disable=not progress):
        kept[name] = entry(experiments[name], Path(folder))
        if all(other in kept for other in experiments):
            write_ledger([kept[other] for other in experiments], target)


def entry(experiment: type, folder: Path) -> dict[str, Any]:
    """Run one experiment as the book does, save its numbers, and make its ledger entry."""
    result = experiment().run()
    checksum = write_measured(folder / f"measured/{experiment.name}.npz", result.measured, result.settings)
    return entry_of(experiment, [claim.as_dict() for claim in result.claims], checksum)


def entry_of(experiment: type, claims: list[dict[str, Any]], measured: str) -> dict[str, Any]:
    """Make an entry: name, settings, code, chapter, the checksum of the numbers, and claims."""
    return {**identity(experiment), "chapter": experiment.chapter, "measured": measured, "claims": claims}


def identity(experiment: type) -> dict[str, Any]:
    """The settings and the code of an experiment; its entry must be renewed when they change."""
    settings = {field.name: field.default for field in fields(experiment) if field.name != "n_jobs"}
    return {"experiment": experiment.name, "settings": settings, "code": code_of(experiment)}


def write_ledger(entries: list[dict[str, Any]], target: Path) -> None:
    """Seal all entries and write them atomically."""
    text = json.dumps(seal({"experiments": entries}, renew=RENEW), indent=1, ensure_ascii=False) + "\n"
    write_whole(target, text.encode())


@checked
def read_ledger(path: str | os.PathLike[str] | None = None) -> list[dict[str, Any]]:
    """Read the claims, one row each, with their experiment, chapter and block of seeds.

    Parameters
    ----------
    path : path, optional
        A ledger; the one that comes with the book if not given.

    Returns
    -------
    list of dict
        A claim that starts with dots goes on from another; `after` says from which.

    Raises
    ------
    ValueError
        The file was changed by hand, or recorded by another version.
    """
    return list(_rows(_entries(shipped(LEDGER) if path is None else Path(path))))


@checked
def read_entries(path: str | os.PathLike[str] | None = None) -> dict[str, dict[str, Any]]:
    """Read the ledger's entries: experiment -> settings, code, chapter, claims."""
    return {entry["experiment"]: entry for entry in _entries(shipped(LEDGER) if path is None else Path(path))}


def _entries(path: Path) -> list[dict[str, Any]]:
    if not os.path.isfile(path):  # False, too, for a name too long
        raise ValueError(f"`path` must be a ledger; there is no file {os.fspath(path)!r}. Record it: {RENEW}")
    sealed = read_json(path.read_bytes(), path, RENEW)
    check_seal(sealed, path)
    return sealed["experiments"]


def _rows(entries: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for one in entries:
        whence = {"experiment": one["experiment"], "chapter": one["chapter"], "first_seed": one["settings"]["first_seed"]}
        whole = ""
        for claim in one["claims"]:
            goes_on = claim["claim"].startswith("...")
            whole = whole if goes_on else claim["claim"]
            yield {**claim, **whence, "after": whole if goes_on else ""}


# ---- the numbers behind the claims ---------------------------------------------------------------------------------------


def write_measured(path: Path, measured: Numbers, settings: Mapping[str, Settings]) -> str:
    """Write all numbers of an experiment without loss, and return their checksum.

    There is one number per condition, measure and seed.
    """
    arrays: dict[str, np.ndarray] = {}
    chosen = {name: [one.as_dict() for one in blocks] for name, blocks in settings.items()}
    index: dict[str, Any] = {"measured": {}, "settings": chosen}
    for condition, measures in measured.items():
        index["measured"][condition] = {}
        for measure, values in measures.items():
            arrays[f"a{len(arrays)}"] = _narrowed(np.asarray(values))
            index["measured"][condition][measure] = [f"a{len(arrays) - 1}", str(np.asarray(values).dtype)]
    text = json.dumps(index, ensure_ascii=False).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    file = io.BytesIO()
    np.savez_compressed(file, **{"index": np.frombuffer(text, np.uint8), **arrays})  # type: ignore[arg-type]
    write_whole(path, file.getvalue())
    return _checksum(text, arrays)


@checked
def read_measured(name: str, folder: str | os.PathLike[str] | None = None) -> tuple[dict[str, dict[str, np.ndarray]], dict[str, Settings]]:
    """Read the numbers behind an experiment's claims, and the settings that tuning chose, block by block.

    The numbers are a mapping: condition -> measure -> one number per seed.

    Parameters
    ----------
    name : str
        The experiment's name.
    folder : path, optional
        Where the ledger lies; the one that comes with the book if not given.

    Raises
    ------
    ValueError
        There is no such recording, or its numbers are not those that the ledger was made from.
    """
    ledger = shipped(LEDGER) if folder is None else Path(folder) / LEDGER
    path = ledger.parent / f"measured/{name}.npz"
    kept = {entry["experiment"]: entry for entry in _entries(ledger)}
    if name not in kept or not path.is_file():
        raise ValueError(f"`name` must be an experiment of the ledger; got {name!r}. Record it: {RENEW} {name}")
    arrays = read_arrays(path, f"{RENEW} {name}")
    text = arrays.pop("index", np.empty(0, np.uint8)).tobytes()
    if _checksum(text, arrays) != kept[name]["measured"]:
        raise ValueError(f"`name` must have the numbers that the ledger was made from; those of {name!r} are others. Renew: {RENEW} {name}")
    index = json.loads(text)
    settings = {condition: Settings(map(Setting.of, blocks)) for condition, blocks in index["settings"].items()}
    measured = {
        condition: {measure: arrays[array].astype(dtype) for measure, (array, dtype) in measures.items()}
        for condition, measures in index["measured"].items()
    }
    return measured, settings


def _narrowed(values: np.ndarray) -> np.ndarray:
    """Use single precision where that is exact."""
    narrow = values.astype(np.float32) if values.dtype == np.float64 else values
    return narrow if np.array_equal(narrow.astype(values.dtype), values, equal_nan=values.dtype.kind == "f") else values


def _checksum(text: bytes, arrays: Mapping[str, np.ndarray]) -> str:
    return hashlib.sha256(text + b"".join(np.ascontiguousarray(values).tobytes() for values in arrays.values())).hexdigest()
