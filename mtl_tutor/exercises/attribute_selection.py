"""Exercises of *Attribute selection*."""

from collections.abc import Callable

import numpy as np

from mtl_tutor.exercises._answers import checker


@checker
def check_auc(auc: Callable[[np.ndarray, np.ndarray], float] | None) -> str:
    """Check a ranking score: the share of pairs in which the relevant input has the greater strength."""
    if auc is None:
        return "Not yet: write a function of strengths and of a mask that says which inputs are relevant."
    strength, relevant = np.array([0.9, 0.2, 0.5, 0.1, 0.5]), np.array([True, True, False, False, False])
    if not np.isclose(found := float(auc(strength, relevant)), 4 / 6):
        return f"Not yet: for strengths {strength} with the first two relevant, 4 of 6 pairs are right; yours says {found:.3f}."
    if not np.isclose(found := float(auc(strength, ~relevant)), 2 / 6):
        return f"Not yet: with the last three relevant, 2 of 6 pairs are right; yours says {found:.3f}."
    return "Right: 1 is a perfect ranking, 0.5 is chance, and scale doesn't matter."


@checker
def check_growth(growth: Callable[[int], float] | None) -> str:
    """Check by which factor K views raise the ratio of a relevant input's push to the noise in an irrelevant one's."""
    if growth is None:
        return "Not yet: write a function of the number of views."
    rng = np.random.default_rng(0)
    for n_tasks in (1, 4, 25):
        noise = rng.normal(size=(4000, n_tasks)).sum(axis=1).std()
        if not np.isclose(found := float(growth(n_tasks)), n_tasks / noise, rtol=0.05):
            return f"Not yet: for {n_tasks} view(s) a simulation finds {n_tasks / noise:.2f}; yours says {found:.2f}."
    return "Right: the pushes add up, the noises only as the root of their number."
