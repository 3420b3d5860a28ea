"""Exercises of *Stein's paradox*."""

from collections.abc import Callable

import numpy as np

from mtl_tutor.exercises._answers import NotYetError, checker

_TOWARDS = "Not yet: write a function of y, one row of measurements per draw, that returns one estimate for each."


@checker
def check_shrinkage(shrink: Callable[[np.ndarray], np.ndarray] | None) -> str:
    """Check a joint estimate of ten unrelated means that shrinks towards their own average."""
    if shrink is None:
        return _TOWARDS
    rng = np.random.default_rng(0)
    means = 20 + rng.normal(size=10)
    y = means + rng.normal(size=(4000, 10))
    estimates = shrink(y)
    if estimates.shape != y.shape:
        return f"Not yet: return one estimate per measurement, shape {y.shape}; got {estimates.shape}."
    if not np.allclose(shrink(y + 7.0), estimates + 7.0):
        return "Not yet: add 7 to every measurement, and the estimates should move by 7. Shrink the distances from the average."
    risk = ((estimates - means) ** 2).mean()
    if not risk < 0.95:
        return f"Not yet: the risk per mean is {risk:.2f}; apart it is 1.00. How many distances are left free once the average is known?"
    if np.abs(estimates - estimates.mean(axis=1, keepdims=True)).max() < 1e-9:
        return "Not yet: all estimates are alike; let the measurements decide how much to shrink."
    apart = 20 + 10 * rng.normal(size=10)
    if not ((shrink(apart + rng.normal(size=y.shape)) - apart) ** 2).mean() < 1.02:
        return "Not yet: where the means lie far apart it does harm. Shrink less, the larger the squared distances are."
    if abs((used := _degrees(shrink, y)) - 7) > 0.1:
        return (
            f"Not yet: your factor is about 1 - {used:.2g} / (sum of squares). "
            "The ten distances from their own average add up to zero: how many of them are free?"
        )
    return f"Right: the risk per mean is {risk:.2f}, where zero is twenty away and no help."


def _degrees(shrink: Callable[[np.ndarray], np.ndarray], y: np.ndarray) -> float:
    """The k of a factor 1 - k / (sum of squares), where it is not cut off at zero."""
    far = y + np.linspace(0, 10, y.shape[1])
    away = far - far.mean(axis=1, keepdims=True)
    kept = (shrink(far) - far.mean(axis=1, keepdims=True)) / away
    return float(np.median((1 - kept) * (away**2).sum(axis=1, keepdims=True)))


@checker
def check_learned_factor(learn: Callable[[np.ndarray, np.ndarray], float] | None) -> str:
    """Check a factor that is learned from two measurements of each of a hundred numbers, whatever the noise is.

    Parameters
    ----------
    learn : function
        From the first and the second measurements, [number] each, to one factor for the first measurements.
    """
    if learn is None:
        return "Not yet: write a function of y and again, two measurements of each number, that returns one factor."
    rng = np.random.default_rng(0)
    for noise in (0.5, 1.0, 2.0):
        risks = []
        for _ in range(4):
            numbers = rng.normal(size=100)
            y, again = numbers + noise * rng.normal(size=(2, 100))
            factors = (learn(y, again), (y @ numbers) / (y @ y), 1.0)
            risks.append([((factor * y - numbers) ** 2).mean() / noise**2 for factor in factors])
        yours, best, apart = np.mean(risks, axis=0)
        if yours > best + 0.05:  # learning the factor costs about 0.02
            return (
                f"Not yet: with noise of standard deviation {noise:g}, your risk is {yours:.2f} noise variances; the first measurements "
                f"themselves have {apart:.2f}, and a better factor has {best:.2f}. What must y predict? Has your training ended?"
            )
    return "Right: nobody told it the noise. A hundred unrelated numbers were enough to learn how far to shrink."


@checker
def check_far_number(protect: Callable[[np.ndarray], np.ndarray] | None) -> str:
    """Check a joint estimate of ten numbers by which the one that lies far from the others doesn't pay.

    Parameters
    ----------
    protect : function
        From measurements [draw number], with noise of variance 1, to one estimate for each.
    """
    if protect is None:
        return _TOWARDS
    (far, mean), (_, apart) = (risks(protect, size) for size in (0.0, 3.0))
    if far > 1.75:
        return f"Not yet: the number at 12 has a risk of {far:.2f}; 1.75 at most is wanted. How large is it beside the other nine?"
    if mean > 0.5:
        return (
            f"Not yet: if nine of ten numbers are 0, your mean risk is {mean:.2f}; half of the separate risk is wanted. "
            "Can one large measurement change how far the other nine shrink?"
        )
    if apart > 1.2:
        return f"Not yet: if the nine have size 3, your mean risk is {apart:.2f}. Let the measurements say how far to shrink."
    return f"Right: the mean risk is {mean:.2f} instead of 1, and the far number's is {far:.2f}."


def risks(protect: Callable[[np.ndarray], np.ndarray], size: float, seed: int = 0) -> tuple[float, float]:
    """Risk of the number at 12, whose place changes, and the mean risk of all ten, where the nine others have this size."""
    rng = np.random.default_rng([seed, 0xFA])
    numbers = size * rng.choice([-1.0, 1.0], size=(4000, 10))
    place = rng.integers(0, 10, size=4000)
    numbers[np.arange(4000), place] = 12.0 * rng.choice([-1.0, 1.0], size=4000)
    found = protect(numbers + rng.normal(size=numbers.shape))
    if found.shape != numbers.shape:
        raise NotYetError(f"return one estimate per measurement, shape {numbers.shape}; got {found.shape}.")
    squares = (found - numbers) ** 2
    return float(squares[np.arange(4000), place].mean()), float(squares.mean())
