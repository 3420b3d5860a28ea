"""A reader's own CSV file as tasks."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mtl_tutor.checks import check_named
from mtl_tutor.tasks import TaskData

KINDS = ("regression", "binary", "multiclass")
_MISSING = {"", "na", "nan", "n/a", "null", "none"}


def read_table(path: Path, targets: Sequence[str], kinds: Sequence[str], group: str | None, drop: Sequence[str]) -> TaskData:
    """Read a CSV file with a line of names; all columns that are not named are features.

    Raises
    ------
    ValueError
        The file is no table, lacks a column that is named, or has words among its features.
    """
    names, columns = _columns_of(path)
    if not targets:
        raise ValueError(f"`--targets` must name the columns to predict; got none. There are {', '.join(names)}.")
    for option, asked in (("--targets", targets), ("--group", [group] if group else []), ("--drop", drop)):
        for name in asked:
            check_named(option, name, names)
    features = [name for name in names if name not in {*targets, *drop, group}]
    if not features:
        raise ValueError("`--targets` must leave columns to predict from; got all of them.")
    x = np.array([_numbers(name, columns[name]) for name in features]).T
    groups = [text or None for text in columns[group]] if group else None
    return TaskData.from_arrays(x, {name: _labels(columns[name]) for name in targets}, kinds=_kinds(kinds, targets), groups=groups)


def _columns_of(path: Path) -> tuple[list[str], dict[str, list[str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"`--data` must be a text file in UTF-8; {str(path)!r} is not. Save it as CSV with that encoding.") from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(text.splitlines(), delimiter=separator, strict=True) if row]
    except csv.Error as error:
        raise ValueError(f"`--data` must be a CSV file; {str(path)!r} is not: {error}.") from None
    if len(rows) < 2:
        raise ValueError(f"`--data` must hold a line of names and samples below it; {str(path)!r} has {len(rows)} lines.")
    names = [name.strip() for name in rows[0]]
    if len(set(names)) < len(names) or "" in names:
        raise ValueError(f"`--data` must give every column a name of its own; got {', '.join(names)}.")
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(names):
            raise ValueError(f"`--data` must have {len(names)} entries in every line; line {line} of {str(path)!r} has {len(row)}.")
    return names, {name: [cell.strip() for cell in column] for name, column in zip(names, zip(*rows[1:], strict=True), strict=True)}


def _numbers(name: str, column: Sequence[str]) -> list[float]:
    found = []
    for line, text in enumerate(column, start=2):
        value = _number(text)
        if value is None or not np.isfinite(value):
            what = "is missing" if text.lower() in _MISSING else f"is {text!r}"
            raise ValueError(f"Column {name!r} must hold finite numbers; line {line} {what}. Fill it in, or leave it out: --drop {name}")
        found.append(value)
    return found


def _labels(column: Sequence[str]) -> list[Any]:
    """Numbers if all labels are, otherwise words; None where one is missing."""
    known = [text for text in column if text.lower() not in _MISSING]
    are_numbers = all(_number(text) is not None for text in known)
    return [None if text.lower() in _MISSING else float(text) if are_numbers else text for text in column]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _kinds(kinds: Sequence[str], targets: Sequence[str]) -> Mapping[str, Any]:
    """COLUMN=KIND for some targets, or one kind for each of them."""
    pairs = [one.rpartition("=") for one in kinds]
    if kinds and not any(name for name, *_ in pairs):
        if len(kinds) not in (1, len(targets)):
            raise ValueError(f"`--kinds` must hold one kind, or one per target, {len(targets)}, or COLUMN=KIND; got {len(kinds)}.")
        each = kinds if len(kinds) == len(targets) else [kinds[0]] * len(targets)
        pairs = [(name, "=", kind) for name, kind in zip(targets, each, strict=True)]
    for name, _, kind in pairs:
        check_named("--kinds", name, targets)
        check_named("--kinds", kind, KINDS)
    return {name: kind for name, _, kind in pairs}
