"""Exercises of *Data amplification*."""

from collections.abc import Callable
from functools import cache

import numpy as np
from torch import nn

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.exercises._answers import checker
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, TaskData, shared_feature
from mtl_tutor.training import SGD, train

NOISE = np.array([1.0, 1.2, 1.5, 2.0, 4.0, 6.0, 8.0, 10.0])


@checker
def check_trust(weights: Callable[[np.ndarray], np.ndarray] | None) -> str:
    """Check loss weights for views with unequal noise: how well does a net know F that is trained with them?

    Parameters
    ----------
    weights : from the views' noise, eight standard deviations, to eight weights. Only their ratios count.
    """
    if weights is None:
        return "Not yet: write `weights(noise)`, a function that returns a weight for each view."
    found = weights(NOISE)
    if found.shape != NOISE.shape:
        return f"Not yet: return one weight for each of {len(NOISE)} views; got shape {found.shape}."
    if found.min() < 0 or found.max() <= 0:
        return "Not yet: weights are 0 or more, and not all 0. A loss with a negative weight would be made large."
    (even, ours), yours = _references(), _error(found)
    said = f"the shared unit misses F by {yours:.2f} (equal weights: {even:.2f})"
    if yours < 1.2 * ours:  # blocks of 32 seeds: the third or fourth power has 0.99 to 1.17, the first 1.66, the best view alone 1.36
        return f"Right: {said}. A less noisy view has more say, and no view has all of it."
    if found.max() > 0.8 * found.sum():
        return f"Not yet: {said}. Nearly all the weight lies on one view, so hardly any noise is averaged out."
    return f"Not yet: {said}. It can be much lower. How much of the pull on the shared layer comes from the noisiest views?"


@cache
def _references() -> tuple[float, float]:
    """The errors with equal weights, and with good ones."""
    return _error(np.ones(len(NOISE))), _error(NOISE**-2)


@cache
def _views(seed: int) -> TaskData:
    """Eight views of one feature, with unequal noise."""
    clean, rng = shared_feature(8, 60, n_features=20, noise=0.0, seed=seed), np.random.default_rng([seed, 0xDA])
    labels = clean.train.y + NOISE * rng.normal(size=clean.train.y.shape)
    return TaskData(clean.tasks, Samples(clean.train.x, labels), test=clean.test)


def _error(weights: np.ndarray) -> float:
    """Mean squared distance of F from the shared unit, read with the best scale and offset, averaged over nets."""
    method = FixedWeighting(tuple(len(weights) * weights / weights.sum()))
    net = HardSharing(20, 1, n_tasks=8, activation=nn.Tanh)
    history = train(net, _views, method, seeds=48, steps=200, lr=0.01, optimizer=SGD(momentum=0.9), eval_every=200)
    slopes, offsets = history.parameters["trunk.0.weight"][:, 0], history.parameters["trunk.0.bias"]
    missed = []
    for seed, slope, offset in zip(history.seeds.tolist(), slopes, offsets, strict=True):
        test: Samples = _views(seed).test  # type: ignore[assignment]
        correlation = np.corrcoef(np.tanh(test.x @ slope + offset), test.y[:, 0])[0, 1]
        missed.append(test.y[:, 0].var() * (1 - correlation**2))
    return float(np.mean(missed))


@checker
def check_common_noise(left: Callable[[float, int], float] | None) -> str:
    """Check how much of the noise is left in the mean of several labels that have a part of their noise in common.

    Parameters
    ----------
    left : from the common share c of the noise's variance and the number of views to the variance of their mean's noise,
        relative to that of one label.
    """
    if left is None:
        return "Not yet: write `left(c, n_views)`, a function that returns a number."
    rng = np.random.default_rng(0)
    for common, n_views, hint in CASES:
        shared, own = rng.normal(size=20_000), rng.normal(size=(20_000, n_views))
        mean = np.sqrt(common) * shared + np.sqrt(1 - common) * own.mean(axis=1)
        if not np.isclose(found := left(common, n_views), mean.var(), rtol=0.06):
            side = "less" if found > mean.var() else "more"
            return f"Not yet: for c = {common:g} and {n_views} view(s), a simulation leaves {side} than your {found:.3g}. {hint}"
    return "Right: averaging removes the views' own noise, and leaves what they have in common however many they are."


CASES = (
    (0.5, 1, "One label is its own mean."),
    (0.0, 4, "Nothing is common here: this is the noise of a mean of independent labels. Do you return a variance?"),
    (1.0, 4, "All noise is common here: what does a mean of equal numbers do?"),
    (0.2, 8, "Look at the two parts of the noise one at a time: which of them does averaging make smaller?"),
    (0.2, 200, "With so many views, which part of the noise is still there?"),
)
