"""Draw training, validation and test samples; groups stay together."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int

from mtl_tutor.tasks._samples import Samples, Task

_N_DRAWS = 200
_STREAM = 0x5B117  # any number: it keeps these draws apart from other streams that begin with the seed

Rows = dict[str, Int[np.ndarray, "row"]]
"""Name of a split -> the rows of its samples."""


def drawn_split(tasks: Sequence[Task], samples: Samples, shares: Mapping[str, float], seed: int) -> Rows:
    """Draw which samples are for validation and test; the rest is for training.

    The size of the first split does not depend on the seed, whatever the groups; without groups no
    size does.
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

    return _first_that_serves(draw, tasks, samples, seed)[0]


def drawn_folds(tasks: Sequence[Task], samples: Samples, n_folds: int, seed: int) -> list[Rows]:
    """Deal samples, or groups, out to folds of about equal size; each is the test once."""
    units = _units(samples)
    n_units = len(np.unique(units))
    if not 2 <= n_folds <= n_units:
        raise ValueError(f"`n_folds` must lie between 2 and the number of samples or groups, {n_units}; got {n_folds}.")

    def draw(rng: np.random.Generator) -> list[Rows]:
        fold = _dealt(units, n_folds, rng)
        return [{"train": np.flatnonzero(fold != k), "test": np.flatnonzero(fold == k)} for k in range(n_folds)]

    return _first_that_serves(draw, tasks, samples, seed)


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


def _first_that_serves(draw: Callable[[np.random.Generator], list[Rows]], tasks: Sequence[Task], samples: Samples, seed: int) -> list[Rows]:
    """Draw until every task has a label in every split and training has every class."""
    rng = np.random.default_rng([seed, _STREAM])
    for _ in range(_N_DRAWS):
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
