"""Run any experiment, or compare ways of sharing, from the command line: ``python -m mtl_tutor``."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import joblib

from mtl_tutor import experiments
from mtl_tutor.comparison import compare
from mtl_tutor.comparison.everything import PLANTED, WAYS
from mtl_tutor.ledger import keep_ledger
from mtl_tutor.recordings import RECORDINGS
from mtl_tutor.results import Claim
from mtl_tutor.widgets import record

EXPERIMENTS = {thing.name: thing for thing in vars(experiments).values() if hasattr(thing, "run") and hasattr(thing, "name")}


def main(argv: Sequence[str] | None = None) -> int:
    """List the experiments, or run one and print its claims; returns the exit status."""
    options = vars(_parser().parse_args(argv))
    name, as_json = options.pop("experiment"), options.pop("json", False)
    if name == "record":
        return _record(**options)
    if name == "compare":
        return _compare(as_json, **options)
    if name is None:
        sys.stdout.writelines(f"{name:22}{_first_line(experiment)}\n" for name, experiment in EXPERIMENTS.items())
        return 0
    try:
        experiment = EXPERIMENTS[name](**options)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    claims: tuple[Claim, ...] = experiment.run(progress=True).claims
    if as_json:
        report = {"experiment": name, "seeds": experiment.seeds, "first_seed": experiment.first_seed}
        sys.stdout.write(json.dumps({**report, "claims": [claim.as_dict() for claim in claims]}) + "\n")
    else:
        sys.stdout.writelines(f"{claim}\n" for claim in claims)
    return 0


def _compare(as_json: bool, data: str, sharing: Sequence[str], seeds: int, first_seed: int, steps: int, jobs: int | None) -> int:
    ways = {name: WAYS[name] for name in (WAYS if "all" in sharing else sharing)}
    rows = range(first_seed, first_seed + seeds)
    try:
        found = compare(PLANTED[data], ways, seeds=rows, steps=steps, n_jobs=jobs, progress=True)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    report = {"data": data, "first_seed": first_seed, **found.as_dict()}
    sys.stdout.write(f"{json.dumps(report) if as_json else found}\n")
    return 0


def _record(name: str, jobs: int | None, cluster: str | None) -> int:
    Path("data/recorded").mkdir(parents=True, exist_ok=True)
    with _workers(jobs, cluster):
        if name == "ledger":
            keep_ledger(EXPERIMENTS, "data/recorded/ledger.json")
        else:
            record(path=f"data/recorded/{name}.npz", renew=f"python -m mtl_tutor record {name}", **RECORDINGS[name])
    return 0


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mtl_tutor", description="Put a claim of the book on trial.")
    commands = parser.add_subparsers(dest="experiment", metavar="EXPERIMENT")
    for name, experiment in EXPERIMENTS.items():
        command = commands.add_parser(
            name, help=_first_line(experiment), description=experiment.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        for field in fields(experiment):
            option, words = f"--{field.name.replace('_', '-')}", f"default: {field.default}"
            if isinstance(field.default, bool):
                command.add_argument(option, action=argparse.BooleanOptionalAction, default=field.default, help=words)
            else:
                command.add_argument(option, type=type(field.default), default=field.default, help=words)
        command.add_argument("--json", action="store_true", help="print one JSON object")
    command = commands.add_parser("compare", help="Compare ways of sharing on tasks whose structure is known.")
    command.add_argument("--data", choices=sorted(PLANTED), default="shared-subspace", help="default: shared-subspace")
    command.add_argument("--sharing", choices=["all", *WAYS], nargs="+", default=["all"], metavar="WAY", help=f"all, or {', '.join(WAYS)}")
    command.add_argument("--seeds", type=int, default=64, help="how many; default: 64")
    command.add_argument("--first-seed", type=int, default=1000, help="default: 1000")
    command.add_argument("--steps", type=int, default=300, help="of each training; default: 300")
    command.add_argument("--jobs", type=int, default=None, help="processes; default: 1")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command = commands.add_parser("record", help="Compute what the book replays: a widget's grid, or the ledger.")
    command.add_argument("name", choices=["ledger", *sorted(RECORDINGS)])
    command.add_argument("--jobs", type=int, default=None, help="processes, where trainings may share them; default: 1")
    command.add_argument("--cluster", metavar="ADDRESS", help="a dask scheduler, such as tcp://10.0.0.1:8786, in place of --jobs")
    return parser


def _first_line(experiment: type) -> str:
    return (experiment.__doc__ or "").splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
