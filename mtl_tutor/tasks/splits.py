"""Draw training, validation and test samples; groups stay together, and classes are spread evenly where that is asked for."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int

from mtl_tutor.tasks._samples import Samples, Task

_N_DRAWS, _N_EVEN = 200, 20
_STREAM = 0x5B117  # any number: it keeps these draws apart from other streams that begin with the seed

Rows = dict[str, Int[np.ndarray, "row"]]
"""Name of a split -> the rows of its samples."""


def drawn_split(tasks: Sequence[Task], samples: Samples, shares: Mapping[str, float], seed: int, stratify: bool = False) -> Rows:
    """Draw which samples are for validation and test; the rest is for training.

    The size of the first split does not depend on the seed, whatever the groups; without groups no
    size does. With groups and `stratify`, sizes may differ.
    """
    for name, share in shares.items():
        if not 0 <= share < 1:
            raise ValueError(f"`{name}` must be a share of the samples, at least 0 and below 1; got {share}.")
    wanted, units = {name: max(1, round(share * len(samples))) for name, share in shares.items() if share}, _units(samples)
    asked, n_units = " and ".join(f"`{name}`={share:g}" for name, share in shares.items()), len(np.unique(units))
    if not wanted:
        raise ValueError(f"A share must be above 0 for anything to be split; got {asked}.")
    if sum(wanted.values()) >= len(samples) or n_units <= len(wanted):
        raise ValueError(f"{asked} must leave samples to learn from; got {len(samples)} samples in {n_units} groups.")

    def draw(rng: np.random.Generator) -> list[Rows]:
        rows, left = {}, np.arange(len(samples))
        for name, size in wanted.items():
            chosen = np.isin(units[left], _chosen(units[left], size, rng))
            rows[name], left = left[chosen], left[~chosen]
        return [{"train": left, **rows}]

    def draw_evenly(rng: np.random.Generator) -> list[Rows]:
        sizes = {"train": len(samples) - sum(wanted.values()), **wanted}
        part = _spread(units, _marks(tasks, samples.y), list(sizes.values()), rng)
        return [{name: np.flatnonzero(part == k) for k, name in enumerate(sizes)}]

    return _first_that_serves([draw_evenly] if stratify else [draw, draw_evenly], tasks, samples, seed)[0]


def drawn_folds(tasks: Sequence[Task], samples: Samples, n_folds: int, seed: int, stratify: bool = False) -> list[Rows]:
    """Deal samples, or groups, out to folds of about equal size; each is the test once."""
    units = _units(samples)
    n_units = len(np.unique(units))
    if not 2 <= n_folds <= n_units:
        raise ValueError(f"`n_folds` must lie between 2 and the number of samples or groups, {n_units}; got {n_folds}.")

    def folds_of(fold: Int[np.ndarray, "sample"]) -> list[Rows]:
        return [{"train": np.flatnonzero(fold != k), "test": np.flatnonzero(fold == k)} for k in range(n_folds)]

    def draw(rng: np.random.Generator) -> list[Rows]:
        return folds_of(_dealt(units, n_folds, rng))

    def draw_evenly(rng: np.random.Generator) -> list[Rows]:
        sizes = [len(samples) // n_folds + (k < len(samples) % n_folds) for k in range(n_folds)]
        return folds_of(_spread(units, _marks(tasks, samples.y), sizes, rng))

    return _first_that_serves([draw_evenly] if stratify else [draw, draw_evenly], tasks, samples, seed)


def unseen_classes(
    tasks: Sequence[Task], seen: Float[np.ndarray, "sample task"], asked: Float[np.ndarray, "_ task"]
) -> dict[str, list[str]]:
    """Find classes without a training sample: task's name -> names of the classes."""
    lost = {task: np.setdiff1d(asked[:, i], seen[:, i]) for i, task in enumerate(tasks) if task.n_classes}
    named = {task.name: [task.class_name(int(label)) for label in labels[~np.isnan(labels)]] for task, labels in lost.items()}
    return {name: classes for name, classes in named.items() if classes}


def _units(samples: Samples) -> Int[np.ndarray, "sample"]:
    """What stays together: groups, or single samples."""
    return np.arange(len(samples)) if samples.group is None else samples.group


def _chosen(units: Int[np.ndarray, "sample"], size: int, rng: np.random.Generator) -> Int[np.ndarray, "row"]:
    """Random units that together come as near to the size as any do."""
    names, counts = np.unique(units, return_counts=True)
    order = rng.permutation(len(names))
    if (counts == 1).all():
        return names[order[:size]]
    reached = [1]  # bit s of the k-th number: the first k units can be chosen from so that their sizes add up to s
    for unit in order:
        reached.append(reached[-1] | reached[-1] << int(counts[unit]))
    sums = [s for s in range(1, len(units)) if reached[-1] >> s & 1]
    rest, taken = min(sums, key=lambda s: abs(s - size), default=0), []
    for unit, before in zip(order[::-1], reached[-2::-1], strict=True):
        if counts[unit] <= rest and before >> int(rest - counts[unit]) & 1:
            rest -= int(counts[unit])
            taken.append(unit)
    return names[taken]


def _dealt(units: Int[np.ndarray, "sample"], n_folds: int, rng: np.random.Generator) -> Int[np.ndarray, "sample"]:
    """Deal units out, the largest first, each to the fold that has the fewest samples so far."""
    names, index, counts = np.unique(units, return_inverse=True, return_counts=True)
    order = rng.permutation(len(names))
    fold, held = np.empty(len(names), dtype=int), np.zeros(n_folds, dtype=int)
    for unit in order[np.argsort(-counts[order], kind="stable")]:
        fold[unit] = held.argmin()
        held[fold[unit]] += counts[unit]
    return fold[index]


def _marks(tasks: Sequence[Task], y: Float[np.ndarray, "sample task"]) -> Int[np.ndarray, "sample class"]:
    """What is to be spread evenly, 1 where a sample has it: each class of each task, and the label of a regression."""
    columns = []
    for task, labels in zip(tasks, y.T, strict=True):
        columns += [labels == k for k in range(task.n_classes)] if task.n_classes else [~np.isnan(labels)]
    return np.column_stack(columns).astype(int)


def _spread(
    units: Int[np.ndarray, "sample"], marks: Int[np.ndarray, "sample class"], sizes: Sequence[int], rng: np.random.Generator
) -> Int[np.ndarray, "sample"]:
    """Deal units out so that each part of these sizes gets its share of every mark: the rarest mark first.

    Source: Sechidis, Tsoumakas and Vlahavas (2011), "On the stratification of multi-label data",
    algorithm 1. Departures: units may be groups of samples; a part that is full gets no more; and
    each part wants one sample of every mark, where there are enough of them.
    """
    names, index, counts = np.unique(units, return_inverse=True, return_counts=True)
    held = np.zeros((len(names), marks.shape[1]), dtype=int)
    np.add.at(held, index, marks)
    room, wanted = np.array(sizes, dtype=float), _wanted(marks.sum(axis=0), np.array(sizes))
    part = np.full(len(names), -1)
    while (left := np.flatnonzero(part < 0)).size:
        remaining = held[left].sum(axis=0)
        if remaining.any():
            rarest = int(np.where(remaining > 0, remaining, len(units) + 1).argmin())
            chosen = rng.permutation(left[held[left, rarest] > 0])
            chosen = chosen[np.argsort(-held[chosen, rarest], kind="stable")]  # large groups first
        else:
            rarest, chosen = None, rng.permutation(left)
        for unit in chosen:
            open_parts = np.flatnonzero(room > 0) if (room > 0).any() else np.arange(len(sizes))
            need = np.zeros(len(open_parts)) if rarest is None else wanted[rarest, open_parts]
            best = np.lexsort((rng.random(len(open_parts)), -room[open_parts], -need))[0]
            part[unit] = open_parts[best]
            room[part[unit]] -= counts[unit]
            wanted[:, part[unit]] -= held[unit]
    return part[index]


def _wanted(n_marked: Int[np.ndarray, "class"], sizes: Int[np.ndarray, "column"]) -> Float[np.ndarray, "class column"]:
    """How many samples of each mark each part wants: its share, and one at least where there are as many as parts."""
    wanted = n_marked[:, None] * sizes / sizes.sum()
    enough = (n_marked >= len(sizes))[:, None]
    return np.where(enough, np.maximum(wanted, 1), wanted)


def _first_that_serves(
    draws: Sequence[Callable[[np.random.Generator], list[Rows]]], tasks: Sequence[Task], samples: Samples, seed: int
) -> list[Rows]:
    """Draw until every task has a label in every split and training has every class; in the first way that finds it."""
    rng = np.random.default_rng([seed, _STREAM])
    for draw in draws:
        for _ in range(_N_DRAWS if draw is draws[0] else _N_EVEN):
            drawn = draw(rng)
            if all(_serves(tasks, samples.y, rows) for rows in drawn):
                return drawn
    n_labels = dict(zip((task.name for task in tasks), (~np.isnan(samples.y)).sum(axis=0).tolist(), strict=True))
    rarest = min(n_labels, key=lambda name: n_labels[name])
    raise ValueError(
        f"Every task must have a label in every split, and every class one in training; {_N_DRAWS} draws found no such split. "
        f"Task {rarest!r} has the fewest labels, {n_labels[rarest]}: label more samples, or ask for fewer or larger splits."
    )


def _serves(tasks: Sequence[Task], y: Float[np.ndarray, "sample task"], rows: Rows) -> bool:
    everywhere = all((~np.isnan(y[chosen])).any(axis=0).all() for chosen in rows.values())
    return everywhere and not unseen_classes(tasks, y[rows["train"]], y)
