"""Choose settings on seeds of their own, by one criterion; these seeds are never reported."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from jaxtyping import Float, Int

TUNING_SEED = 900_000  # seeds from here on choose settings, a thousand for each block of reported seeds
CONFIRMING_SEED = 1_000_000  # seeds from here on confirm
SEEDS_OF_BLOCK = 1000

Evaluate = Callable[[int, Int[np.ndarray, "row"], Float[np.ndarray, "row"]], Float[np.ndarray, "row"]]
"""From a width, and a seed and a learning rate per row, to the validation error of each row."""


@dataclass(frozen=True)
class Setting:
    """The result of tuning.

    Attributes
    ----------
    n_hidden : int, optional
        Width of the hidden layers.
    lr : float, optional
        Learning rate.
    steps : int, optional
        Training steps, where their number is tuned.
    size, weight_decay : float, optional
        Share of the parameter budget, and weight decay, where these are tuned.
    at_edge : bool
        Whether the best cell lies at the edge of the grid.
    error : float
        The mean validation error there.
    variant : str, optional
        The label of the variant that was chosen, where there are several.
    per_task : tuple of Setting
        The settings of the single tasks, where each task is tuned by itself.
    """

    n_hidden: int | None = None
    lr: float | None = None
    steps: int | None = None
    size: float | None = None
    weight_decay: float | None = None
    at_edge: bool = False
    error: float = float("nan")
    variant: str | None = None
    per_task: tuple["Setting", ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The setting as plain values, for JSON; what wasn't tuned is left out."""
        values = asdict(self) | {"per_task": [one.as_dict() for one in self.per_task] or None}
        return {name: value for name, value in values.items() if value is not None and value == value}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Read what `as_dict` wrote."""
        return cls(**{**values, "per_task": tuple(cls.of(one) for one in values.get("per_task", ()))})

    def __str__(self) -> str:
        if self.per_task:
            return "; ".join(str(one) for one in self.per_task)
        width = f"{self.n_hidden:4} hidden units" if self.n_hidden is not None else ""
        parts = [width, f"learning rate {self.lr:g}" if self.lr is not None else ""]
        parts += [f"{self.steps} steps" if self.steps is not None else "", self.variant or ""]
        return ", ".join(part for part in parts if part) + (" (edge)" if self.at_edge else "")


class Settings(tuple[Setting, ...]):
    """The settings that tuning chose for one condition: one for each block of reported seeds."""

    __slots__ = ()

    @property
    def typical(self) -> Setting:
        """The setting that most blocks have; the first of them where several are as frequent."""
        kinds = [replace(one, error=0.0, per_task=(), at_edge=False) for one in self]
        return self[kinds.index(Counter(kinds).most_common(1)[0][0])]

    @property
    def n_at_edge(self) -> int:
        """In how many blocks the best cell lies at the edge of the grid."""
        return sum(one.at_edge or any(task.at_edge for task in one.per_task) for one in self)

    def __str__(self) -> str:
        counted = Counter(map(str, self)).most_common()
        return "; ".join(name if count == len(self) else f"{count}x {name.strip()}" for name, count in counted)


def tuning_seeds(n_seeds: int, first_seed: int = TUNING_SEED) -> Int[np.ndarray, "seed"]:
    """The seeds on which settings are chosen."""
    return np.arange(first_seed, first_seed + n_seeds)


def check_not_tuning(first_seed: int, n_seeds: int) -> None:
    """Refuse to report on seeds that choose settings, or that confirm.

    Raises
    ------
    ValueError
        The seeds reach the ones that are kept for tuning and for confirming.
    """
    if first_seed + n_seeds > TUNING_SEED:
        raise ValueError(
            f"`first_seed` must leave the seeds from {TUNING_SEED:,} on to tuning and those from {CONFIRMING_SEED:,} on to "
            f"`python -m mtl_tutor confirm`; got {first_seed}."
        )


def check_tuning_range(tuning_seed: int, blocks: int) -> None:
    """Refuse tuning seeds outside the range that is kept for them.

    Raises
    ------
    ValueError
        A block's tuning seeds would lie outside.
    """
    last = CONFIRMING_SEED - blocks * SEEDS_OF_BLOCK
    if not TUNING_SEED <= tuning_seed <= last:
        raise ValueError(
            f"`tuning_seed` must lie between {TUNING_SEED:,} and {last:,}, so that each of {blocks} blocks has "
            f"{SEEDS_OF_BLOCK:,} seeds to tune on; got {tuning_seed}."
        )


def mean_error(errors: Float[np.ndarray, "seed point"]) -> Float[np.ndarray, "point"]:
    """Criterion: the mean validation error over the tuning seeds, infinite if a run diverged."""
    return np.nan_to_num(errors.mean(axis=0), nan=np.inf)


def search(
    evaluate: Evaluate,
    widths: Sequence[int],
    lrs: Sequence[float],
    seeds: Int[np.ndarray, "seed"],
    *,
    extensions: int = 0,
    criterion: Callable[[Float[np.ndarray, "seed point"]], Float[np.ndarray, "point"]] = mean_error,
) -> Setting:
    """Find the width and learning rate with the lowest mean validation error.

    Where the best cell lies at the edge of the grid, the grid is extended there, at its own ratio.

    Parameters
    ----------
    evaluate : callable
        From a width, seeds and learning rates (one per row) to the validation error of each row.
    widths : sequence of int
        Widths to try, ascending.
    lrs : sequence of float
        Learning rates to try, ascending.
    seeds : Int[np.ndarray, "seed"]
        The tuning seeds; each cell is tried on all of them.
    extensions : int
        How often the grid may be extended.
    criterion : callable
        From errors [seed point] to one number per cell, the lower the better. Where `evaluate` gives several numbers per
        row, they are on a last axis.

    Returns
    -------
    Setting
        The best cell; `at_edge` if it still lies at the edge of a grid that may not be extended any more.

    Raises
    ------
    ValueError
        A grid of one point, which leaves nothing to choose.
    """
    if len(widths) * len(lrs) < 2:
        raise ValueError(f"`lrs` and `widths` must leave a choice; got the one point {tuple(widths)} x {tuple(lrs)}.")
    widths, lrs, found, n_seeds = list(widths), list(lrs), {}, len(seeds)
    width, lr = widths[0], lrs[0]
    for _ in range(1 + extensions):
        for n_hidden in widths:
            if new := [rate for rate in lrs if (n_hidden, rate) not in found]:
                rows = np.repeat(seeds, len(new)), np.tile(new, n_seeds)
                values = evaluate(n_hidden, *rows)
                means = criterion(values.reshape(n_seeds, len(new), *values.shape[1:]))
                found |= {(n_hidden, rate): float(mean) for rate, mean in zip(new, means, strict=True)}
        width, lr = min(found, key=lambda cell: found[cell])
        wider, faster = _beyond(widths, width), _beyond(lrs, lr)
        if wider is None and faster is None:
            return Setting(width, lr, error=found[width, lr])
        widths = sorted({*widths, max(1, round(wider))}) if wider else widths
        lrs = sorted({*lrs, faster}) if faster else lrs
    return Setting(width, lr, at_edge=True, error=found[width, lr])


def _beyond(values: Sequence[float], best: float) -> float | None:
    """The next value beyond the edge of the grid at which the best one lies, or None.

    The grid's own ratio gives it; a single value has none.
    """
    if len(values) == 1 or values[0] < best < values[-1] or best == 1:
        return None
    return best * values[1] / values[0] if best == values[-1] else best * values[0] / values[1]
