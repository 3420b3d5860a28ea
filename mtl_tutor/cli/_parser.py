"""Commands and their options; a wrong one is told in a sentence, with the nearest that exists."""

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import Field, fields
from difflib import get_close_matches
from typing import Any, NoReturn

from mtl_tutor import __version__
from mtl_tutor.cli._meanings import meanings_of
from mtl_tutor.comparison import compare
from mtl_tutor.comparison.everything import PLANTED, WAYS
from mtl_tutor.exercises.notebooks import write_exercises
from mtl_tutor.experiments import experiments, grids

COMMANDS = ("compare", "exercises", "record", "confirm")


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are ValueErrors of one sentence."""

    def error(self, message: str) -> NoReturn:
        """Raise argparse's message as one sentence."""
        head, colon, rest = message.partition(": ")
        if colon and head.startswith("argument "):
            raise ValueError(f"`{head.removeprefix('argument ').split('/')[0]}` {rest.rstrip('.')}.")
        raise ValueError(f"{message[:1].upper()}{message[1:].rstrip('.')}.")


def options_of(arguments: Sequence[str]) -> dict[str, Any]:
    """Read a command and its options.

    Raises
    ------
    ValueError
        There is no such command or option, or a value is of the wrong kind.
    """
    known = [*experiments(), *COMMANDS]
    if arguments and not arguments[0].startswith("-") and arguments[0] not in known:
        near = get_close_matches(arguments[0], known, n=1)
        others = f"{', '.join(COMMANDS[:-1])} or {COMMANDS[-1]}"
        raise ValueError(f"`EXPERIMENT` must be one that `python -m mtl_tutor` lists{_meant(near)}, or {others}; got {arguments[0]!r}.")
    parser, commands = _parser()
    options, extra = parser.parse_known_args(arguments)
    if extra:
        actions = commands[options.experiment]._option_string_actions if options.experiment else {}
        near = get_close_matches(extra[0].partition("=")[0], actions, n=1)
        raise ValueError(f"`{extra[0]}` is no option of {options.experiment or 'mtl-tutor'}{_meant(near)}; --help lists them all.")
    return vars(options)


def _meant(near: Sequence[str]) -> str:
    return f" (did you mean {near[0]}?)" if near else ""


def whole(text: str) -> int:
    """Read a whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number; got {text!r}.") from None


def number(text: str) -> float:
    """Read a finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"must be a finite number; got {text!r}.")
    return value


def _parser() -> tuple[Parser, dict[str, Parser]]:
    parser = Parser(prog="python -m mtl_tutor", description="Put a claim of the book on trial, or compare ways of sharing.")
    parser.add_argument("--version", action="version", version=f"mtl-tutor {__version__}")
    commands = parser.add_subparsers(dest="experiment", metavar="EXPERIMENT", parser_class=Parser)
    found = {}
    for name, experiment in experiments().items():
        how = {"description": experiment.__doc__, "formatter_class": argparse.RawDescriptionHelpFormatter}
        found[name] = command = commands.add_parser(name, help=first_line(experiment), **how)
        meanings = meanings_of(experiment)
        for field in fields(experiment):
            _add_field(command, field, meanings.get(field.name, ""))
        command.add_argument("--json", action="store_true", help="print one JSON object")
    found["compare"] = commands.add_parser("compare", help="Compare ways of sharing on your own table, or on planted tasks.")
    _add_compare(found["compare"])
    found["exercises"] = commands.add_parser("exercises", help="Write a chapter's exercises as notebooks for a course.")
    _add_exercises(found["exercises"])
    found["record"] = commands.add_parser("record", help="Compute what the book replays: a widget's grid, or the ledger.")
    _add_record(found["record"])
    found["confirm"] = commands.add_parser("confirm", help="Run an experiment once on seeds that nothing has touched.")
    _add_confirm(found["confirm"])
    return parser, found


def _add_field(command: Parser, field: "Field[Any]", meaning: str) -> None:
    option, default = f"--{field.name.replace('_', '-')}", field.default
    words = _escaped(f"{meaning} Default: {default}.".strip())
    if isinstance(default, bool):
        command.add_argument(option, action=argparse.BooleanOptionalAction, default=default, help=words)
        return
    kinds: dict[type, Callable[[str], Any]] = {int: whole, float: number}
    kind = whole if field.name == "n_jobs" else kinds.get(type(default), type(default))
    command.add_argument(option, type=kind, default=default, help=words)


def _add_compare(command: Parser) -> None:
    meanings = {name: _escaped(words) for name, words in meanings_of(compare).items()}
    add = command.add_argument
    add("--data", default="shared-subspace", metavar="DATA", help=f"a CSV file with a line of names, or one of {', '.join(PLANTED)}")
    add("--targets", nargs="+", metavar="COLUMN", help="of a CSV file: the columns to predict")
    add("--kinds", nargs="+", default=(), metavar="KIND", help="of the targets: COLUMN=binary, COLUMN=multiclass; others are regressions")
    add("--group", metavar="COLUMN", help="of a CSV file: which samples belong together, such as those of one person")
    add("--drop", nargs="+", default=(), metavar="COLUMN", help="of a CSV file: columns to leave out")
    add("--sharing", nargs="+", default=None, metavar="WAY", help=f"all, or {', '.join(WAYS)}; default: all, for a CSV file two")
    add("--seeds", type=whole, default=64, help=f"{meanings['seeds']} Default: 64.")
    add("--first-seed", type=whole, default=1000, help="The first of the seeds. Default: 1000.")
    add("--steps", type=whole, default=300, help=f"{meanings['steps']} Default: 300.")
    add("--n-hidden", type=whole, nargs="+", default=[32], help=f"{meanings['n_hidden']} Default: 32.")
    add("--jobs", type=whole, default=None, help=f"{meanings['n_jobs']} Default: 1.")
    add("--json", action="store_true", help="print one JSON object")


def _add_exercises(command: Parser) -> None:
    meanings = meanings_of(write_exercises)
    command.add_argument("chapter", metavar="CHAPTER", help=meanings["chapter"])
    command.add_argument("--to", default=".", metavar="FOLDER", help=f"{meanings['to']} Default: here.")
    for name in ("solutions", "force"):
        command.add_argument(f"--{name}", action="store_true", help=meanings[name])


def _add_record(command: Parser) -> None:
    add = command.add_argument
    add("names", nargs="*", metavar="NAME", help=f"ledger (or ledger and some experiments), or grids: {', '.join(grids())}")
    add("--reseal", action="store_true", help="check a little of what is stale, and renew what came out the same")
    add("--to", metavar="FOLDER", help="where recordings lie; default: data/recorded of the checkout")
    add("--jobs", type=whole, default=None, help="processes, where trainings may share them; default: 1")
    add("--cluster", metavar="ADDRESS", help="a dask scheduler, such as tcp://10.0.0.1:8786, in place of --jobs")


def _add_confirm(command: Parser) -> None:
    add = command.add_argument
    add("names", nargs="*", metavar="NAME", help="experiments; default: all with rules that were not confirmed yet")
    add("--to", metavar="FOLDER", help="where confirmed.json lies; default: data/recorded of the checkout")
    add("--jobs", type=whole, default=None, help="processes, where trainings may share them; default: 1")


def first_line(experiment: type) -> str:
    """What an experiment claims, in a line."""
    return (experiment.__doc__ or "").splitlines()[0]


def _escaped(words: str) -> str:
    return words.replace("%", "%%")
