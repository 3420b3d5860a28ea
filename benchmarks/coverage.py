"""How often 95% intervals hold the truth: ``python -m benchmarks.coverage`` prints a table, about a minute.

Seeds come in 8 blocks, each trained with settings that were tuned for it, so that its seeds share an error.
That error is planted with a standard deviation of none, one and two standard errors of a block mean. For
shares, the chance of a hit is drawn per block from a beta distribution of that spread.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit

from mtl_tutor.statistics import (
    Interval,
    bootstrap,
    difference_of_shares,
    mean_by_blocks,
    share_by_blocks,
    wilson,
)

SETS, BLOCKS, RESAMPLES = 4000, 8, 4000
SIZES, NOISES = (50, 100, 200), (0.0, 1.0, 2.0)
Z, T = 1.959963984540054, float(stdtrit(BLOCKS - 1, 0.975))
Draw = Callable[[np.random.Generator, int, float], Any]
Ends = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Shape:
    """What seeds measure, the truth, and the intervals before and now: for many sets, and the package's."""

    name: str
    draw: Draw
    truth: float
    before: Callable[..., Ends]
    now: Callable[..., Ends]
    one_before: Callable[..., Interval]
    one_now: Callable[..., Interval]


def of_blocks(each: np.ndarray, n: int) -> np.ndarray:
    """One number per block -> one per seed."""
    sizes = [len(part) for part in np.array_split(np.arange(n), BLOCKS)]
    return np.repeat(each, sizes, axis=1)


def numbers(draw: Callable[[np.random.Generator, tuple[int, int]], np.ndarray], sd: float) -> Draw:
    """Numbers of one distribution, and an error that the seeds of a block share."""

    def drawn(rng: np.random.Generator, n: int, noise: float) -> tuple[np.ndarray]:
        shared = rng.normal(0, noise * sd / (n / BLOCKS) ** 0.5, (SETS, BLOCKS))
        return (draw(rng, (SETS, n)) + of_blocks(shared, n),)

    return drawn


def hits(rng: np.random.Generator, n: int, noise: float, rate: float) -> np.ndarray:
    """Hits, with a chance that the seeds of a block share."""
    count = n / BLOCKS / noise**2 - 1 if noise else 0.0
    chances = (
        rng.beta(rate * count, (1 - rate) * count, (SETS, BLOCKS)) if noise else np.full((SETS, BLOCKS), rate)
    )
    return rng.random((SETS, n)) < of_blocks(chances, n)


def failures(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """One run in twenty is ten times as bad."""
    return np.where(rng.random(size) < 0.05, 10.0, 1.0) * rng.normal(1, 0.1, size)


def resampled_means(values: np.ndarray) -> Ends:
    """Percentiles of resampled means, with the draws of `bootstrap`."""
    n = values.shape[1]
    rng, block = np.random.default_rng(0), max(1, 2**16 // n)
    firsts = range(0, RESAMPLES, block)
    rows = np.concatenate([rng.integers(n, size=(min(block, RESAMPLES - first), n)) for first in firsts])
    counts = np.stack([np.bincount(row, minlength=n) for row in rows]) / n
    parts = [np.quantile(part @ counts.T, [0.025, 0.975], axis=1) for part in np.array_split(values, 8)]
    low, high = np.concatenate(parts, axis=1)
    mean = values.mean(axis=1)
    return np.minimum(low, mean), np.maximum(high, mean)


def variance_by_blocks(values: np.ndarray) -> np.ndarray:
    """Variance of each set's mean, as the spread of its blocks tells it."""
    n, deviations = values.shape[1], values - values.mean(axis=1, keepdims=True)
    sums = np.stack([part.sum(axis=1) for part in np.array_split(deviations, BLOCKS, axis=1)]) / n
    return BLOCKS / (BLOCKS - 1) * (sums**2).sum(axis=0)


def means(values: np.ndarray) -> Ends:
    """`mean_by_blocks` for many sets."""
    mean, half = values.mean(axis=1), T * np.sqrt(variance_by_blocks(values))
    return mean - half, mean + half


def scores(share: np.ndarray, n: np.ndarray | float, z: float = Z) -> Ends:
    """Wilson's interval for many shares."""
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return np.clip(centre - half, 0, share), np.clip(centre + half, share, 1)


def shares(found: np.ndarray) -> Ends:
    """`share_by_blocks` for many sets."""
    share, n = found.mean(axis=1), found.shape[1]
    free = share * (1 - share) / n
    ratio = np.divide(variance_by_blocks(found.astype(float)), free, out=np.ones(SETS), where=free > 0)
    return scores(share, n / np.maximum(1, ratio), T)


def differences(a: np.ndarray, b: np.ndarray) -> Ends:
    """`difference_of_shares` for many sets."""
    n, p, q = a.shape[1], a.mean(axis=1), b.mean(axis=1)
    excess = n * (a & b).sum(axis=1) - a.sum(axis=1) * b.sum(axis=1)
    top = np.where(excess > 0, np.maximum(excess - n / 2, 0), excess) / n**2
    bottom = np.sqrt(p * (1 - p) * q * (1 - q))
    phi = np.divide(top, bottom, out=np.zeros(SETS), where=bottom > 0)
    (p_low, p_high), (q_low, q_high) = scores(p, n), scores(q, n)

    def added(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.sqrt(one**2 - 2 * phi * one * other + other**2)

    low, high = means(a.astype(float) - b)
    score_low, score_high = p - q - added(p - p_low, q_high - q), p - q + added(p_high - p, q - q_low)
    return np.minimum(np.maximum(low, -1), score_low), np.maximum(np.minimum(high, 1), score_high)


def mean_shape(name: str, draw: Draw, truth: float) -> Shape:
    """A mean: the percentile bootstrap before, Student's t over blocks now."""
    return Shape(
        name, draw, truth, resampled_means, means, bootstrap, lambda one: mean_by_blocks(one, BLOCKS)
    )


def share_shape(rate: float) -> Shape:
    """A share: Wilson's interval before, at the sample size of the blocks now."""
    return Shape(
        f"share of {rate:.0%}",
        lambda rng, n, noise: (hits(rng, n, noise, rate),),
        rate,
        lambda found: scores(found.mean(axis=1), found.shape[1]),
        shares,
        wilson,
        lambda one: share_by_blocks(one, BLOCKS),
    )


SHAPES = [
    mean_shape("normal", numbers(lambda rng, size: rng.normal(size=size), 1), 0),
    mean_shape("exponential", numbers(lambda rng, size: rng.exponential(size=size), 1), 1),
    mean_shape(
        "lognormal", numbers(lambda rng, size: rng.lognormal(size=size), (np.e**2 - np.e) ** 0.5), np.e**0.5
    ),
    mean_shape("5% failures, × 10", numbers(failures, 1.97), 1.45),
    share_shape(0.05),
    share_shape(0.3),
    Shape(
        "difference of shares, 2% and 1%",
        lambda rng, n, noise: (hits(rng, n, noise, 0.02), hits(rng, n, 0, 0.01)),
        0.01,
        lambda a, b: resampled_means(a.astype(float) - b),
        differences,
        lambda a, b: bootstrap(a.astype(float) - b),
        lambda a, b: difference_of_shares(a, b, BLOCKS),
    ),
]


def coverage(shape: Shape, n: int, noise: float) -> tuple[float, float]:
    """Shares of sets whose interval holds the truth, before and now; some are checked with the package."""
    arms = shape.draw(np.random.default_rng([n, int(noise)]), n, noise)
    found = []
    for many, one in ((shape.before, shape.one_before), (shape.now, shape.one_now)):
        low, high = many(*arms)
        for i in range(5):
            check = one(*(arm[i] for arm in arms))
            assert np.allclose((low[i], high[i]), (check.low, check.high), atol=1e-12)
        slack = 1e-12  # an end that is the truth but for rounding holds it
        found.append(float(np.mean((low <= shape.truth + slack) & (shape.truth - slack <= high))))
    return found[0], found[1]


def main() -> None:
    """Print one row per shape and number of seeds."""
    print("| shape | seeds | before | before, +1 | before, +2 | now | now, +1 | now, +2 |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for shape in SHAPES:
        for n in SIZES:
            before, now = zip(*(coverage(shape, n, noise) for noise in NOISES), strict=True)
            figures = " | ".join(f"{100 * one:.1f}" for one in (*before, *now))
            print(f"| {shape.name} | {n} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
