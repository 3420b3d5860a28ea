"""The atlas as a table: what every architecture gains in every case, and at which cost. Imports no torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mtl_tutor.checks import check_named
from mtl_tutor.statistics import Interval

MARGIN = 2.0
"""Per cent of the single-task error: an interval beyond it is a gain, or harm."""

Mark = Literal["gain", "harm", "unclear"]


@dataclass(frozen=True)
class AtlasCase:
    """What the tasks of one column of the atlas are like.

    Attributes
    ----------
    label, short : str
        The case in a few words, and the heading of its column.
    relatedness : float
        From 0, nothing in common, to 1, all; not a number for a real table, of which nobody knows it.
    n_tasks, n_samples, depth, capacity : int
        Tasks; training samples; hidden layers; hidden units per layer of a single-task net.
    own_inputs : bool
        Whether every task has samples of its own.
    table : str
        Name of a real table; empty where the tasks are made up.
    """

    label: str
    short: str
    relatedness: float
    n_tasks: int
    n_samples: int
    own_inputs: bool = False
    depth: int = 1
    capacity: int = 6
    table: str = ""

    @property
    def group(self) -> str:
        """Its part of the map: by relatedness, or the real tables."""
        return "real" if self.table else {1.0: "related", 0.5: "half", 0.0: "unrelated"}[self.relatedness]


@dataclass(frozen=True)
class AtlasRow:
    """One architecture over all cases.

    Attributes
    ----------
    gains : Mapping[str, Interval]
        Case -> share of the single-task error that is saved, in per cent.
    costs : Mapping[str, tuple[float, float]]
        Case -> parameters and multiplications, in per cent of those of single-task nets of full size.
    family, section : str
        Its kind of sharing, and the section of the book that explains it; empty for a control.
    """

    gains: Mapping[str, Interval]
    costs: Mapping[str, tuple[float, float]]
    family: str = ""
    section: str = ""

    def cases(self, mark: Mark) -> list[str]:
        """The cases in which it gains, does harm, or neither is clear."""
        return [case for case, gain in self.gains.items() if mark_of(gain) == mark]

    @property
    def worst(self) -> tuple[str, float]:
        """The case of its lowest gain, and that gain."""
        case = min(self.gains, key=lambda name: self.gains[name].estimate)
        return case, self.gains[case].estimate

    @property
    def mean(self) -> float:
        """Its mean gain over all cases."""
        return float(np.mean([gain.estimate for gain in self.gains.values()]))

    @property
    def cost(self) -> tuple[float, float]:
        """Parameters and multiplications, the median of all cases."""
        parameters, multiplications = np.median(list(self.costs.values()), axis=0).tolist()
        return parameters, multiplications


@dataclass(frozen=True)
class Choice:
    """What choosing a net for each draw is worth in one case, in per cent.

    Attributes
    ----------
    chosen, hindsight : Interval
        Share of the single-task error that is saved by the net of the lowest validation loss, and of the lowest test error.
    regret : Interval
        By how much the former errs more than the latter.
    """

    chosen: Interval
    hindsight: Interval
    regret: Interval


@dataclass(frozen=True, repr=False)
class Atlas:
    """Architectures by cases.

    Attributes
    ----------
    cases : Mapping[str, AtlasCase]
        Key -> case.
    rows : Mapping[str, AtlasRow]
        Architecture -> its gains and costs.
    wide : AtlasRow
        The control: single-task nets that may store as much each as all of them together.
    choices : Mapping[str, Choice]
        Case -> what a choice by validation is worth.
    """

    cases: Mapping[str, AtlasCase]
    rows: Mapping[str, AtlasRow]
    wide: AtlasRow
    choices: Mapping[str, Choice]

    def gain(self, architecture: str, case: str) -> Interval:
        """One architecture's gain in one case, in per cent.

        Raises
        ------
        ValueError
            An architecture or a case that the atlas doesn't have.
        """
        check_named("architecture", architecture, list(self.rows))
        check_named("case", case, list(self.cases))
        return self.rows[architecture].gains[case]

    def ranked(self) -> list[str]:
        """The architectures, those that do harm in the fewest cases first; among equals, the larger mean gain first."""
        return sorted(self.rows, key=lambda name: (len(self.rows[name].cases("harm")), -self.rows[name].mean))

    def __repr__(self) -> str:
        return f"Atlas({len(self.rows)} architectures, {len(self.cases)} cases)"

    def __str__(self) -> str:
        lines = [f"{'':18}{'gains':>6}{'harms':>6}{'worst':>7}{'cost':>7}"]
        for name in self.ranked():
            row = self.rows[name]
            counts = f"{len(row.cases('gain')):6}{len(row.cases('harm')):6}"
            lines.append(f"{name:18}{counts}{row.worst[1]:+6.0f}%{row.cost[1]:6.0f}%")
        return "\n".join(lines)


def mark_of(gain: Interval) -> Mark:
    """Tell a gain from harm, by the whole interval."""
    return "gain" if gain.low > MARGIN else "harm" if gain.high < -MARGIN else "unclear"
