"""Linear tasks that scatter around a common mean."""

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.tasks._planted import Planted, check_planted, check_spread, sampled


@checked
def deviations(
    n_tasks: int = 8,
    n_samples: int = 40,
    *,
    n_features: int = 20,
    spread: float = 0.5,
    noise: float = 0.7,
    separate: bool = False,
    seed: int = 0,
) -> Planted:
    """Linear tasks with common weights plus a deviation of each task's own.

    Task t's label is w_t·x with x from N(0, I) and w_t = (m + s·v_t)/√(1 + s²). The mean m and the
    deviations v_t are drawn from N(0, I/d), so that labels have variance 1 on average; two tasks'
    labels correlate with 1/(1 + s²) on average.

    Parameters
    ----------
    n_tasks, n_samples : int
        Number of tasks, and of training samples; as many for validation, and 500 without noise for
        the test.
    n_features : int
        Number of inputs, d.
    spread : float
        Size of the deviations, s. At 0 all tasks are the same; at 10 they are almost unrelated.
    noise : float
        Standard deviation of the noise on training and validation labels.
    separate : bool
        Whether each task has `n_samples` of its own, the other tasks' labels being NaN there.
    seed : int
        Decides everything that is drawn.

    Returns
    -------
    Planted
        Regressions, and the truth: "weights" (task, feature); "mean" (feature,), m/√(1 + s²), which
        all weights scatter around.

    Raises
    ------
    ValueError
        A count below 1, negative noise or a negative spread.

    Notes
    -----
    Source: w_t = w_0 + v_t of Evgeniou & Pontil (2004).

    Departures: theirs is a prior on weights to be fitted, from which these are drawn; sizes and
    scaling are ours, and tasks see the same samples unless separate.

    Examples
    --------
    >>> weights = deviations(spread=0).truth["weights"]
    >>> bool((weights == weights[0]).all())
    True
    """
    check_planted(noise, n_tasks=n_tasks, n_samples=n_samples, n_features=n_features)
    check_spread(spread=spread)
    rng = np.random.default_rng([seed, 0xDE7])
    mean, *own = rng.normal(size=(n_tasks + 1, n_features)) / np.sqrt(n_features * (1 + spread**2))
    weights = mean + spread * np.stack(own)

    names = [f"variant {task + 1}" for task in range(n_tasks)]
    data = sampled(lambda x: x @ weights.T, rng.standard_normal, (n_samples, n_features), names, noise=noise, separate=separate, rng=rng)
    return Planted(data, {"weights": weights, "mean": mean})
