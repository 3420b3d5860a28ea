"""From a reader's case to the nearest recorded ones, and to three architectures. Imports no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import isfinite, log

import numpy as np

from mtl_tutor.checks import check_named, check_real
from mtl_tutor.results.atlas import Atlas, AtlasCase, mark_of

TASKS, SAMPLES, DEPTHS = (2, 6, 20), (20, 60, 600), (1, 3)
INPUTS = ("same", "own")
RELATED: Mapping[str, tuple[float, ...]] = {"unknown": (0.0, 0.5, 1.0), "yes": (1.0,), "half": (0.5,), "no": (0.0,)}
SINGLE = "single-task nets"
REASONS: Mapping[str, str] = {
    "one trunk": "All tasks train one trunk, so related tasks need fewer samples each.",
    "nets that are joined": "Each task keeps a net of its own and takes from the others what helps.",
    "experts and gates": "Each task mixes a few experts, and can leave out those that don't help it.",
    "parts and cascades": "Part of the net is shared, and part belongs to each task alone.",
    "one net, told the task": "Almost all is shared; a few numbers per task make the difference.",
    "": "Nothing is shared, so nothing can do harm.",
}
"""Family -> why it may suit."""


@dataclass(frozen=True)
class Suggestion:
    """One of the three architectures for a reader's case.

    Attributes
    ----------
    name : str
        The architecture, or "single-task nets".
    gain : float
        Its mean gain in the nearest recorded cases, in per cent.
    harms, of : int
        In how many of the cases that are like the reader's it does harm.
    worst : float
        Its lowest gain among those.
    reason : str
        Why it may suit.
    """

    name: str
    gain: float
    harms: int
    of: int
    worst: float
    reason: str

    def __str__(self) -> str:
        gain = f"saves {self.gain:.0f}%" if round(self.gain) >= 0 else f"errs {-self.gain:.0f}% more"
        risk = f"harm in {self.harms} of {self.of} cases like yours, at worst {self.worst:+.0f}%"
        return f"{self.name}: {gain}. Risk: {risk if self.harms else f'no harm seen in {self.of} cases like yours'}. {self.reason}"


@dataclass(frozen=True)
class Advice:
    """The nearest recorded cases, those that are like them, and three architectures.

    Attributes
    ----------
    note : str
        What was taken instead of what was asked for; empty where that was recorded.
    nearest, like : tuple of str
        Keys of cases.
    top : tuple of Suggestion
        The best first.
    """

    note: str
    nearest: tuple[str, ...]
    like: tuple[str, ...]
    top: tuple[Suggestion, ...]

    def __str__(self) -> str:
        numbered = [f"{place}. {one}" for place, one in enumerate(self.top, 1)]
        return "\n".join([*([self.note] if self.note else []), *numbered])


def advise(
    atlas: Atlas,
    *,
    tasks: float = 6,
    samples: float = 60,
    inputs: str = "same",
    related: str = "unknown",
    depth: float = 1,
) -> Advice:
    """Find the recorded cases that are nearest to a reader's, and the three architectures that are safest there.

    Architectures that do harm in fewer of the nearest cases come first; among equals, those with the larger mean gain there.
    Single-task nets take part, with a gain of 0. The *risk* is over all cases that differ from a nearest one in one thing at most,
    relatedness among them, since a reader may be wrong about it.

    Parameters
    ----------
    atlas : Atlas
        What was recorded.
    tasks, samples, depth : float
        How many tasks, training samples and hidden layers; numbers that weren't recorded are replaced by the nearest ones, on a
        logarithmic scale.
    inputs : str
        "same", if every sample has a label for each task, or "own".
    related : str
        "yes", "half", "no" or "unknown".

    Raises
    ------
    ValueError
        A number that isn't positive and finite, or another word.
    """
    check_named("inputs", inputs, INPUTS)
    check_named("related", related, list(RELATED))
    wanted = {"tasks": (tasks, TASKS), "samples": (samples, SAMPLES), "depth": (depth, DEPTHS)}
    taken = {name: _nearest(name, value, known) for name, (value, known) in wanted.items()}
    made = {key: case for key, case in atlas.cases.items() if not case.table}
    asked = (taken["tasks"], taken["samples"], inputs == "own", taken["depth"])
    nearest = tuple(dict.fromkeys(_closest(made, asked, p) for p in RELATED[related]))
    like = tuple(key for key, case in made.items() if any(_differences(case, made[near]) <= 1 for near in nearest))
    note = _note(wanted, taken, [made[key] for key in nearest], asked)
    return Advice(note, nearest, like, _top(atlas, nearest, like))


def all_advice(atlas: Atlas) -> dict[str, Advice]:
    """Advice for every combination of the recorded settings: "tasks,inputs,samples,related,depth" -> advice."""
    return {
        ",".join(map(str, (tasks, inputs, samples, related, depth))): advise(
            atlas, tasks=tasks, samples=samples, inputs=inputs, related=related, depth=depth
        )
        for tasks, inputs, samples, related, depth in product(TASKS, INPUTS, SAMPLES, RELATED, DEPTHS)
    }


def _nearest(name: str, value: float, known: Sequence[int]) -> int:
    number = check_real(name, value)
    if not (isfinite(number) and number > 0):
        raise ValueError(f"`{name}` must be a positive number; got {value}.")
    return min(known, key=lambda one: abs(log(one / number)))


def _settings(case: AtlasCase) -> tuple[int, int, bool, int]:
    return case.n_tasks, case.n_samples, case.own_inputs, case.depth


def _closest(made: Mapping[str, AtlasCase], asked: tuple[int, int, bool, int], relatedness: float) -> str:
    """The case of this relatedness that differs least; who has whose inputs counts most."""
    narrowest = min(case.capacity for case in made.values())
    here = {key: case for key, case in made.items() if case.capacity == narrowest and case.relatedness == relatedness}

    def distance(key: str) -> float:
        tasks, samples, own, depth = _settings(here[key])
        steps = abs(TASKS.index(tasks) - TASKS.index(asked[0])) + abs(SAMPLES.index(samples) - SAMPLES.index(asked[1]))
        return steps + 2.5 * (own != asked[2]) + 1.5 * (depth != asked[3])

    return min(here, key=distance)


def _differences(case: AtlasCase, other: AtlasCase) -> int:
    pairs = zip((*_settings(case), case.relatedness, case.capacity), (*_settings(other), other.relatedness, other.capacity), strict=True)
    return sum(one != another for one, another in pairs)


def _note(
    wanted: Mapping[str, tuple[float, Sequence[int]]],
    taken: Mapping[str, int],
    nearest: Sequence[AtlasCase],
    asked: tuple[int, int, bool, int],
) -> str:
    """Say what was replaced by something near it; "" if nothing was."""
    if all(taken[name] == value for name, (value, _) in wanted.items()) and all(_settings(case) == asked for case in nearest):
        return ""
    return f"Your case isn't recorded. The nearest: {'; '.join(case.label for case in nearest)}."


def _top(atlas: Atlas, nearest: Sequence[str], like: Sequence[str]) -> tuple[Suggestion, ...]:
    def suggestion(name: str) -> Suggestion:
        row = atlas.rows[name]
        gain = float(np.mean([row.gains[case].estimate for case in nearest]))
        harms = sum(mark_of(row.gains[case]) == "harm" for case in like)
        return Suggestion(name, gain, harms, len(like), min(row.gains[case].estimate for case in like), REASONS[row.family])

    def order(one: Suggestion) -> tuple[int, float]:
        harms = sum(mark_of(atlas.rows[one.name].gains[case]) == "harm" for case in nearest) if one.name in atlas.rows else 0
        return harms, -one.gain

    alone = Suggestion(SINGLE, 0.0, 0, len(like), 0.0, REASONS[""])
    return tuple(sorted([*map(suggestion, atlas.rows), alone], key=order)[:3])
