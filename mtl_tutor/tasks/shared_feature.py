"""Noisy tasks that all depend on one hidden feature."""

import numpy as np
from jaxtyping import Float

from mtl_tutor.checks import check_room, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks._planted import check_spread

_SPREAD = 0.7353  # the standard deviation of tanh(1.5 z) for a standard normal z


@checked
def shared_feature(
    n_tasks: int = 4,
    n_samples: int = 60,
    *,
    n_features: int = 30,
    n_relevant: int = 4,
    noise: float = 0.7,
    other_inputs: bool = False,
    seed: int = 0,
) -> TaskData:
    """Several tasks that predict one common feature, each with noise of its own.

    The inputs are standard normal. F(x) = tanh(1.5 w·x) / 0.7353 has unit variance and reads only
    the first `n_relevant` inputs, by a random unit vector w. Task k's label is F(x) plus noise that
    no other task has.

    Parameters
    ----------
    n_samples : int
        Training samples; as many for validation, and 200 without noise for the test.
    noise : float
        Standard deviation of the noise on training and validation labels; F has 1.
    other_inputs : bool
        Whether every task but the first depends on other inputs, the next `n_relevant` ones; where
        there are no more, those after the first task's are used again.
    seed : int
        Decides w, samples and noise. The first task's data don't depend on `n_tasks`.

    Returns
    -------
    TaskData
        `n_tasks` regression tasks on the same inputs.

    Raises
    ------
    ValueError
        A count below 1, more relevant inputs than there are (twice as many for `other_inputs`), or
        negative noise.

    Notes
    -----
    Source: the set-up that Caruana (1997, §3.2) describes for data amplification and attribute
    selection; no construction is given there.

    Departures: all of it is ours.

    Examples
    --------
    >>> data = shared_feature(n_tasks=2, noise=0.0)
    >>> bool((data.train.y[:, 0] == data.train.y[:, 1]).all())
    True
    """
    if min(n_tasks, n_samples, n_relevant) < 1 or n_features < n_relevant * (1 + other_inputs):
        raise ValueError(
            "`n_tasks`, `n_samples` and `n_relevant` must be at least 1, and `n_features` at least `n_relevant` (twice that "
            f"for `other_inputs`); got {n_tasks}, {n_samples}, {n_relevant} and {n_features}."
        )
    check_spread(noise=noise)
    check_room(n_tasks=n_tasks, n_samples=n_samples)
    check_room(n_samples=n_samples, n_features=n_features)
    rng = np.random.default_rng([seed, 0x5E])
    noises = [np.random.default_rng([seed, 0x5E, task]) for task in range(n_tasks)]
    w = rng.normal(size=n_relevant)
    w /= np.linalg.norm(w)
    blocks = [0] * n_tasks if not other_inputs else [0, *(1 + task % (n_features // n_relevant - 1) for task in range(n_tasks - 1))]

    def samples(n: int, noise: float) -> Samples:
        x = rng.normal(size=(n, n_features))
        feature = np.stack([_feature(x[:, block * n_relevant :][:, :n_relevant] @ w) for block in blocks], axis=1)
        return Samples(x, feature + noise * np.stack([own.normal(size=n) for own in noises], axis=1))

    tasks = tuple(Task(f"view {task + 1}") for task in range(n_tasks))
    return TaskData(tasks, samples(n_samples, noise), samples(n_samples, noise), samples(200, 0.0))


def _feature(projection: Float[np.ndarray, "sample"]) -> Float[np.ndarray, "sample"]:
    return np.tanh(1.5 * projection) / _SPREAD
