"""Which hidden units do two tasks share? Ranks of units, correlated between tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from mtl_tutor.results import Claim, Curves, History, Role
from mtl_tutor.statistics import Interval, bootstrap, paired_difference

TRAINED, UNTRAINED, ANY, TEST = "trained", "untrained", "any variables", "the test among them"
ROLES: Mapping[str, Role] = {ANY: "main", TEST: "other", UNTRAINED: "control"}


def head_weights(history: History) -> Float[np.ndarray, "seed task hidden"]:
    """Read by how much each unit moves each task's output: with linear outputs, the weight that leads from one to the other."""
    return np.stack([history.parameters[f"heads.{task}.weight"][:, 0] for task in range(len(history.tasks))], axis=1)


def spread_of_units(history: History, x: Float[np.ndarray, "sample feature"]) -> Float[np.ndarray, "seed 1 hidden"]:
    """Measure how far each tanh unit of a trunk of one layer moves from sample to sample: its standard deviation."""
    weight, bias = history.parameters["trunk.0.weight"], history.parameters["trunk.0.bias"]
    return np.tanh(x @ weight.swapaxes(1, 2) + bias[:, None]).std(axis=1, keepdims=True)


def pairs(names: Sequence[str]) -> dict[str, Bool[np.ndarray, "task task"]]:
    """Group the pairs of tasks, each once, by how many letters their names share; "2, test" if the first letter is among these.

    >>> {group: int(chosen.sum()) for group, chosen in pairs(["ABC", "ACB", "BDE", "DEF"]).items()}
    {'0': 2, '1': 2, '2': 1, '3': 1, '1, test': 0, '2, test': 0, '3, test': 1}
    """
    shared = np.array([[len({*one} & {*other}) for other in names] for one in names])
    test = np.array([[one[0] == other[0] for other in names] for one in names])
    once = np.triu(np.ones_like(test), 1)
    return {f"{n}": once & (shared == n) for n in range(4)} | {f"{n}, test": once & test & (shared == n) for n in (1, 2, 3)}


def sharing(sensitivity: Float[np.ndarray, "seed task hidden"], names: Sequence[str]) -> dict[str, Float[np.ndarray, "seed"]]:
    """Rank the units for each task and correlate the ranks between tasks: group of pairs -> mean correlation, in each net.

    >>> one, other = [0.1, 0.2, 0.9, 0.4], [5.0, 6.0, 9.0, 8.0]  # the same order
    >>> sharing(np.array([[one, other, other, one]]), ["ABC", "ACB", "ADE", "FDB"])["3, test"].round(6)
    array([1.])
    """
    ranks = sensitivity.argsort(axis=2).argsort(axis=2)
    correlation = np.array([np.corrcoef(net) for net in ranks])
    return {group: correlation[:, chosen].mean(axis=1) for group, chosen in pairs(names).items() if chosen.any()}


@dataclass(frozen=True, eq=False)
class SharedUnits:
    """What pairs of tasks share, and what that decides.

    Attributes
    ----------
    shares : which nets, looked at how -> group of `pairs` -> mean rank correlation (between -1 and 1), one per net.
    claims : the sentences with their verdicts.
    """

    shares: Mapping[str, Mapping[str, Float[np.ndarray, "seed"]]]
    claims: tuple[Claim, ...] = ()

    def interval(self, more: str, less: str | None = None, nets: str | None = None) -> Interval:
        """Measure a group of pairs, or by how much it exceeds another, net by net."""
        groups = self.shares[nets or TRAINED]
        return paired_difference(groups[more], groups[less]) if less else bootstrap(groups[more])

    def curves(self, nets: str = TRAINED) -> Curves:
        """Picture some nets over the number of common variables, and untrained ones beside them."""
        lines = {ANY: (nets, "0", "1", "2", "3"), TEST: (nets, "1, test", "2, test", "3, test"), UNTRAINED: (UNTRAINED, "0", "1", "2", "3")}
        rows = {name: [self.interval(group, nets=of) for group in groups] for name, (of, *groups) in lines.items()}
        y, low, high = (
            # without a common variable there is no common test: that line starts at 1
            {name: np.array([np.nan] * (4 - len(row)) + [getattr(interval, edge) for interval in row]) for name, row in rows.items()}
            for edge in ("estimate", "low", "high")
        )
        return Curves(np.arange(4.0), y, low, high, ROLES, "variables in common", "rank correlation of their units", ylim=(-0.2, 0.7))
