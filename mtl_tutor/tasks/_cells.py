"""Cells of a reader's table: numbers, classes and missing values."""

import difflib
from collections.abc import Collection, Iterable, Mapping
from numbers import Real
from typing import Any, get_args

import numpy as np
from jaxtyping import Float, Int, Shaped

from mtl_tutor.checks import check_named, shown
from mtl_tutor.tasks._samples import Kind, Task

_DATES = "mM"
"""The kinds of NumPy arrays that hold dates and durations."""


def column_of(what: str, values: Any) -> Shaped[np.ndarray, "sample"]:
    """Read one column of anything array-like; what is masked is missing."""
    column = _cells(what, values)
    if column.ndim != 1:
        raise ValueError(f"{what} must be one column; got shape {column.shape}. Give each task a name and a column of its own.")
    return column


def numbers_of(what: str, values: Any) -> Float[np.ndarray, "..."]:
    """Read numbers; missing ones become NaN."""
    found = None if np.ma.isMaskedArray(values) else _plain(values)
    if found is not None and found.dtype.kind in "biuf":
        return found.astype(float)
    cells = _cells(what, values)
    if cells.ndim and _is_of_dates(values):
        raise ValueError(f"{what} must hold numbers; got dates. Turn them into numbers, such as days since the first one.")
    for cell in cells.flat:
        if not (is_missing(cell) or isinstance(cell, (Real, np.bool_))):
            remedy = "Turn it into numbers (a column of 0 and 1 per word, for example), or leave it out."
            raise ValueError(f"{what} must hold numbers; got {shown(cell)}. {remedy}")
    return np.array([np.nan if is_missing(cell) else _float(what, cell) for cell in cells.flat]).reshape(cells.shape)


def inputs_of(what: str, x: Any) -> tuple[Float[np.ndarray, "..."], tuple[str, ...]]:
    """Inputs as numbers, and the names of their columns, of a data frame."""
    if not hasattr(x, "columns"):
        return numbers_of(what, x), ()
    check_alike(what.strip("`"), x.columns)
    read = [numbers_of(f"Column {name!r} of {what}", x[name]) for name in x.columns]
    return np.column_stack(read) if read else np.zeros((len(x), 0)), tuple(str(name) for name in x.columns)


def groups_of(values: Any, n_samples: int) -> Int[np.ndarray, "sample"]:
    """Number the groups in the order in which they first appear."""
    column = column_of("`groups`", values)
    if len(column) != n_samples or any(is_missing(group) for group in column):
        raise ValueError(f"`groups` must say of each of {n_samples} samples where it belongs; got {len(column)} entries, or missing ones.")
    try:
        number = {group: k for k, group in enumerate(dict.fromkeys(column))}
    except TypeError:
        raise ValueError("`groups` must hold one name or number per sample; got lists. Give each group one name.") from None
    return np.array([number[group] for group in column])


def kinds_of(kinds: Any, names: Iterable[Any]) -> dict[str, Kind]:
    """The kinds that were asked for: one for all tasks, one per task in their order, or a dict from some tasks' names."""
    names = [str(name) for name in names]
    if kinds is None:
        return {}
    if isinstance(kinds, str):
        asked: dict[str, Any] = dict.fromkeys(names, kinds)
    elif isinstance(kinds, Mapping):
        asked = {str(name): kind for name, kind in kinds.items()}
        check_known("kinds", asked, names)
    else:
        each = list(kinds) if isinstance(kinds, (list, tuple, np.ndarray)) and np.ndim(np.array(kinds, dtype=object)) == 1 else None
        if each is None:
            raise ValueError(f"`kinds` must be one kind, a sequence of them, or a dict from names to kinds; got {shown(kinds)}.")
        if len(each) != len(names):
            raise ValueError(f"`kinds` must hold one kind per column of y, {len(names)}; got {len(each)}.")
        asked = dict(zip(names, each, strict=True))
    for kind in asked.values():
        check_named("kinds", kind, get_args(Kind))
    return asked


def labels_of(name: str, values: Any, kind: Kind | None) -> tuple[Task, Float[np.ndarray, "sample"]]:
    """Read labels; classes become 0, 1, ... in the order of their names, which the task keeps.

    Without a kind, words, booleans and categories are classes, and all else is a regression.
    """
    what = f"`y[{name!r}]`"
    column = column_of(what, values)
    known = np.array([not is_missing(label) for label in column], dtype=bool)
    if not known.any():
        raise ValueError(f"{what} must hold a label; all {len(column)} are missing. Label a sample or drop the task.")
    if _is_of_dates(values):
        raise ValueError(f"{what} must hold numbers or classes; got dates. Turn them into numbers, such as days since the first one.")
    kind = _kind_of(what, values, column[known]) if kind is None else kind
    labels = np.full(len(column), np.nan)
    if kind == "regression":
        labels[known] = numbers_of(f"{what}, a regression,", column[known])
        return Task(str(name)), labels
    classes = _classes(what, values, column[known], kind)
    number = {each: k for k, each in enumerate(classes)}
    labels[known] = [number[_class(what, label)] for label in column[known]]
    return Task(str(name), kind, 1 if kind == "binary" else len(classes), classes), labels


def is_missing(cell: object) -> bool:
    """Whether a cell is None, NaN, pandas' NA or masked."""
    if cell is None or cell is np.ma.masked or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(cell, (Real, np.datetime64, np.timedelta64)) and bool(cell != cell)


def is_among(name: Any, known: Iterable[Any]) -> bool:
    """Whether a name is one of these; what cannot be a name, such as a list or pandas' NA, is none."""
    try:
        return name in dict.fromkeys(known)
    except TypeError:  # a tuple that holds a list is hashable to look at
        return False


def check_known(what: str, names: Iterable[Any], known: Collection[Any]) -> None:
    """Require names that exist, and suggest the nearest."""
    known = list(known)
    for name in names:
        if not is_among(name, known):
            near = difflib.get_close_matches(str(name), [str(one) for one in known], n=1)
            remedy = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"`{what}` must name some of {known}; {shown(name)} is none.{remedy}")


def check_alike(what: str, names: Iterable[Any]) -> None:
    """Require names that differ as words, too: 1 and "1" would be one task."""
    names, words = list(names), [str(name) for name in names]
    for i, word in enumerate(words):
        if word in words[:i]:
            first = names[words.index(word)]
            twice = f"{word} twice" if type(first) is type(names[i]) else f"{first!r} and {names[i]!r}"
            raise ValueError(f"`{what}` must name a column once; got {twice}. Rename one.")


def _plain(values: Any) -> Shaped[np.ndarray, "..."]:
    try:
        return np.asarray(values)
    except (ValueError, TypeError):  # rows of different lengths
        return np.asarray(None)


def _cells(what: str, values: Any) -> Shaped[np.ndarray, "..."]:
    """All cells as Python's objects, or a NaN among words would become the word "nan"."""
    if np.ma.isMaskedArray(values):
        cells = np.ma.getdata(values).astype(object)
        cells[np.ma.getmaskarray(values)] = None
        return cells
    try:
        return np.asarray(values, dtype=object)
    except (ValueError, TypeError):
        raise ValueError(f"{what} must have rows of one length; got {shown(values)}.") from None


def _float(what: str, cell: Any) -> float:
    try:
        return float(cell)
    except OverflowError:
        raise ValueError(f"{what} must hold numbers of a size that single precision holds; got {shown(cell)}.") from None


def _is_of_dates(values: Any) -> bool:
    """Whether these are dates or durations, which NumPy would turn into nanoseconds without a word."""
    kind = getattr(getattr(values, "dtype", None), "kind", None) or _plain(values).dtype.kind
    if kind != "O":
        return kind in _DATES
    cells = np.asarray(values, dtype=object).flat
    return any(hasattr(cell, "isoformat") or hasattr(cell, "total_seconds") for cell in cells)


def _kind_of(what: str, values: Any, labels: Shaped[np.ndarray, "sample"]) -> Kind:
    """Words, booleans and categories are classes: binary where there are two."""
    are_words = all(isinstance(label, str) for label in labels)
    if not (are_words or _categories(values) is not None or all(isinstance(label, (bool, np.bool_)) for label in labels)):
        return "regression"
    if are_words and all(_reads_as_number(label) for label in labels):
        raise ValueError(
            f"{what} must hold numbers, or classes that `kinds` asks for; got words that read as numbers, such as "
            f"{shown(labels[0])}. Turn them into numbers, or name the task in `kinds`."
        )
    return "binary" if len({_class(what, label) for label in labels}) == 2 else "multiclass"


def _reads_as_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _categories(values: Any) -> list[Any] | None:
    """The categories of a pandas categorical in their order, if it has one; else an empty list; None for other columns."""
    dtype: Any = getattr(values, "dtype", None)
    if not hasattr(dtype, "categories"):
        return None
    return list(dtype.categories) if getattr(dtype, "ordered", False) else []


def _classes(what: str, values: Any, labels: Shaped[np.ndarray, "sample"], kind: Kind) -> tuple[int | str, ...]:
    found = {_class(what, label) for label in labels}
    types = {type(one) for one in found}
    if types == {bool, int}:
        found = {int(one) for one in found}
    elif len(types) > 1:
        raise ValueError(f"{what} must call its classes by whole numbers or by words, not both; got {[*found][:6]}.")
    if len(found) < 2 or (kind == "binary" and len(found) > 2):
        rule = "exactly two classes" if kind == "binary" else "two classes or more"
        remedy = " Ask for 'multiclass' in `kinds`, or for 'regression'." if len(found) > 2 else ""
        raise ValueError(f"{what} must hold {rule}, being {kind}; got {sorted(found)[:6]}.{remedy}")
    ordered = [_class(what, one) for one in _categories(values) or []]
    return tuple(one for one in ordered if one in found) or tuple(sorted(found))


def _class(what: str, label: Any) -> int | str:
    if isinstance(label, str):
        return str(label)
    if isinstance(label, (bool, np.bool_)):
        return bool(label)
    if not isinstance(label, (int, float, np.number)) or not np.isreal(label) or not float(label).is_integer():
        remedy = " Turn it into words: .astype(str)." if not isinstance(label, (int, float, np.number)) else ""
        raise ValueError(f"{what} must hold whole numbers or words, since it asks for a class; got {shown(label)}.{remedy}")
    return int(label)
