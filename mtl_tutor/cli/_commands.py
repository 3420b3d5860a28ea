"""What the commands do."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import joblib

from mtl_tutor.checks import check_named
from mtl_tutor.cli._parser import first_line, options_of
from mtl_tutor.cli._table import read_table
from mtl_tutor.comparison import compare
from mtl_tutor.comparison.everything import PLANTED, WAYS
from mtl_tutor.confirm import confirm, unconfirmed
from mtl_tutor.exercises.notebooks import write_exercises
from mtl_tutor.experiments import experiments, grids
from mtl_tutor.ledger import keep_ledger, read_ledger
from mtl_tutor.provenance import recorded_folder
from mtl_tutor.recipes import Draw
from mtl_tutor.reseal import reseal_experiments, reseal_grids
from mtl_tutor.widgets import record

_OWN = ("HardSharing", "MMoE")  # on a table of the reader's own, unless said otherwise


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status."""
    try:
        options = options_of(arguments)
        name, as_json = options.pop("experiment"), options.pop("json", False)
        if name == "compare":
            return _compare(as_json, **options)
        if name == "exercises":
            return _say("".join(f"{path}\n" for path in write_exercises(**options)))
        if name == "record":
            return _record(**options)
        if name == "confirm":
            return _confirm(**options)
        if name is None:
            width = 2 + max(map(len, experiments()))
            return _say("".join(f"{name:{width}}{first_line(experiment)}\n" for name, experiment in experiments().items()))
        return _experiment(name, as_json, options)
    except (ValueError, TypeError) as error:
        sys.stderr.write(f"{' '.join(str(error).split())}\n")  # words of the call may hold line breaks
        return 2


def _say(text: str) -> int:
    """Write a result; where that fails, write it to the console instead, because it was long in the making."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stderr.write(f"The output cannot be written: {error.strerror}. Here it is:\n{text}")
        raise OSError(error.errno, error.strerror, "standard output") from None
    return 0


def _experiment(name: str, as_json: bool, options: dict[str, Any]) -> int:
    experiment = experiments()[name](**options)
    claims = experiment.run(progress=True).claims
    report = {"experiment": name, "seeds": experiment.seeds, "first_seed": experiment.first_seed}
    report["claims"] = [claim.as_dict() for claim in claims]
    return _say(json.dumps(report) + "\n" if as_json else "".join(f"{claim}\n" for claim in claims))


def _compare(as_json: bool, data: str, first_seed: int, seeds: int, sharing: Sequence[str] | None, **options: Any) -> int:
    steps, n_hidden, jobs = (options.pop(name) for name in ("steps", "n_hidden", "jobs"))
    draw, is_own = _data_of(data, **options)
    asked = sharing or (_OWN if is_own else ("all",))
    for name in asked:
        check_named("--sharing", name, ["all", *WAYS])
    ways = {name: WAYS[name] for name in (WAYS if "all" in asked else asked)}
    rows, began = range(first_seed, first_seed + seeds), time.monotonic()
    found = compare(draw, ways, seeds=rows, steps=steps, n_hidden=n_hidden, n_jobs=jobs, progress=True)
    report = {"data": data, "first_seed": first_seed, **found.as_dict()}
    _say(f"{json.dumps(report) if as_json else found}\n")
    best = f"; the best is {found.best().name}" if any(one.gain for one in found.contestants) else ""
    sys.stderr.write(f"Done in {time.monotonic() - began:.0f} s{best}.\n")
    return 0


def _data_of(data: str, targets: Sequence[str] | None, kinds: Sequence[str], group: str | None, drop: Sequence[str]) -> tuple[Draw, bool]:
    """A planted structure, or a file of the reader's own."""
    if data not in PLANTED and (Path(data).suffix or Path(data).is_file()):
        if not Path(data).is_file():
            raise ValueError(f"`--data` must be a CSV file, or one of {', '.join(PLANTED)}; there is no file {data!r}.")
        return read_table(Path(data), targets or (), kinds, group, drop), True
    check_named("--data", data, list(PLANTED))
    if targets or kinds or group or drop:
        raise ValueError(f"`--targets`, `--kinds`, `--group` and `--drop` are for a CSV file; got --data {data}.")
    return PLANTED[data], False


def _record(names: Sequence[str], reseal: bool, to: str | None, jobs: int | None, cluster: str | None) -> int:
    folder = recorded_folder(to)
    for name in names:
        check_named("NAME", name, ["ledger", *experiments(), *grids()])
    if not names and not reseal:
        raise ValueError('`NAME` must say what to record: "ledger", or grids; got none. To check what is stale: record --reseal')
    with _workers(jobs, cluster):
        if reseal:
            return _reseal(names, folder)
        if names[0] == "ledger":
            keep_ledger(experiments(), folder, names[1:])
            return 0
        for name in names:
            check_named("NAME", name, list(grids()))
        for grid in (grids()[name] for name in names):
            how = {"title": grid.title, "alt": grid.alt, "renew": f"python -m mtl_tutor record {grid.name}"}
            record(grid.function, folder / f"{grid.name}.npz", **how, **grid.axes)
    return 0


def _confirm(names: Sequence[str], to: str | None, jobs: int | None) -> int:
    """Run experiments on untouched seeds, and say which verdicts came out again."""
    folder = recorded_folder(to)
    for name in names:
        check_named("NAME", name, list(experiments()))
    kept = {claim["id"]: claim["verdict"] for claim in read_ledger()}
    for name in names or unconfirmed(experiments(), folder):
        with _workers(jobs, None):
            claims = confirm(experiments()[name], folder, progress=True)["claims"]
        lines = [f"{found['verdict']:12}{claim} (was {kept.get(claim, 'not recorded')})\n" for claim, found in claims.items()]
        _say("".join(lines))
    return 0


def _reseal(names: Sequence[str], folder: Path) -> int:
    """Check what is stale, say what was found, and fail if anything stays stale."""
    some = {name: one for name, one in experiments().items() if not names or name in names}
    some_grids = {name: one for name, one in grids().items() if not names or name in names}
    stale = 0
    for kind, checks in (("claims", reseal_experiments(some, folder)), ("grid", reseal_grids(some_grids, folder))):
        for name, found in checks:
            _say(f"{kind:7}{name:24}{found}\n")
            stale += found != "renewed"
    _say("Nothing is stale.\n" if not stale else f"{stale} stay stale.\n")
    return int(stale > 0)


@contextmanager
def _workers(jobs: int | None, cluster: str | None) -> Iterator[None]:
    """Let all trainings within share processes here, or the workers of a dask cluster; neither changes a number."""
    if cluster is None:
        with joblib.parallel_config(n_jobs=jobs):
            yield
    else:
        from distributed import Client  # only here: an extra, "cluster"

        with Client(cluster), joblib.parallel_config(backend="dask"):
            yield
