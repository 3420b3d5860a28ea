"""The border between torch and pictures: frozen results made of NumPy arrays. Imports no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal, Self

import numpy as np
from jaxtyping import Bool, Float, Int

from mtl_tutor.statistics import Interval, Verdict

Role = Literal["main", "other", "third", "fourth", "single_task", "control"]
"""What a line or bar stands for; one colour and dash each, everywhere in the book (``plots.palette``)."""


@dataclass(frozen=True, eq=False)
class History:
    """What happened while some hundred nets were trained: one row per seed.

    Attributes
    ----------
    seeds : which random replica each row is.
    steps : the training steps after which the nets were looked at, ascending; 0 is the start.
    tasks : the tasks' names.
    loss : "train", "validation", "test" -> the task's own loss (squared error, or nats of cross-entropy).
    error : the same splits -> mean squared error of a regression, share of wrong answers of a classification.
    lr : the learning rate of each row.
    diverged : whether a weight or a loss stopped being finite. Such a row reads NaN in `best` and `last`.
    parameters : the model's parameter names -> their values at the last step, one net per row.
    """

    seeds: Int[np.ndarray, "seed"]
    steps: Int[np.ndarray, "step"]
    tasks: tuple[str, ...]
    loss: Mapping[str, Float[np.ndarray, "seed step task"]]
    error: Mapping[str, Float[np.ndarray, "seed step task"]]
    lr: Float[np.ndarray, "seed"]
    diverged: Bool[np.ndarray, "seed"]
    parameters: Mapping[str, np.ndarray] = field(repr=False)

    def best_step(self) -> Int[np.ndarray, "seed task"]:
        """Find where each task's validation loss was lowest: the index into `steps`, per seed and task.

        Raises
        ------
        ValueError : the data had no validation samples.
        """
        if "validation" not in self.loss:
            raise ValueError("`data` must have validation samples to know a best step; it has none. Give TaskData a `validation` split.")
        loss = np.where(np.isfinite(self.loss["validation"]), self.loss["validation"], np.inf)
        return loss.argmin(axis=1)

    def best(self, split: str = "test") -> Float[np.ndarray, "seed task"]:
        """Read each task's error at its own best validation step (early stopping); NaN where training diverged."""
        at = self.best_step()[:, None, :]
        return self._honest(np.take_along_axis(self._errors(split), at, axis=1)[:, 0])

    def last(self, split: str = "test") -> Float[np.ndarray, "seed task"]:
        """Read each task's error at the last step; NaN where training diverged."""
        return self._honest(self._errors(split)[:, -1])

    def _errors(self, split: str) -> Float[np.ndarray, "seed step task"]:
        if split not in self.error:
            raise ValueError(f"`split` must be one of {sorted(self.error)}; got {split!r}. Give TaskData that split.")
        return self.error[split]

    def _honest(self, values: Float[np.ndarray, "seed task"]) -> Float[np.ndarray, "seed task"]:
        return np.where(self.diverged[:, None], np.nan, values)


@dataclass(frozen=True)
class Claim:
    """One sentence on trial: what was claimed, by whom, what was measured, and the verdict.

    Attributes
    ----------
    measured : the effect that decides.
    baseline, control : the tuned single-task net and the control by themselves, in the effect's unit, where there are such.
    rule : what the effect has to be, said before it was measured.
    condition : without which a conditional claim doesn't hold.
    printed : the effect that the source prints, in the same unit, where it prints one.
    """

    id: str
    claim: str
    source: str
    measured: Interval
    verdict: Verdict
    baseline: Interval | None = None
    control: Interval | None = None
    rule: str = ""
    condition: str = ""
    printed: float | None = None

    def as_dict(self) -> dict[str, object]:
        """The claim as plain values, for JSON: `id`, `claim`, `source`, `estimate`, `low`, `high`, `n`, `verdict`, and more."""
        words = {"id": self.id, "claim": self.claim, "source": self.source}
        beside = {name: value and value.estimate for name, value in (("baseline", self.baseline), ("control", self.control))}
        how = {"rule": self.rule, "condition": self.condition, "printed": self.printed}
        return {**words, **asdict(self.measured), "verdict": str(self.verdict), **beside, **how}

    def __str__(self) -> str:
        rule, condition = self.rule and f", {self.rule}", self.condition and f"\n    ({self.condition})"
        printed = "" if self.printed is None else f" (printed: {self.printed:g})"
        return f"{self.claim}\n    {self.measured}{printed}{rule}: {self.verdict}{condition}"


@dataclass(frozen=True, eq=False)
class Curves:
    """Lines over one shared x, each with an optional band.

    Attributes
    ----------
    x : where the lines are known, ascending.
    y : name -> height of the line.
    low, high : name -> edges of its band (a 95% interval); names may be missing.
    roles : name -> what the line stands for, which decides its colour.
    ylim : the y-axis; needed when many such pictures share one axis.
    """

    x: Float[np.ndarray, "point"]
    y: Mapping[str, Float[np.ndarray, "point"]]
    low: Mapping[str, Float[np.ndarray, "point"]] = field(default_factory=dict)
    high: Mapping[str, Float[np.ndarray, "point"]] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    xlabel: str = ""
    ylabel: str = ""
    xscale: Literal["linear", "log"] = "linear"
    yscale: Literal["linear", "log"] = "linear"
    ylim: tuple[float, float] | None = None

    @classmethod
    def of_intervals(
        cls,
        x: Float[np.ndarray, "point"],
        lines: Mapping[str, Sequence[Interval]],
        *,
        roles: Mapping[str, Role] | None = None,
        xlabel: str = "",
        ylabel: str = "",
        xscale: Literal["linear", "log"] = "linear",
        ylim: tuple[float, float] | None = None,
    ) -> Self:
        """Draw a line through estimates, with their intervals as its band: name -> one interval per point of x."""
        y, low, high = (
            {name: np.array([getattr(interval, edge) for interval in row]) for name, row in lines.items()}
            for edge in ("estimate", "low", "high")
        )
        return cls(x, y, low, high, roles or {}, xlabel, ylabel, xscale, ylim=ylim)

    def __post_init__(self) -> None:
        for where, lines in (("y", self.y), ("low", self.low), ("high", self.high)):
            for name, line in lines.items():
                if np.shape(line) != np.shape(self.x):
                    raise ValueError(f"`{where}[{name!r}]` must be as long as `x`; got {np.shape(line)} and {np.shape(self.x)}.")
        if not self.y:
            raise ValueError("`y` must hold at least one line; got none.")


@dataclass(frozen=True, eq=False)
class Bars:
    """Named values with their intervals.

    Attributes
    ----------
    printed : name -> what a source prints for it, to be compared with; in still figures only.

    Raises
    ------
    ValueError : no bar, or a printed value without one.
    """

    bars: Mapping[str, Interval]
    roles: Mapping[str, Role] = field(default_factory=dict)
    ylabel: str = ""
    ylim: tuple[float, float] | None = None
    reference: float | None = None
    printed: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.bars:
            raise ValueError("`bars` must hold at least one bar; got none.")
        if loose := set(self.printed) - set(self.bars):
            raise ValueError(f"`printed` must name bars; {sorted(loose)} are none.")


@dataclass(frozen=True, eq=False)
class Map:
    """A height over two coordinates, with marked places, paths and points on top.

    Attributes
    ----------
    z : the height at each (y, x) of the grid.
    marks : name -> (x, y) of a place worth a label.
    paths : routes over the map, each a list of (x, y); path i is that of run i and has its colour.
    points : (x, y) of many runs, and `kinds`, which of `kind_names` each belongs to.
    """

    x: Float[np.ndarray, "column"]
    y: Float[np.ndarray, "row"]
    z: Float[np.ndarray, "row column"]
    xlabel: str = ""
    ylabel: str = ""
    zlabel: str = ""
    marks: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    paths: Float[np.ndarray, "path step 2"] = field(default_factory=lambda: np.empty((0, 0, 2)))
    points: Float[np.ndarray, "run 2"] = field(default_factory=lambda: np.empty((0, 2)))
    kinds: Int[np.ndarray, "run"] = field(default_factory=lambda: np.empty(0, dtype=int))
    kind_names: Mapping[str, Role] = field(default_factory=dict)
    zlim: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if np.shape(self.z) != (len(self.y), len(self.x)):
            raise ValueError(f"`z` must have shape (row, column) = {(len(self.y), len(self.x))}; got {np.shape(self.z)}.")
        if len(self.kinds) != len(self.points) or not np.isin(self.kinds, range(len(self.kind_names))).all():
            raise ValueError(f"`kinds` must say for each of {len(self.points)} points which of `kind_names` it is; got {self.kinds}.")


@dataclass(frozen=True, eq=False)
class Graph:
    """Who depends on whom: named nodes in columns, from left to right, and lines between them.

    Attributes
    ----------
    columns : the nodes of each column, from top to bottom; no two have one name.
    edges : (from, to) -> what the line says, or nothing.
    roles : node -> what it stands for, which decides its colour; without one it is black.

    Raises
    ------
    ValueError : no node, two of one name, or a line to a node that isn't there.
    """

    columns: tuple[tuple[str, ...], ...]
    edges: Mapping[tuple[str, str], str]
    roles: Mapping[str, Role] = field(default_factory=dict)

    def __post_init__(self) -> None:
        nodes = [node for column in self.columns for node in column]
        if not nodes or len(set(nodes)) < len(nodes):
            raise ValueError(f"`columns` must hold nodes with different names; got {nodes}.")
        if loose := {end for edge in self.edges for end in edge} - set(nodes):
            raise ValueError(f"`edges` must join nodes of `columns`; {sorted(loose)} are none.")
