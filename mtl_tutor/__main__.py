"""Run any experiment, or compare ways of sharing, from the command line: ``python -m mtl_tutor``."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import joblib

from mtl_tutor.comparison import compare
from mtl_tutor.comparison.everything import PLANTED, WAYS
from mtl_tutor.experiments import experiments, grids
from mtl_tutor.experiments.result import suggestion
from mtl_tutor.ledger import keep_ledger
from mtl_tutor.provenance import recorded_folder
from mtl_tutor.reseal import reseal_experiments, reseal_grids
from mtl_tutor.results import Claim
from mtl_tutor.widgets import record

COMMANDS = ("compare", "record")


def main(argv: Sequence[str] | None = None) -> int:
    """List the experiments, or run one and print its claims; returns the exit status."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments and arguments[0][0] != "-" and arguments[0] not in (*experiments(), *COMMANDS):
        near = suggestion(arguments[0], [*experiments(), *COMMANDS])
        sys.stderr.write(f"`EXPERIMENT` must be one that `python -m mtl_tutor` lists{near}; got {arguments[0]!r}.\n")
        return 2
    options = vars(_parser().parse_args(arguments))
    name, as_json = options.pop("experiment"), options.pop("json", False)
    if name == "record":
        return _record(**options)
    if name == "compare":
        return _compare(as_json, **options)
    if name is None:
        sys.stdout.writelines(f"{name:22}{_first_line(experiment)}\n" for name, experiment in experiments().items())
        return 0
    try:
        experiment = experiments()[name](**options)
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


def _record(names: Sequence[str], reseal: bool, to: str | None, jobs: int | None, cluster: str | None) -> int:
    try:
        folder = recorded_folder(to)
        if unknown := [name for name in names if name not in ("ledger", *experiments(), *grids())]:
            near = suggestion(unknown[0], ["ledger", *experiments(), *grids()])
            raise ValueError(f"`NAME` must be \"ledger\", an experiment or a grid{near}; got {unknown[0]!r}.")
        if not names and not reseal:
            raise ValueError("`NAME` must say what to record: \"ledger\", or grids; got none. To check what is stale: record --reseal")
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    with _workers(jobs, cluster):
        if reseal:
            return _reseal(names, folder)
        if names[0] == "ledger":
            keep_ledger(experiments(), folder, names[1:])
        else:
            for grid in (grids()[name] for name in names):
                how = {"title": grid.title, "alt": grid.alt, "renew": f"python -m mtl_tutor record {grid.name}"}
                record(grid.function, folder / f"{grid.name}.npz", **how, **grid.axes)
    return 0


def _reseal(names: Sequence[str], folder: Path) -> int:
    """Check what is stale, say what was found, and fail if anything stays stale."""
    some = {name: one for name, one in experiments().items() if not names or name in names}
    some_grids = {name: one for name, one in grids().items() if not names or name in names}
    stale = 0
    for kind, checks in (("claims", reseal_experiments(some, folder)), ("grid", reseal_grids(some_grids, folder))):
        for name, found in checks:
            sys.stdout.write(f"{kind:7}{name:24}{found}\n")
            sys.stdout.flush()
            stale += found != "renewed"
    sys.stdout.write("Nothing is stale.\n" if not stale else f"{stale} stay stale.\n")
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mtl_tutor", description="Put a claim of the book on trial.")
    commands = parser.add_subparsers(dest="experiment", metavar="EXPERIMENT")
    for name, experiment in experiments().items():
        command = commands.add_parser(
            name, help=_first_line(experiment), description=experiment.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        for field in fields(experiment):
            option, words = f"--{field.name.replace('_', '-')}", f"default: {field.default}"
            if isinstance(field.default, bool):
                command.add_argument(option, action=argparse.BooleanOptionalAction, default=field.default, help=words)
            else:
                kind = int if field.name == "n_jobs" else type(field.default)
                command.add_argument(option, type=kind, default=field.default, help=words)
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
    command.add_argument("names", nargs="*", metavar="NAME", help="ledger (or ledger and some experiments), or grids")
    command.add_argument("--reseal", action="store_true", help="check a little of what is stale, and renew what came out the same")
    command.add_argument("--to", metavar="FOLDER", help="where recordings lie; default: data/recorded of the checkout")
    command.add_argument("--jobs", type=int, default=None, help="processes, where trainings may share them; default: 1")
    command.add_argument("--cluster", metavar="ADDRESS", help="a dask scheduler, such as tcp://10.0.0.1:8786, in place of --jobs")
    return parser


def _first_line(experiment: type) -> str:
    return (experiment.__doc__ or "").splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
