"""Effects of one arm against another on the same seeds."""

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import checked
from mtl_tutor.statistics._given import as_pairs
from mtl_tutor.statistics.blocks import block_slices, standard_error, student
from mtl_tutor.statistics.intervals import Interval, bootstrap, draw_rows, percentiles


@checked
def paired_difference(
    a: Float[np.ndarray, "seed"], b: Float[np.ndarray, "seed"], *, seed: int = 0
) -> Interval:
    """Mean of ``a - b`` over the same seeds, with its bootstrap interval.

    Effects of the seed on both arms (an easy draw of data, good initial weights) cancel, so the
    interval is narrower than that of two separate means.

    Raises
    ------
    ValueError
        Different numbers of seeds, or values that are not finite.

    Examples
    --------
    >>> paired_difference(np.array([3.0, 5.0, 9.0]), np.array([2.0, 4.0, 8.0])).estimate
    1.0
    """
    a, b = as_pairs(a, b)
    return bootstrap(a - b, seed=seed)


@checked
def relative_change(a: Float[np.ndarray, "seed"], b: Float[np.ndarray, "seed"], *, seed: int = 0) -> Interval:
    """Relative change of means, mean(a) / mean(b) - 1: -0.1 is a tenth less.

    Seeds are resampled in pairs.

    Raises
    ------
    ValueError
        Different numbers of seeds, values that are not finite, or a mean of ``b`` that is not
        positive.

    Examples
    --------
    >>> relative_change(np.array([1.0, 2.0]), np.array([2.0, 4.0])).estimate
    -0.5
    """
    a, b = as_pairs(a, b)
    _check_positive_mean(b)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        draws = draw_rows(len(a), 4000, seed)
        found = np.concatenate([a[rows].mean(axis=1) / b[rows].mean(axis=1) - 1 for rows in draws])
    if not np.isfinite(found).all():
        raise ValueError(
            "`b` must have a positive mean whichever seeds are drawn; some draws have none. "
            "Report the difference instead."
        )
    return percentiles(float(a.mean() / b.mean() - 1), found, len(a))


@checked
def ratio_by_blocks(
    a: Float[np.ndarray, "seed"], b: Float[np.ndarray, "seed"], n_blocks: int
) -> Interval:
    """Relative change of means, mean(a) / mean(b) - 1, with an interval over blocks.

    Parameters
    ----------
    a, b : Float[np.ndarray, "seed"]
        One number per seed and arm, in one unit.
    n_blocks : int
        Number of contiguous blocks of seeds, at least 4.

    Returns
    -------
    Interval
        The change as a share of mean(b), -0.1 is a tenth less, with its 95% interval; ``by_block`` has
        the change within each block in which ``b`` has a positive mean.

    Raises
    ------
    ValueError
        Different numbers of seeds, fewer than 4 blocks, fewer than 2 seeds per block, values that are not
        finite, or a mean of ``b`` that is not positive.

    Notes
    -----
    With R = mean(a) / mean(b), the ratio's error is nearly the mean of (aᵢ - R bᵢ) / mean(b), which is
    linear in the seeds. So the standard error is that of `mean_by_blocks` for these numbers.

    Source: Asmussen & Glynn (2007), *Stochastic Simulation*, chapter III, the delta method.

    Departures: variances are taken over blocks.

    Examples
    --------
    >>> b = np.array([1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0])
    >>> ratio_by_blocks(b / 2, b, 4)
    Interval(estimate=-0.5, low=-0.5, high=-0.5, n=8, by_block=(-0.5, -0.5, -0.5, -0.5))
    """
    a, b = as_pairs(a, b)
    blocks = block_slices(len(a), n_blocks)
    _check_positive_mean(b)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        ratio = a.mean() / b.mean()
        residuals = (a - ratio * b) / b.mean()
        means = [(a[one].mean(), b[one].mean()) for one in blocks]
        changes = [float(top / bottom - 1) for top, bottom in means if bottom > 0]
    if not np.isfinite([*residuals, *changes]).all():
        raise ValueError(
            f"`b` must have means far enough from 0 to divide by; got {b.mean()}. "
            "Report the difference instead."
        )
    change, half = float(ratio - 1), student(n_blocks) * standard_error(residuals, blocks)
    return Interval(change, change - half, change + half, len(a), tuple(changes))


def _check_positive_mean(b: Float[np.ndarray, "seed"]) -> None:
    if not b.mean() > 0:
        raise ValueError(
            f"`b` must have a positive mean to be a share of; got {b.mean()}. Report the difference instead."
        )


@checked
def gain_over(
    baseline: Float[np.ndarray, "seed task"], error: Float[np.ndarray, "seed task"]
) -> Float[np.ndarray, "seed task"]:
    """Relative gain over a baseline: (baseline - error) / the baseline's mean over seeds.

    0.1 is a tenth less error, negative is harm. Dividing by the mean keeps one lucky baseline from
    blowing up a ratio; the mean over seeds is the gain of the means. NaN stands for a run that
    diverged.

    Raises
    ------
    ValueError
        The baseline makes no error on a task.

    Examples
    --------
    >>> gain_over(np.array([[3.0], [1.0]]), np.array([[1.0], [2.0]])).ravel().tolist()
    [1.0, -0.5]
    """
    if np.shape(baseline) != np.shape(error):
        raise ValueError(
            "`baseline` and `error` must be of the same seeds and tasks; "
            f"got {np.shape(baseline)} and {np.shape(error)}."
        )
    if np.isnan(baseline).all(axis=0).any() or np.isinf(baseline).any() or np.isinf(error).any():
        raise ValueError(
            "`baseline` and `error` must be finite, or NaN where a run diverged, "
            "with one run of each task that did not."
        )
    scale = np.nanmean(baseline, axis=0)
    if not (scale > 0).all():
        raise ValueError(
            f"`baseline` must leave some error to save on every task; its mean errors are {scale}. "
            "Report differences instead."
        )
    return (baseline - error) / scale
