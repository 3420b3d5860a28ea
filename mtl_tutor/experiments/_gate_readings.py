"""Numbers to read gates by."""

import numpy as np
from jaxtyping import Float

Gates = Float[np.ndarray, "seed task sample expert"]


def n_read(gates: Float[np.ndarray, "*row expert"]) -> Float[np.ndarray, "*row"]:
    """Count the experts that a gate reads, as the exponential of its entropy: 1 where one has all the weight, all where it is even."""
    return np.exp(-(gates * np.log(np.maximum(gates, 1e-30))).sum(axis=-1))


def between_tasks(gates: Gates) -> Float[np.ndarray, "seed"]:
    """How much weight would have to move to make one task's gate the other's, on average over samples: 0 if none, 1 if all."""
    return np.abs(gates[:, 0] - gates[:, 1]).sum(axis=-1).mean(axis=-1) / 2


def between_kinds(gates: Gates, x: Float[np.ndarray, "sample feature"]) -> Float[np.ndarray, "seed"]:
    """How much weight a task's mean gate moves from samples whose first input is positive to the others, on average over tasks."""
    positive = x[:, 0] > 0
    apart = gates[:, :, positive].mean(axis=2) - gates[:, :, ~positive].mean(axis=2)
    return np.abs(apart).sum(axis=-1).mean(axis=-1) / 2
