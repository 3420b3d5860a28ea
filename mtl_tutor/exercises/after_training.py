"""Exercises of *Model merging*."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int

from mtl_tutor.exercises._answers import checker

Vector = Float[np.ndarray, "param"]


@checker
def check_sum(add: Callable[[Vector, list[Vector], float], Vector] | None) -> str:
    """Check a function from a start, the tasks' own weights and a coefficient to the start plus the scaled sum of task vectors."""
    if add is None:
        return "Not yet: write a function add(theta_0, thetas, coefficient)."
    rng = np.random.default_rng(0)
    start, *ends = rng.normal(size=(4, 6))
    found = np.asarray(add(start, ends, 0.5), dtype=float)
    if found.shape != start.shape:
        return f"Not yet: the sum has as many weights as the start, 6; yours has shape {found.shape}."
    if np.allclose(found, 0.5 * sum(ends)) or np.allclose(found, start + 0.5 * sum(ends)):
        return "Not yet: a task vector is what has changed, theta_t - theta_0, not theta_t."
    if np.allclose(found, start + 0.5 * (np.mean(ends, axis=0) - start)):
        return "Not yet: that is the mean of the vectors. Add them."
    if not np.allclose(found, start + 0.5 * sum(end - start for end in ends)):
        return "Not yet: theta_0 + coefficient * (sum of theta_t - theta_0)."
    if not np.allclose(add(start, ends, 1 / 3), np.mean(ends, axis=0)):
        return "Not yet: with a coefficient of 1/3, three tasks should give the mean of their weights."
    return "Right: and with a coefficient of one over the number of tasks it's the plain average of the nets."


@checker
def check_order(order: Int[np.ndarray, "hidden"] | list[int] | None) -> str:
    """Check in which order a second net's units have to be listed to meet those of a first net, `FIRST`, given `SECOND`."""
    if order is None:
        return f"Not yet: the units of the first net are {FIRST.tolist()}, those of the second {SECOND.tolist()}. Give three indices."
    if sorted(np.asarray(order).tolist()) != [0, 1, 2]:
        return "Not yet: each unit of the second net is listed once: an order of 0, 1, 2."
    if np.array_equal(np.argsort(order), ORDER):
        return "Not yet: that says where each unit of the second net goes. List which one comes first, second, third."
    if not np.array_equal(order, ORDER):
        return f"Not yet: the squared distance is {((FIRST - SECOND[list(order)]) ** 2).sum():.2f}; there is an order with less."
    return "Right: half-way between them now lies a net like both."


FIRST = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
SECOND = np.array([[0.1, 0.9], [-0.9, -1.1], [1.1, 0.1]])
ORDER = (2, 0, 1)
