"""Exercises of *Regularised MTL*."""

from collections.abc import Callable, Mapping

import numpy as np

from mtl_tutor.exercises._answers import checker

SITUATIONS = {
    "sixty schools, each a little unlike the average school": "mean",
    "ten drugs, and the same five of a thousand genes decide about all of them": "joint features",
    "ten drugs, five genes decide about all of them, and two more about each alone": "dirty",
    "forty viewers, each with a mixture of three tastes": "trace norm",
    "nine markets of three kinds, nobody knows which is which": "clusters",
    "demand for a product, and for what people buy instead of it": "covariance",
}
"""Situation -> the penalty that prices its structure."""


@checker
def check_shrink(shrink: Callable[[np.ndarray, float], np.ndarray] | None) -> str:
    """Check a step of the trace norm: (weights, piece) -> weights whose singular values are all smaller by the piece, or 0."""
    if shrink is None:
        return "Not yet: write a function of a matrix and a number."
    weights = np.random.default_rng(0).normal(size=(4, 6))
    left, values, right = np.linalg.svd(weights, full_matrices=False)
    piece, found = float(values[2:].mean()), np.asarray(shrink(weights.copy(), float(values[2:].mean())))
    if found.shape != weights.shape:
        return f"Not yet: a matrix of shape {weights.shape} came back with shape {found.shape}. Put the three factors together again."
    ways = {
        "that took the piece off every weight: a lasso's step": np.sign(weights) * np.maximum(np.abs(weights) - piece, 0),
        "small singular values are gone, but the large ones kept their length": (left * values * (values > piece)) @ right,
        "some singular values went below zero, and came back with the opposite sign": (left * (values - piece)) @ right,
    }
    for what, wrong in ways.items():
        if np.allclose(found, wrong, atol=1e-6):
            return f"Not yet: {what}."
    if not np.allclose(found, (left * np.maximum(values - piece, 0)) @ right, atol=1e-6):
        return "Not yet: the singular values should all be smaller by the piece, and the directions what they were."
    return "Right: with a gradient step before each of these, that is the whole method."


@checker
def check_suits(names: Mapping[str, str] | None) -> str:
    """Check which penalty suits which of `SITUATIONS`: situation -> name."""
    if names is None:
        return f"Not yet: give each of these a penalty: {list(SITUATIONS)}. The penalties are {sorted(SITUATIONS.values())}."
    for situation, name in SITUATIONS.items():
        if names.get(situation) != name:
            return f"Not yet: {situation!r} is not best served by {names.get(situation)!r}. What do its tasks have in common?"
    return "Right: the penalty says what the tasks may differ in, free of charge or nearly so."


@checker
def check_decay(costs: tuple[float, float] | None) -> str:
    """Check the least weight decay of a net that computes 6 x as a·b·x: (charged half of a² + b², charged half of b² alone)."""
    if costs is None:
        return "Not yet: give two numbers. Of all a and b with a·b = 6, which are cheapest?"
    both, trunk = costs
    if abs(both - 18.5) < 0.01:
        return "Not yet: a = 1 and b = 6 cost 18.5, but they needn't be so unequal."
    if abs(both - 6) > 0.01:
        return f"Not yet: with both charged, the least is not {both:g}. Try a = b."
    if abs(trunk) > 0.01:
        return "Not yet: the head is free. Make it ten times as large and the trunk ten times as small."
    return "Right: charged for both layers, the net pays for its one singular value, |6|. Charged for the trunk alone, it pays nothing."
