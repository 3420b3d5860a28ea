"""What is given to this room: one finite number per seed, in pairs where two arms are compared."""

from numbers import Real

import numpy as np
from jaxtyping import Bool, Float

from mtl_tutor.checks import shown

_LARGEST = 1e150  # sums and squares of such numbers stay finite
_DIVERGED = "Say what to do with diverged runs first."


def at_least(values: np.ndarray, n: int, name: str = "values") -> int:
    """Return the number of seeds.

    Raises
    ------
    ValueError
        Fewer than ``n`` seeds, or not one number per seed.
    """
    if values.ndim != 1 or len(values) < n:
        raise ValueError(
            f"`{name}` must hold one number per seed, at least {n}; got shape {values.shape}. Run more seeds."
        )
    return len(values)


def all_finite(values: np.ndarray, name: str = "values") -> None:
    """Require numbers whose sums and squares are finite.

    Raises
    ------
    ValueError
        A number that is not finite, or too large.
    """
    if not np.isfinite(values).all():
        missing = np.sum(~np.isfinite(values))
        raise ValueError(f"`{name}` must be finite; {missing} of {values.size} are not. {_DIVERGED}")
    if values.size and np.abs(values).max() > _LARGEST:
        raise ValueError(
            f"`{name}` must lie between ±{_LARGEST:g}; got {np.abs(values).max():g}. Change their unit."
        )


def as_rows(values: np.ndarray, name: str) -> Float[np.ndarray, "seed *column"]:
    """Return finite numbers, one row per seed.

    Raises
    ------
    ValueError
        No row of numbers per seed, fewer than two rows, or a number that is not finite.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim > 2 or not values.size:
        raise ValueError(f"`{name}` must hold a row of numbers per seed; got {shown(values)}.")
    at_least(values[:, 0] if values.ndim > 1 else values, 2, name)
    all_finite(values, name)
    return values


def as_pairs(a: np.ndarray, b: np.ndarray) -> tuple[Float[np.ndarray, "seed"], Float[np.ndarray, "seed"]]:
    """Return the finite numbers of two arms, run on the same seeds.

    Raises
    ------
    ValueError
        Different numbers of seeds, fewer than two, or a number that is not finite.
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError(
            f"`a` and `b` must come from the same seeds; got {a.shape} and {b.shape}. "
            "Run both arms on one list of seeds."
        )
    for name, values in (("a", a), ("b", b)):
        at_least(values, 2, name)
        all_finite(values, name)
    return a, b


def as_truths(hits: np.ndarray, name: str = "hits") -> Bool[np.ndarray, "seed"]:
    """Return truth values, at least one.

    Raises
    ------
    ValueError
        Something else than True, False, 1 and 0, or nothing.
    """
    if not np.isin(hits, (0, 1)).all():
        raise ValueError(f"`{name}` must be True or False for every seed; got {shown(hits)}. {_DIVERGED}")
    hits = np.asarray(hits, dtype=bool)
    at_least(hits, 1, name)
    return hits


def one_number(found: object) -> float:
    """Return what a statistic found, as a float.

    Raises
    ------
    ValueError
        Anything but one finite number.
    """
    number = np.asarray(found) if isinstance(found, Real | np.ndarray) else None
    if number is None or number.size != 1 or not np.isfinite(number).all():
        raise ValueError(f"`statistic` must return one finite number for any rows; got {shown(found)}.")
    return float(number.item())
