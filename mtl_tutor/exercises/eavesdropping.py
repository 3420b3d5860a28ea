"""Exercises of *Eavesdropping, hints*."""

from collections.abc import Callable
from itertools import product

import numpy as np

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.exercises._answers import checker


@checker
def check_neighbour(neighbour: Callable[[np.ndarray], np.ndarray] | None) -> str:
    """Check a task T that pays for the product of the first two coins at once, without being that product."""
    if neighbour is None:
        return "Not yet: write a function of the coins, x [sample, coin], that returns one label per sample."
    x = np.array(list(product((-1.0, 1.0), repeat=5)))
    y, feature = np.asarray(neighbour(x), dtype=float), x[:, 0] * x[:, 1]
    if y.shape != (len(x),) or y.std() == 0:
        return f"Not yet: return one label for each of {len(x)} samples, and not the same for all."
    correlation = abs(np.corrcoef(y, feature)[0, 1])
    if correlation < 0.3:
        return f"Not yet: its correlation with F = x[:, 0] * x[:, 1] is {correlation:.2f}; it should be at least 0.3."
    if correlation > 0.999:
        return "Not yet: that is F itself, a hint; let T be a task of its own."
    return f"Right: it correlates with F by {correlation:.2f}, so a unit that begins to compute F is paid at once."


@checker
def check_weights(method: FixedWeighting | None) -> str:
    """Check loss weights for T' and T: T' with a fifth of T's weight, and 2 in all."""
    if method is None:
        return "Not yet: make a FixedWeighting for T' and T, in this order."
    if len(method.weights) != 2:
        return f"Not yet: there are two losses, of T' and of T; you give {len(method.weights)} weights."
    main, other = method.weights
    if not np.isclose(other, 5 * main):
        return f"Not yet: T should weigh five times as much as T'; it weighs {other / main:.3g} times."
    if not np.isclose(main + other, 2):
        return f"Not yet: the weights should add up to 2, as equal ones do; they add up to {main + other:.3g}."
    return "Right: the balance has changed and the sum has not, so the learning rate means what it meant."
