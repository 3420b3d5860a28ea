"""Cells of a reader's table: numbers, classes and missing values."""

from numbers import Real
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped

from mtl_tutor.tasks._samples import Kind, Task


def column_of(what: str, values: Any) -> Shaped[np.ndarray, "sample"]:
    """Read one column of anything array-like."""
    column = np.asarray(values, dtype=object)  # or a NaN among words would become the word "nan"
    if column.ndim != 1:
        raise ValueError(f"{what} must be one column; got shape {column.shape}. Give each task a name and a column of its own.")
    return column


def numbers_of(what: str, values: Any) -> Float[np.ndarray, "..."]:
    """Read numbers; missing ones become NaN."""
    found = np.asarray(values)
    if found.dtype.kind in "biuf":
        return found.astype(float)
    cells = np.asarray(values, dtype=object)
    for cell in cells.flat:
        if not (is_missing(cell) or isinstance(cell, (Real, np.bool_))):
            raise ValueError(f"{what} must hold numbers; got {cell!r}. Turn it into numbers, or leave it out.")
    return np.array([np.nan if is_missing(cell) else float(cell) for cell in cells.flat]).reshape(cells.shape)


def groups_of(values: Any, n_samples: int) -> Int[np.ndarray, "sample"]:
    """Number the groups in the order in which they first appear."""
    column = column_of("`groups`", values)
    if len(column) != n_samples or any(is_missing(group) for group in column):
        raise ValueError(f"`groups` must say of each of {n_samples} samples where it belongs; got {len(column)} entries, or missing ones.")
    number = {group: k for k, group in enumerate(dict.fromkeys(column))}
    return np.array([number[group] for group in column])


def labels_of(name: str, values: Any, kind: Kind) -> tuple[Task, Float[np.ndarray, "sample"]]:
    """Read labels; classes become 0, 1, ... in the order of their names, which the task keeps."""
    column = column_of(f"`y[{name!r}]`", values)
    known = np.array([not is_missing(label) for label in column], dtype=bool)
    if not known.any():
        raise ValueError(f"`y[{name!r}]` must hold a label; all {len(column)} are missing. Label a sample or drop the task.")
    labels = np.full(len(column), np.nan)
    if kind == "regression":
        labels[known] = numbers_of(f"`y[{name!r}]`, a regression,", column[known])
        return Task(str(name)), labels
    classes = _classes(name, column[known], kind)
    labels[known] = [classes.index(_class(name, label)) for label in column[known]]
    return Task(str(name), kind, 1 if kind == "binary" else len(classes), classes), labels


def is_missing(cell: object) -> bool:
    """Whether a cell is None, NaN or pandas' NA."""
    return cell is None or type(cell).__name__ in ("NAType", "NaTType") or (isinstance(cell, Real) and bool(np.isnan(float(cell))))


def _classes(name: str, labels: Shaped[np.ndarray, "sample"], kind: Kind) -> tuple[int | str, ...]:
    Task(str(name), kind, 1 if kind == "binary" else 2)  # refuses an unknown kind
    found = {_class(name, label) for label in labels}
    if len({type(one) for one in found}) > 1:
        raise ValueError(f"`y[{name!r}]` must call its classes by whole numbers or by words, not both; got {[*found][:6]}.")
    if len(found) < 2 or (kind == "binary" and len(found) > 2):
        rule = "exactly two classes" if kind == "binary" else "two classes or more"
        raise ValueError(f"`y[{name!r}]` must hold {rule}, being {kind}; got {sorted(found)[:6]}.")
    return tuple(sorted(found))


def _class(name: str, label: object) -> int | str:
    if isinstance(label, str):
        return str(label)
    if not isinstance(label, (int, float, np.number, np.bool_)) or not np.isreal(label) or not float(label).is_integer():
        raise ValueError(f"`y[{name!r}]` must hold whole numbers or words, since it asks for a class; got {label!r}.")
    return int(float(label))
