"""Exercises of *Local minima*."""

from collections.abc import Callable
from itertools import product

import numpy as np

from mtl_tutor.exercises._answers import checker

Answer = Callable[[np.ndarray], np.ndarray] | None


@checker
def check_hints(hints: Answer) -> str:
    """Check three questions of which parity of three bits is a sum, each answered by one unit."""
    if hints is None:
        return "Not yet: write a function of the bits, x [sample, 3], that returns three columns."
    x = np.array(list(product((-1.0, 1.0), repeat=3)))
    y, odd = np.asarray(hints(x), dtype=float), (x > 0).sum(axis=1) % 2
    if y.shape != (8, 3) or not np.isin(y, (0, 1)).all():
        return f"Not yet: return a row of three zeros or ones for each of eight patterns; got shape {y.shape}."
    if not all(_is_a_step(x, column) for column in y.T):
        return "Not yet: each question should be a yes/no along the number of bits that are on, so that one unit can answer it."
    parts = np.column_stack([y, np.ones(8)])
    miss = np.abs(parts @ np.linalg.lstsq(parts, odd, rcond=None)[0] - odd).max()
    if miss > 1e-9:
        return f"Not yet: no weighted sum of them is parity; the closest is {miss:.2f} off."
    return "Right: parity is their sum with signs +, -, +."


def _is_a_step(x: np.ndarray, column: np.ndarray) -> bool:
    answers = column[np.argsort((x > 0).sum(axis=1), kind="stable")]
    by_count = [set(answers[lo:hi]) for lo, hi in ((0, 1), (1, 4), (4, 7), (7, 8))]
    return all(len(group) == 1 for group in by_count) and bool(np.abs(np.diff([min(group) for group in by_count])).sum() == 1)


def _not_a_relu(units: Callable[[np.ndarray], np.ndarray]) -> int:
    """The number of the first unit that isn't linear wherever it is on; 0 if all are. The bits tell, and points between them."""
    bits = np.array(list(product((-1.0, 1.0), repeat=2)))
    x = np.concatenate([bits, np.random.default_rng(0).normal(scale=3, size=(500, 2))])
    h, inputs = units(x), np.column_stack([x, np.ones(len(x))])
    for number, unit in enumerate(h.T, start=1):
        on = unit > 0
        weights = np.linalg.lstsq(inputs[on], unit[on], rcond=None)[0]
        if on.any() and not np.allclose(np.maximum(inputs @ weights, 0), unit, atol=1e-6):
            return number
    return 0


@checker
def check_units(units: Answer) -> str:
    """Check ReLU units from which XOR of two bits is a linear function."""
    if units is None:
        return "Not yet: write a function of the bits, x [sample, 2], that returns one column per unit."
    x = np.array(list(product((-1.0, 1.0), repeat=2)))
    h = np.asarray(units(x), dtype=float)
    if h.ndim != 2 or len(h) != 4 or (h < 0).any():
        return f"Not yet: return values of ReLU units, zero or more, one row per pattern; got shape {h.shape}."
    if bent := _not_a_relu(units):
        return f"Not yet: unit {bent} is no ReLU unit. Each is max(0, w·x + b), a weighted sum cut off at zero."
    xor, parts = (x[:, 0] != x[:, 1]).astype(float), np.column_stack([h, np.ones(4)])
    if np.abs(parts @ np.linalg.lstsq(parts, xor, rcond=None)[0] - xor).max() > 1e-9:
        return f"Not yet: XOR is no linear function of your {h.shape[1]} units."
    if h.shape[1] > 2:
        return f"Nearly: {h.shape[1]} units do it, and fewer can."
    return f"Right: {h.shape[1]} units are enough."
