"""Linear tasks in groups: similar within a group, unrelated or opposite between groups."""

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.tasks._planted import Planted, check_planted, sampled, vectors_with_cosines


@checked
def clusters(
    n_tasks: int = 9,
    n_samples: int = 40,
    *,
    n_features: int = 20,
    n_groups: int = 3,
    within: float = 0.9,
    opposite: float = -1.0,
    noise: float = 0.7,
    separate: bool = False,
    seed: int = 0,
) -> Planted:
    """Linear tasks in groups with prescribed cosines between their weights.

    Task t's label is w_t·x with x from N(0, I) and weights of length 1, so that noise-free labels
    correlate as the weights do. The cosine of two tasks is `within` in one group, `within` ·
    `opposite` between the first two groups, and 0 otherwise: exactly so, not on average.

    Parameters
    ----------
    n_tasks, n_samples : int
        Number of tasks, and of training samples; as many for validation, and 500 without noise for
        the test.
    n_features : int
        Number of inputs, at least one per task.
    n_groups : int
        Number of groups of neighbouring tasks, as equal in size as can be.
    within : float
        Cosine within a group, in [0, 1]. At 1 a group is one task; at 0 there are no groups.
    opposite : float
        In [-1, 1], how the centres of the first two groups correlate; without effect if there is
        one group.
    noise : float
        Standard deviation of the noise on training and validation labels.
    separate : bool
        Whether each task has `n_samples` of its own, the other tasks' labels being NaN there.
    seed : int
        Decides everything but the groups.

    Returns
    -------
    Planted
        Regressions, and the truth: "weights" (task, feature); "group" (task,), from 0 on;
        "correlation" (task, task), the cosines.

    Raises
    ------
    ValueError
        A count below 1, negative noise, more groups than tasks, fewer inputs than tasks, or a
        correlation out of its range.

    Notes
    -----
    Source: groups as in Jacob, Bach & Vert (2008), opposites as in the toy of Zhang & Yeung (2010).

    Departures: all of the construction is ours; the cosines are exact where a draw would scatter
    around them.

    Examples
    --------
    >>> clusters(n_tasks=4, n_groups=2).truth["correlation"][0]
    array([ 1. ,  0.9, -0.9, -0.9])
    """
    check_planted(noise, n_tasks=n_tasks, n_samples=n_samples, n_features=n_features, n_groups=n_groups)
    if not n_groups <= n_tasks <= n_features:
        raise ValueError(f"`n_tasks` must lie between `n_groups`, {n_groups}, and `n_features`, {n_features}; got {n_tasks}.")
    if not (0 <= within <= 1 and -1 <= opposite <= 1):
        raise ValueError(f"`within` must lie in [0, 1] and `opposite` in [-1, 1]; got {within} and {opposite}.")
    rng = np.random.default_rng([seed, 0xC1A])
    group = np.arange(n_tasks) * n_groups // n_tasks
    centres = np.eye(n_groups)
    if n_groups > 1:
        centres[[0, 1], [1, 0]] = opposite
    correlation = within * centres[np.ix_(group, group)] + (1 - within) * np.eye(n_tasks)
    weights = vectors_with_cosines(correlation, n_features, rng)

    names = [f"group {g + 1}, task {task + 1}" for task, g in enumerate(group)]
    data = sampled(lambda x: x @ weights.T, rng.standard_normal, (n_samples, n_features), names, noise=noise, separate=separate, rng=rng)
    return Planted(data, {"weights": weights, "group": group, "correlation": correlation})
