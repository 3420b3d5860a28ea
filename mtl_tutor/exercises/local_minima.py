"""Exercises of *Local minima*."""

from collections.abc import Callable
from functools import cache
from itertools import product

import numpy as np
from torch import nn

from mtl_tutor.exercises._answers import checker
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training import train

Answer = Callable[[np.ndarray], np.ndarray] | None
SEEDS = range(3000, 3192)
FIVE_BITS = np.array(list(product((-1.0, 1.0), repeat=5)))
PARITY = (FIVE_BITS[:, :4] > 0).sum(axis=1) % 2.0


@checker
def check_hints(hints: Answer) -> str:
    """Check hints for parity of the first four of five bits: beside them more nets must solve it."""
    if hints is None:
        return "Not yet: write a function of the bits, x [sample, 5], that returns one column per hint."
    y = np.asarray(hints(FIVE_BITS), dtype=float)
    y = y[:, None] if y.ndim == 1 else y
    if y.ndim != 2 or len(y) != 32 or not np.isin(y, (0, 1)).all():
        return f"Not yet: return a row of zeros and ones for each of 32 patterns; got shape {y.shape}."
    if not 1 <= y.shape[1] <= 4:
        return f"Not yet: give one to four hints, a column for each; got {y.shape[1]}."
    share, before = _solved(np.column_stack([PARITY, y])), alone()
    found = f"{100 * share:.0f} of 100 nets solve parity beside your hints, {100 * before:.0f} alone"
    if share < before + 0.3:
        return f"Not yet: {found}. Can a unit answer each hint, and is parity a weighted sum of the answers? On which bits does it depend?"
    return f"Right: {found}."


@cache
def alone() -> float:
    """The share of nets that solve parity alone."""
    return _solved(PARITY[:, None])


def _solved(labels: np.ndarray) -> float:
    samples, n_tasks = Samples(FIVE_BITS, labels), labels.shape[1]
    tasks = tuple(Task(f"question {k}", "binary") for k in range(n_tasks))
    net = HardSharing(5, 4, n_tasks=n_tasks, activation=nn.Tanh)
    nets = train(net, TaskData(tasks, samples, samples, samples), seeds=SEEDS, steps=500, lr=0.05, eval_every=500)
    return float((nets.last()[:, 0] == 0).mean())


def _not_a_relu(units: Callable[[np.ndarray], np.ndarray]) -> int:
    """The number of the first unit that isn't linear wherever it is on; 0 if all are. The bits tell, and points between them."""
    bits = np.array(list(product((-1.0, 1.0), repeat=2)))
    x = np.concatenate([bits, np.random.default_rng(0).normal(scale=3, size=(500, 2))])
    h, inputs = np.asarray(units(x), dtype=float), np.column_stack([x, np.ones(len(x))])
    if h.ndim != 2 or len(h) != len(x):
        return 1
    for number, unit in enumerate(h.T, start=1):
        on = unit > 0
        weights = np.linalg.lstsq(inputs[on], unit[on], rcond=None)[0]
        if on.any() and not np.allclose(np.maximum(inputs @ weights, 0), unit, atol=1e-5):
            return number
    return 0


@checker
def check_units(units: Answer) -> str:
    """Check ReLU units, as few as possible, from which XOR of two bits is a linear function."""
    if units is None:
        return "Not yet: write a function of the bits, x [sample, 2], that returns one column per unit."
    x = np.array(list(product((-1.0, 1.0), repeat=2)))
    h = np.asarray(units(x), dtype=float)
    if h.ndim != 2 or len(h) != 4 or not h.size or (h < 0).any():
        return f"Not yet: return values of ReLU units, zero or more, one row per pattern; got shape {h.shape}."
    if bent := _not_a_relu(units):
        return f"Not yet: unit {bent} is no ReLU unit, which is a weighted sum of the bits and 1, cut off at zero."
    xor, parts = (x[:, 0] != x[:, 1]).astype(float), np.column_stack([h, np.ones(4)])
    if np.abs(parts @ np.linalg.lstsq(parts, xor, rcond=None)[0] - xor).max() > 1e-6:
        return f"Not yet: XOR is no linear function of your {h.shape[1]} units. Which patterns must they give the same values?"
    if h.shape[1] > 2:
        return f"Not yet: your {h.shape[1]} units compute XOR, but fewer can."
    return f"Right: {h.shape[1]} units are enough."
