"""Tasks and samples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from mtl_tutor.checks import check_as, check_named, check_size, check_whole, checked, shown

Kind = Literal["regression", "binary", "multiclass"]

Kinds = Kind | Sequence[Kind] | Mapping[Any, Kind] | None
"""What a reader may say about the kinds of all tasks."""


@dataclass(frozen=True)
class Task:
    """One task: its name and the kind of its labels.

    Attributes
    ----------
    name : str
        Its name in tables and pictures.
    kind : Kind
        "regression" (a number, squared error), "binary" (0 or 1, one logit) or "multiclass" (a
        class, one logit each).
    n_outputs : int
        Outputs of a net for this task: 1, or the number of classes.
    classes : tuple[int | str, ...]
        Names of the labels 0, 1, … in a reader's own table; empty where they have no others.
    """

    name: str
    kind: Kind = "regression"
    n_outputs: int = 1
    classes: tuple[int | str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        check_as("name", str, self.name)
        object.__setattr__(self, "classes", tuple(check_as("classes", Sequence[Any], self.classes)))
        if any(isinstance(one, float) for one in self.classes):
            raise TypeError(f"`classes` must be words or whole numbers; got {shown(self.classes)}.")
        check_named("kind", self.kind, get_args(Kind))
        check_whole("n_outputs", self.n_outputs)
        if (self.n_outputs < 2) if self.kind == "multiclass" else (self.n_outputs != 1):
            rule = "2 or more" if self.kind == "multiclass" else "1"
            raise ValueError(f"`n_outputs` of the {self.kind} task {self.name!r} must be {rule}; got {self.n_outputs}.")
        if self.classes and len(self.classes) != self.n_classes:
            raise ValueError(f"`classes` must name the {self.n_classes} classes of the {self.kind} task {self.name!r}; got {self.classes}.")

    @property
    def n_classes(self) -> int:
        """Number of classes; 0 for a regression."""
        return {"regression": 0, "binary": 2}.get(self.kind, self.n_outputs)

    def class_name(self, label: int) -> str:
        """The name of a label, as a reader wrote it."""
        return f"class {self.classes[label] if self.classes else label}"

    def check_labels(self, split: str, labels: Float[np.ndarray, "sample"]) -> None:
        """Refuse labels that the task cannot have, and a split without any label."""
        if len(labels) == 0:
            raise ValueError(f"Task {self.name!r} must have a label in `{split}`; it has none. Label a sample or drop the task.")
        if self.n_classes and not np.isin(labels, np.arange(self.n_classes)).all():
            found = np.unique(labels)[:6]
            raise ValueError(f"`{split}` labels of {self.name!r} must be 0 to {self.n_classes - 1} ({self.kind}); got {found}.")


@dataclass(frozen=True, eq=False, repr=False)
class Samples:
    """Inputs and, for each task, a label; NaN where a label is missing.

    Attributes
    ----------
    x : Float[np.ndarray, "sample *feature"]
        One row of features per sample; or more axes: images [sample channel height width],
        sequences [sample token feature].
    y : Float[np.ndarray, "sample task"]
        One column per task: a number, 0/1, or the index of a class.
    group : Int[np.ndarray, "sample"] | None
        Group of each sample (a person, a day), as any numbers; None where samples are independent.

    Raises
    ------
    ValueError
        Other numbers of axes or of samples, inputs that are missing, or numbers too large for
        single precision.
    """

    x: Float[np.ndarray, "sample *feature"]
    y: Float[np.ndarray, "sample task"]
    group: Int[np.ndarray, "sample"] | None = None

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            object.__setattr__(self, name, _numbers(name, getattr(self, name)))
        if self.x.ndim < 2:
            rule = "`x` must have two axes (sample, feature), or more"
            raise ValueError(f"{rule}; got shape {self.x.shape}. Write x[:, None] for one feature.")
        if self.y.ndim != 2:
            raise ValueError(f"`y` must have two axes (sample, task); got shape {self.y.shape}.")
        if len(self.x) != len(self.y):
            raise ValueError(f"`x` and `y` must describe the same samples; got {len(self.x)} and {len(self.y)}.")
        if not np.isfinite(self.x).all():
            raise ValueError(f"`x` must be finite; {np.sum(~np.isfinite(self.x))} entries are not. Impute or drop those samples.")
        if np.isinf(self.y).any():
            raise ValueError("`y` must be finite, or NaN where a label is missing; got an infinite label.")
        for name, values in (("x", self.x), ("y", self.y)):
            check_size(name, values)
        group = self.group if self.group is None else _array_of("group", self.group)
        object.__setattr__(self, "group", group)
        if group is not None and (group.shape != (len(self),) or group.dtype.kind not in "iu"):
            raise ValueError(f"`group` must hold one whole number per sample, {len(self)}; got {group.dtype} of shape {group.shape}.")

    def __repr__(self) -> str:
        missing = int(np.isnan(self.y).sum())
        groups = "" if self.group is None else f", {len(np.unique(self.group))} groups"
        return f"Samples: x {self.x.shape}, y {self.y.shape}, {missing or 'no'} label{'s' * (missing != 1)} missing{groups}"

    def __len__(self) -> int:
        return len(self.x)

    def at(self, rows: Sequence[int] | Int[np.ndarray, "row"] | Bool[np.ndarray, "sample"]) -> Self:
        """Select samples.

        Parameters
        ----------
        rows : Sequence[int] | Int[np.ndarray, "row"] | Bool[np.ndarray, "sample"]
            Their indices, in the order wanted; or a mask, True or False for each sample.

        Raises
        ------
        ValueError
            An index that no sample has, or a mask of another length.
        TypeError
            Neither whole numbers nor True and False.

        Examples
        --------
        >>> year = np.array([1970.0, 1971.0, 1972.0])
        >>> samples = Samples(year[:, None], year[:, None])
        >>> samples.at([2, 0]).x[:, 0].tolist(), samples.at(year < 1972).x[:, 0].tolist()
        ([1972.0, 1970.0], [1970.0, 1971.0])
        """
        chosen = rows_of(rows, len(self))
        return type(self)(self.x[chosen], self.y[chosen], None if self.group is None else self.group[chosen])

    @checked
    def and_then(self, other: "Samples") -> Self:
        """Append other samples below."""
        groups = None if self.group is None or other.group is None else np.concatenate([self.group, other.group])
        return type(self)(np.concatenate([self.x, other.x]), np.concatenate([self.y, other.y]), groups)


def rows_of(rows: Any, n_samples: int) -> Int[np.ndarray, "row"]:
    """Indices of the samples that indices or a mask select."""
    wanted = "indices of samples, or True or False for each"
    try:
        given = np.asarray([] if rows is None else rows)
    except (ValueError, TypeError):
        raise TypeError(f"`rows` must hold {wanted}; got {shown(rows)}.") from None
    if given.dtype == object and all(isinstance(one, (bool, np.bool_)) for one in given.flat):  # as a mask of pandas may come
        given = given.astype(bool)
    if given.ndim != 1 or rows is None or (len(given) and given.dtype.kind not in "biu") or np.ma.is_masked(rows):
        raise TypeError(f"`rows` must hold {wanted}; got {shown(rows)}.")
    if given.dtype.kind == "b":
        if len(given) != n_samples:
            raise ValueError(f"`rows` must hold one True or False for each of the {n_samples} samples; got {len(given)}.")
        return np.flatnonzero(given)
    if len(given) and not 0 <= given.min() <= given.max() < n_samples:
        wrong = given.min() if given.min() < 0 else given.max()
        raise ValueError(f"`rows` must lie between 0 and {n_samples - 1}, the last sample; got {wrong}.")
    return given.astype(int)


def _numbers(name: str, values: Any) -> Float[np.ndarray, "..."]:
    """The values as an array of double precision; what is masked is NaN."""
    try:
        plain = np.ma.filled(values.astype(float), np.nan) if np.ma.isMaskedArray(values) else np.asarray(values)
        if plain.dtype.kind not in "biufO":
            raise TypeError
        return plain.astype(float, copy=False)
    except (ValueError, TypeError, OverflowError):
        raise ValueError(f"`{name}` must hold numbers; got {shown(values)}. TaskData.from_arrays reads words as classes.") from None


def _array_of(name: str, values: Any) -> Shaped[np.ndarray, "..."]:
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(f"`{name}` must have rows of one length; got {shown(values)}.") from None
