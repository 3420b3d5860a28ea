"""Exercises of *Effective learning rate*."""

import numpy as np

from mtl_tutor.balancing import FixedWeighting
from mtl_tutor.exercises._answers import checker


@checker
def check_mean_loss(method: FixedWeighting | None) -> str:
    """Check a weighting with which eight copies push the trunk as hard as one task would."""
    if method is None:
        return "Not yet: make a FixedWeighting for eight losses."
    if len(method.weights) != 8:
        return f"Not yet: there should be eight weights; there are {len(method.weights)}."
    total = sum(method.weights)
    if not np.isclose(total, 1):
        return f"Not yet: eight equal gradients with these weights push {total:.3g} times as hard as one."
    return "Right: the weights add up to 1, so equal gradients add up to one gradient."


@checker
def check_rate(rates: tuple[float, float] | None) -> str:
    """Check the single-task learning rates (trunk, head) that take the steps of five copies at 0.02."""
    if rates is None:
        return "Not yet: give two numbers, for the trunk and for the head."
    trunk, head = rates
    if not np.isclose(trunk, 0.1):
        return f"Not yet: five equal gradients at 0.02 are one gradient at another rate than {trunk:.3g}."
    if not np.isclose(head, 0.02):
        return f"Not yet: each head gets the gradient of its own copy only; its rate isn't {head:.3g}."
    return "Right: copies speed up the trunk and leave the heads as they are."
