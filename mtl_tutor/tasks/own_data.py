"""Turn a reader's own tables into tasks."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from mtl_tutor.checks import check_as, shown
from mtl_tutor.tasks._cells import check_alike, check_known, column_of, groups_of, inputs_of, is_among, kinds_of, labels_of, numbers_of
from mtl_tutor.tasks._samples import Samples, Task
from mtl_tutor.tasks.scaling import is_constant

FEW = 20
"""With fewer labels than that, a task's error is a matter of luck."""


class Table(NamedTuple):
    """What was read: tasks and samples, not yet split."""

    tasks: tuple[Task, ...]
    samples: Samples
    own_features: tuple[int, ...] = ()
    feature_names: tuple[str, ...] = ()


def table_of_arrays(x: Any, y: Any, kinds: Any, groups: Any) -> Table:
    """Make a table of arrays; missing labels are NaN."""
    features, names = inputs_of("`x`", x)
    if features.ndim < 2:
        raise ValueError(f"`x` must have two axes (sample, feature); got shape {features.shape}. Make one feature a column: x[:, None].")
    columns = columns_of(y)
    asked = kinds_of(kinds, columns)
    read = {name: labels_of(name, labels, asked.get(name)) for name, labels in columns.items()}
    for name, (_, labels) in read.items():
        if len(labels) != len(features):
            raise ValueError(
                f"`y[{name!r}]` must have a label for each of the {len(features)} samples of `x`; got {len(labels)}. "
                "Tasks with samples of their own are read by TaskData.from_pairs."
            )
    group = None if groups is None else groups_of(groups, len(features))
    labels = np.column_stack([labels for _, labels in read.values()])
    return Table(tuple(task for task, _ in read.values()), Samples(features, labels, group), feature_names=names)


def table_of_frame(frame: Any, targets: Any, kinds: Any, groups: Any) -> Table:
    """Make a table of a data frame: some columns are labels, all others features."""
    if isinstance(frame, type) or not (hasattr(frame, "columns") and hasattr(frame, "__getitem__")):
        remedy = " Arrays, and dicts of columns, are read by TaskData.from_arrays."
        raise ValueError(f"`frame` must be a data frame, with columns; got {shown(frame)}.{remedy}")
    columns = list(frame.columns)
    asked = _names_of("targets", targets, columns)
    taken = [*asked, *([] if groups is None else [groups])]
    check_alike("frame", columns)
    check_known("targets and groups", taken, columns)
    check_alike("targets and groups", taken)
    features = [column for column in columns if column not in taken]
    if not features:
        raise ValueError(f"`frame` must have columns to predict from beside the targets; it has only {columns}.")
    x = np.column_stack([numbers_of(f"Column {column!r} of `frame`", frame[column]) for column in features])
    table = table_of_arrays(x, {str(name): frame[name] for name in asked}, kinds, None if groups is None else frame[groups])
    return table._replace(feature_names=tuple(str(name) for name in features))


def table_of_pairs(pairs: Mapping[Any, tuple[Any, Any]], kinds: Any, groups: Any, own_columns: bool | None) -> Table:
    """Stack the samples of tasks that have samples of their own; other tasks' labels are NaN."""
    if not isinstance(pairs, Mapping) or not pairs:
        raise ValueError(f"`pairs` must be a dict that names at least one task; got {_none_or(pairs)}.")
    check_alike("pairs", pairs)
    read = {str(name): _pair(str(name), pair) for name, pair in pairs.items()}
    inputs, names = [x for x, _, _ in read.values()], [names for _, names, _ in read.values()]
    widths = [x.shape[1] for x in inputs]
    differ = len(set(widths)) > 1 or len({frozenset(each) for each in names if each}) > 1
    check_as("own_columns", bool | None, own_columns)
    if differ and own_columns is False:
        found = [list(each) for each in names if each] or widths
        raise ValueError(f"`own_columns` must be True for tasks with different features; got {found}.")
    if groups is not None and (not isinstance(groups, Mapping) or {str(name) for name in groups} != set(read)):
        found = [*groups] if isinstance(groups, Mapping) else shown(groups)
        raise ValueError(f"`groups` must have a column for each task, {[*read]}; got {found}.")
    own_groups = {str(name): column for name, column in (groups or {}).items()}
    joined = None if groups is None else np.concatenate([column_of(f"`groups[{name!r}]`", own_groups[name]) for name in read])
    n_samples = [len(x) for x in inputs]
    tasks, y = [], np.full((sum(n_samples), len(read)), np.nan)
    asked, ends = kinds_of(kinds, read), np.cumsum(n_samples)
    for i, (name, (x, _, labels)) in enumerate(read.items()):
        task, y[ends[i] - len(x) : ends[i], i] = labels_of(name, labels, asked.get(name))
        tasks.append(task)
    group = None if joined is None else groups_of(joined, len(y))
    if not (differ or own_columns):
        same = [x if each in ((), names[0]) else x[:, [each.index(one) for one in names[0]]] for x, each in zip(inputs, names, strict=True)]
        return Table(tuple(tasks), Samples(np.concatenate(same), y, group), feature_names=names[0])
    samples = Samples(_side_by_side(inputs), y, group)
    # Whose columns a row fills is known by its label; a row without one teaches nothing and would stay without an owner.
    labelled = samples.at(np.flatnonzero(~np.isnan(y).all(axis=1)))
    own_names = tuple(name for each in names for name in each) if all(names) else ()
    return Table(tuple(tasks), labelled, tuple(widths), own_names)


def columns_of(y: Any) -> dict[str, Any]:
    """The targets by name: of a dict, a data frame, or the columns of an array, whose names are their numbers."""
    if isinstance(y, Mapping):
        if not y:
            raise ValueError("`y` must be a dict that names at least one task; got none.")
        check_alike("y", y)
        for name, column in y.items():
            column_of(f"`y[{name!r}]`", column)
        return {str(name): column for name, column in y.items()}
    if hasattr(y, "columns"):
        if not len(y.columns):
            raise ValueError("`y` must have one column per task; got a data frame without columns.")
        check_alike("y", y.columns)
        return {str(name): y[name] for name in y.columns}
    if y is None or isinstance(y, (str, bytes, set)) or np.isscalar(y):
        raise ValueError(f"`y` must be a dict from tasks' names to labels, a data frame, or an array [sample task]; got {shown(y)}.")
    if getattr(y, "ndim", 0) == 1:  # as it is, for its categories
        return {str(getattr(y, "name", None) or 0): y}
    table = y if np.ma.isMaskedArray(y) else _table(y)
    if table.ndim not in (1, 2) or not table.size:
        raise ValueError(f"`y` must have one column per task (sample, task), or be one column; got shape {table.shape}.")
    return {str(number): column for number, column in enumerate(table.T if table.ndim == 2 else [table])}


def warn_of_scarce_labels(tasks: Sequence[Task], samples: Samples, stacklevel: int = 3) -> None:
    """Warn of tasks with few labels, and of labels that are all the same."""
    for task, column in zip(tasks, samples.y.T, strict=True):
        labels = column[~np.isnan(column)]
        if is_constant(labels):
            message = f"Task {task.name!r} has one label only, {labels[0]:g}: there is nothing to learn. Leave it out."
        elif len(labels) < FEW:
            found = f"{len(labels)} labels, fewer than {FEW}"
            message = f"Task {task.name!r} has {found}: its errors will be a matter of luck. Label more samples."
        else:
            continue
        warnings.warn(message, UserWarning, stacklevel=stacklevel)


def _table(y: Any) -> Shaped[np.ndarray, "..."]:
    try:
        return np.asarray(y, dtype=object)
    except (ValueError, TypeError):
        raise ValueError(f"`y` must have rows of one length; got {shown(y)}.") from None


def _names_of(what: str, asked: Any, columns: Sequence[Any]) -> list[Any]:
    """The columns asked for: one, or several."""
    is_one = isinstance(asked, (str, bytes)) or not np.iterable(asked) or (isinstance(asked, tuple) and is_among(asked, columns))
    names = [asked] if is_one else list(asked)
    if not names or asked is None:
        raise ValueError(f"`{what}` must name one column of the frame or more; got {shown(asked)}. Its columns are {columns}.")
    return names


def _pair(name: str, pair: Any) -> tuple[Float[np.ndarray, "sample feature"], tuple[str, ...], Any]:
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise ValueError(f"`pairs[{name!r}]` must be a pair (x, labels); got {type(pair).__name__}.")
    (x, names), labels = inputs_of(f"`x` of {name!r}", pair[0]), column_of(f"`y` of {name!r}", pair[1])
    if x.ndim != 2 or len(x) != len(labels):
        raise ValueError(f"`pairs[{name!r}]` must be x (sample, feature) and as many labels; got shapes {x.shape} and {labels.shape}.")
    return x, names, pair[1]


def _side_by_side(inputs: Sequence[np.ndarray]) -> Float[np.ndarray, "sample feature"]:
    """Give each task's features columns of their own, 0 for other tasks' samples."""
    edges = np.cumsum([0, *(x.shape[1] for x in inputs)])
    return np.concatenate([np.pad(x, ((0, 0), (left, edges[-1] - left - x.shape[1]))) for x, left in zip(inputs, edges, strict=False)])


def _none_or(named: object) -> str:
    return "none" if isinstance(named, Mapping) else shown(named)
