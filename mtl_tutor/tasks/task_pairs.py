"""Non-linear tasks with a given correlation."""

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.tasks._planted import LARGEST, Planted, check_planted, sampled, vectors_with_cosines


@checked
def task_pairs(
    n_tasks: int = 2,
    n_samples: int = 100,
    *,
    n_features: int = 10,
    correlation: float = 0.5,
    n_waves: int = 2,
    scale: float = 1.0,
    noise: float = 0.1,
    seed: int = 0,
) -> Planted:
    """Sums of sine waves along directions of the input with a given cosine.

    With x from N(0, I), z_t = w_t·x and weights w_t of length c, task t's label is z_t + Σ_i
    sin(α_i z_t + β_i) for i = 1 … m. The directions have cosine p, so that the z_t correlate with
    p; labels correlate less, but more where p is more.

    Parameters
    ----------
    n_tasks, n_samples : int
        Number of tasks, and of training samples; as many for validation, and 500 without noise for
        the test.
    n_features : int
        Number of inputs, at least one per task.
    correlation : float
        Cosine p of any two tasks' directions; from -1/(n_tasks - 1), below which there are no such
        directions, to 1.
    n_waves : int
        Number of waves, m. The more, the harder: z + sin(z) is almost a line.
    scale : float
        Length c of the weights.
    noise : float
        Standard deviation of the noise on training and validation labels.
    seed : int
        Decides everything that is drawn.

    Returns
    -------
    Planted
        Regressions, and the truth: "weights" (task, feature); "correlation" (task, task), p off the
        diagonal; "label_correlation" (task, task), as measured in 20,000 more samples without
        noise.

    Raises
    ------
    ValueError
        A count below 1, negative noise, fewer inputs than tasks, a scale that isn't positive, or a
        correlation out of range.

    Notes
    -----
    Source: Ma, Zhao, Yi, Chen, Hong & Chi (2018, §3.2), noise included.

    Departures: the paper leaves α, β, c and m open; here α_i = i and β_i = (i - 1)², with the c and
    m above, ours like the sizes. More than two tasks are ours.

    Examples
    --------
    >>> task_pairs(correlation=-1.0).truth["correlation"]
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    check_planted(noise, n_tasks=n_tasks, n_samples=n_samples, n_features=n_features, n_waves=n_waves)
    if n_tasks > n_features:
        raise ValueError(f"`n_features` must be at least `n_tasks`, {n_tasks}, to have a direction for each; got {n_features}.")
    if not -1 / max(n_tasks - 1, 1) <= correlation <= 1:
        raise ValueError(f"`correlation` must lie in [{-1 / max(n_tasks - 1, 1):.3g}, 1] for {n_tasks} tasks; got {correlation}.")
    if not 0 < scale <= LARGEST:
        raise ValueError(f"`scale` must be positive, and at most {LARGEST:g}; got {scale}.")
    rng = np.random.default_rng([seed, 0x3A1])
    cosines = np.where(np.eye(n_tasks, dtype=bool), 1.0, correlation)
    weights = scale * vectors_with_cosines(cosines, n_features, rng)
    waves = np.arange(1, n_waves + 1)

    def answers(x: np.ndarray) -> np.ndarray:
        z = x @ weights.T
        return z + np.sin(z[..., None] * waves + (waves - 1) ** 2).sum(axis=-1)

    names = [f"wave {task + 1}" for task in range(n_tasks)]
    data = sampled(answers, rng.standard_normal, (n_samples, n_features), names, noise=noise, separate=False, rng=rng)
    measured = np.atleast_2d(np.corrcoef(answers(np.random.default_rng([seed, 0x3A1, 1]).normal(size=(20_000, n_features))).T))
    return Planted(data, {"weights": weights, "correlation": cosines, "label_correlation": measured})
