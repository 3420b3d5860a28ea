"""Every claim of the book in one file, written by a run of all experiments and by nothing else."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mtl_tutor.provenance import check_seal, code_of, seal, shipped


def keep_ledger(experiments: Mapping[str, type], path: str | os.PathLike[str], *, progress: bool = True) -> None:
    """Run every experiment with the book's settings, and write down what came out.

    Parameters
    ----------
    experiments : name -> class, as ``python -m mtl_tutor`` knows them.
    path : a .json file; an older one stays whole until the new one is complete.
    progress : whether to show a bar.
    """
    entries = [entry(experiments[name]) for name in tqdm(experiments, desc="ledger", disable=not progress)]
    sealed = seal({"experiments": entries}, renew="python -m mtl_tutor record ledger")
    target = Path(path)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    part.write_text(json.dumps(sealed, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(target)


def entry(experiment: type) -> dict[str, Any]:
    """Run one experiment as the book does: its name, chapter, settings, code, and claims."""
    trial = experiment()
    claims = [claim.as_dict() for claim in trial.run().claims]
    return {**identity(experiment), "chapter": trial.chapter, "claims": claims}


def identity(experiment: type) -> dict[str, Any]:
    """What an entry has to be renewed for when it changes: the settings of an experiment, and its code."""
    settings = {field.name: field.default for field in fields(experiment)}
    return {"experiment": experiment.name, "settings": settings, "code": code_of(experiment)}


def read_ledger(path: str | os.PathLike[str] | None = None) -> list[dict[str, Any]]:
    """Read the claims, one row each, with the experiment, chapter and block of seeds that they come from.

    Without a path, the ledger that comes with the book. A claim that starts with dots goes on from another; `after` says from which.

    Raises
    ------
    ValueError : the file was changed by hand, or recorded by another version.
    """
    path = shipped("ledger.json") if path is None else path
    sealed = json.loads(Path(path).read_text(encoding="utf-8"))
    check_seal(sealed, path)
    return list(_rows(sealed["experiments"]))


def _rows(entries: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for one in entries:
        whence = {"experiment": one["experiment"], "chapter": one["chapter"], "first_seed": one["settings"]["first_seed"]}
        whole = ""
        for claim in one["claims"]:
            goes_on = claim["claim"].startswith("...")
            whole = whole if goes_on else claim["claim"]
            yield {**claim, **whence, "after": whole if goes_on else ""}
