"""Tasks and samples."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
from jaxtyping import Float, Int

Kind = Literal["regression", "binary", "multiclass"]


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
        if self.kind not in ("regression", "binary", "multiclass"):
            raise ValueError(f"`kind` must be 'regression', 'binary' or 'multiclass'; got {self.kind!r}.")
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
    x : Float[np.ndarray, "sample feature"]
        One row of features per sample.
    y : Float[np.ndarray, "sample task"]
        One column per task: a number, 0/1, or the index of a class.
    group : Int[np.ndarray, "sample"] | None
        Group of each sample (a person, a day), as any numbers; None where samples are independent.
    """

    x: Float[np.ndarray, "sample feature"]
    y: Float[np.ndarray, "sample task"]
    group: Int[np.ndarray, "sample"] | None = None

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            value = np.asarray(getattr(self, name), dtype=float)
            if value.ndim != 2:
                raise ValueError(f"`{name}` must have two axes (sample, {'feature' if name == 'x' else 'task'}); got shape {value.shape}.")
            object.__setattr__(self, name, value)
        if len(self.x) != len(self.y):
            raise ValueError(f"`x` and `y` must describe the same samples; got {len(self.x)} and {len(self.y)}.")
        if not np.isfinite(self.x).all():
            raise ValueError(f"`x` must be finite; {np.sum(~np.isfinite(self.x))} entries are not. Impute or drop those samples.")
        if np.isinf(self.y).any():
            raise ValueError("`y` must be finite, or NaN where a label is missing; got an infinite label.")
        group = self.group if self.group is None else np.asarray(self.group)
        object.__setattr__(self, "group", group)
        if group is not None and (group.shape != (len(self),) or group.dtype.kind not in "iu"):
            raise ValueError(f"`group` must hold one whole number per sample, {len(self)}; got {group.dtype} of shape {group.shape}.")

    def __repr__(self) -> str:
        missing = int(np.isnan(self.y).sum())
        groups = "" if self.group is None else f", {len(np.unique(self.group))} groups"
        return f"Samples: x {self.x.shape}, y {self.y.shape}, {missing or 'no'} label{'s' * (missing != 1)} missing{groups}"

    def __len__(self) -> int:
        return len(self.x)

    def at(self, rows: Sequence[int] | Int[np.ndarray, "row"]) -> Self:
        """Select samples by their indices, in the order given."""
        rows = np.asarray(rows, dtype=int)
        return type(self)(self.x[rows], self.y[rows], None if self.group is None else self.group[rows])

    def and_then(self, other: Self) -> Self:
        """Append other samples below."""
        groups = None if self.group is None or other.group is None else np.concatenate([self.group, other.group])
        return type(self)(np.concatenate([self.x, other.x]), np.concatenate([self.y, other.y]), groups)
