"""Turn a reader's own tables into tasks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from mtl_tutor.tasks._cells import column_of, groups_of, labels_of, numbers_of
from mtl_tutor.tasks._samples import Kind, Samples, Task


class Table(NamedTuple):
    """What was read: tasks and samples, not yet split."""

    tasks: tuple[Task, ...]
    samples: Samples
    own_features: tuple[int, ...] = ()


def table_of_arrays(x: Any, y: Mapping[str, Any], kinds: Mapping[str, Kind] | None, groups: Any) -> Table:
    """Make a table of arrays; missing labels are NaN."""
    features = numbers_of("`x`", x)
    if features.ndim != 2:
        raise ValueError(f"`x` must have two axes (sample, feature); got shape {features.shape}. Make one feature a column: x[:, None].")
    _check_not_empty("y", y)
    _check_names("kinds", kinds or {}, y)
    read = {name: labels_of(name, labels, (kinds or {}).get(name, "regression")) for name, labels in y.items()}
    for name, (_, labels) in read.items():
        if len(labels) != len(features):
            raise ValueError(
                f"`y[{name!r}]` must have a label for each of the {len(features)} samples of `x`; got {len(labels)}. "
                "Tasks with samples of their own are read by TaskData.from_pairs."
            )
    group = None if groups is None else groups_of(groups, len(features))
    return Table(
        tuple(task for task, _ in read.values()), Samples(features, np.column_stack([labels for _, labels in read.values()]), group)
    )


def table_of_frame(frame: Any, targets: str | Sequence[str], kinds: Mapping[str, Kind] | None, groups: str | None) -> Table:
    """Make a table of a data frame: some columns are labels, all others features."""
    columns, asked = list(frame.columns), [targets] if isinstance(targets, str) else list(targets)
    taken = [*asked, *([] if groups is None else [groups])]
    for where, names in (("frame", columns), ("targets and groups", taken)):
        if twice := sorted({str(name) for name in names if names.count(name) > 1}):
            raise ValueError(f"`{where}` must name a column once; got {', '.join(twice)} twice.")
    _check_names("targets and groups", taken, columns)
    features = [column for column in columns if column not in taken]
    if not features:
        raise ValueError(f"`frame` must have columns to predict from beside the targets; it has only {columns}.")
    x = np.column_stack([numbers_of(f"Column {column!r}", frame[column]) for column in features])
    return table_of_arrays(x, {str(name): frame[name] for name in asked}, kinds, None if groups is None else frame[groups])


def table_of_pairs(
    pairs: Mapping[str, tuple[Any, Any]], kinds: Mapping[str, Kind] | None, groups: Mapping[str, Any] | None, own_columns: bool | None
) -> Table:
    """Stack the samples of tasks that have samples of their own; other tasks' labels are NaN."""
    _check_not_empty("pairs", pairs)
    read = {name: _pair(name, pair) for name, pair in pairs.items()}
    inputs, widths = [x for x, _ in read.values()], [x.shape[1] for x, _ in read.values()]
    differ = len(set(widths)) > 1
    if differ and own_columns is False:
        raise ValueError(f"`own_columns` must be True for tasks with different numbers of features; got {widths}.")
    if groups is not None and set(groups) != set(pairs):
        raise ValueError(f"`groups` must have a column for each task, {[*pairs]}; got {[*groups]}.")
    joined = None if groups is None else np.concatenate([column_of(f"`groups[{name!r}]`", groups[name]) for name in pairs])
    y = {name: _alone(name, {other: labels for other, (_, labels) in read.items()}) for name in read}
    if not (differ or own_columns):
        return table_of_arrays(np.concatenate(inputs), y, kinds, joined)
    tasks, samples, _ = table_of_arrays(_side_by_side(inputs), y, kinds, joined)
    # Whose columns a row fills is known by its label; a row without one teaches nothing and would stay without an owner.
    return Table(tasks, samples.at(np.flatnonzero(~np.isnan(samples.y).all(axis=1))), tuple(widths))


def _pair(name: str, pair: Any) -> tuple[Float[np.ndarray, "sample feature"], Shaped[np.ndarray, "sample"]]:
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise ValueError(f"`pairs[{name!r}]` must be a pair (x, labels); got {type(pair).__name__}.")
    x, labels = numbers_of(f"`x` of {name!r}", pair[0]), column_of(f"`y` of {name!r}", pair[1])
    if x.ndim != 2 or len(x) != len(labels):
        raise ValueError(f"`pairs[{name!r}]` must be x (sample, feature) and as many labels; got shapes {x.shape} and {labels.shape}.")
    return x, labels


def _side_by_side(inputs: Sequence[np.ndarray]) -> Float[np.ndarray, "sample feature"]:
    """Give each task's features columns of their own, 0 for other tasks' samples."""
    edges = np.cumsum([0, *(x.shape[1] for x in inputs)])
    return np.concatenate([np.pad(x, ((0, 0), (left, edges[-1] - left - x.shape[1]))) for x, left in zip(inputs, edges, strict=False)])


def _alone(task: str, labels: Mapping[str, np.ndarray]) -> Shaped[np.ndarray, "sample"]:
    return np.concatenate([own if name == task else np.full(len(own), None) for name, own in labels.items()])


def _check_not_empty(what: str, named: object) -> None:
    if not isinstance(named, Mapping) or not named:
        found = "none" if isinstance(named, Mapping) else type(named).__name__
        raise ValueError(f"`{what}` must be a dict that names at least one task; got {found}.")


def _check_names(what: str, names: Iterable[object], known: Iterable[object]) -> None:
    if unknown := [name for name in names if name not in (known := list(known))]:
        raise ValueError(f"`{what}` must name some of {known}; {unknown[0]!r} is none.")
