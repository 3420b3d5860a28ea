"""A main task that is easy given another task's label, and hard otherwise."""

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.tasks._planted import Planted, bent, check_planted, sampled, turns

_MEAN, _SD = -0.2310, 0.6628  # of cos(2 a), where a = tanh(1.5 z)/0.7353


@checked
def needed_answer(
    n_tasks: int = 2,
    n_samples: int = 100,
    *,
    n_features: int = 10,
    own: float = 0.5,
    noise: float = 0.3,
    seed: int = 0,
) -> Planted:
    """A main task that is a non-monotonic function of an auxiliary task's label.

    Inputs are N(0, I), u_t and v orthonormal. The helper's label is a_1 = tanh(1.5 u_1·x)/0.7353,
    which is nearly linear and easy. The main task's is g cos(2 a_1) + h v·x, the cosine
    standardised and g² + h² = 1: given a_1 it is a curve plus a line; from x alone, a curve along a
    direction that does not correlate with the label. All labels have variance 1.

    Parameters
    ----------
    n_tasks, n_samples : int
        Number of tasks, and of training samples; as many for validation, and 500 without noise for
        the test. Tasks beyond the first two, a_2, a_3, …, are unrelated to the main task.
    n_features : int
        Number of inputs, at least one per task.
    own : float
        Weight h, in [0, 1], of the part of the main task that needs no helper.
    noise : float
        Standard deviation of the noise on training and validation labels.
    seed : int
        Decides everything that is drawn.

    Returns
    -------
    Planted
        Regressions, the main task first and its helper second, and the truth: "directions" (task,
        feature), v and the u_t; "answers" (sample, task), the noise-free labels of the test inputs;
        "needed" (task,), whether the main task is made from a task.

    Raises
    ------
    ValueError
        Fewer than two tasks, another count below 1, negative noise, fewer inputs than tasks, or
        `own` outside [0, 1].

    Notes
    -----
    Source: a task beneath another as in Søgaard & Goldberg (2016).

    Departures: theirs are tags of words; all of the construction is ours.

    Examples
    --------
    >>> needed_answer(n_tasks=4).truth["needed"]
    array([False,  True, False, False])
    """
    check_planted(noise, n_tasks=n_tasks, n_samples=n_samples, n_features=n_features)
    if not 2 <= n_tasks <= n_features:
        raise ValueError(f"`n_tasks` must lie between 2, a main task and its helper, and `n_features`, {n_features}; got {n_tasks}.")
    if not 0 <= own <= 1:
        raise ValueError(f"`own` must lie in [0, 1]; got {own}.")
    rng = np.random.default_rng([seed, 0x4EED])
    directions = turns(rng, n_features, n_tasks).T

    def answers(x: np.ndarray) -> np.ndarray:
        along, *others = directions @ x.T
        helpers = bent(np.stack(others))
        bump = (np.cos(2 * helpers[0]) - _MEAN) / _SD
        return np.vstack([np.sqrt(1 - own**2) * bump + own * along, helpers]).T

    names = ["main", "helper", *(f"stranger {k}" for k in range(1, n_tasks - 1))]
    data = sampled(answers, rng.standard_normal, (n_samples, n_features), names, noise=noise, separate=False, rng=rng)
    truth = {"directions": directions, "answers": data.splits()["test"].y, "needed": np.arange(n_tasks) == 1}
    return Planted(data, truth)
