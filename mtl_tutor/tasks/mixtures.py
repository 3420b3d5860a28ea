"""Tasks that depend on the inputs through the same few directions, or each through its own."""

import numpy as np

from mtl_tutor.checks import check_room, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks._planted import check_planted


@checked
def mixtures(
    n_tasks: int = 8,
    n_samples: int = 60,
    *,
    n_features: int = 15,
    n_directions: int = 2,
    noise: float = 0.3,
    shared: bool = True,
    seed: int = 0,
) -> TaskData:
    """Regressions on tanh features that all tasks share, each task with weights of its own.

    The inputs are standard normal. Task k's label is v_k·tanh(1.5 Aᵀx), scaled to unit variance,
    plus noise. The unit vectors in A are the same for all tasks, or drawn for each task.

    Parameters
    ----------
    n_samples : int
        Training samples; as many for validation, and 200 without noise for the test.
    n_directions : int
        Columns of A: the hidden units that a net needs.
    noise : float
        Standard deviation of the noise on training and validation labels.
    shared : bool
        Whether all tasks have the same A.
    seed : int
        Decides A, v, samples and noise. The first task's labels are the same with and without
        sharing.

    Returns
    -------
    TaskData
        `n_tasks` regressions on the same inputs.

    Raises
    ------
    ValueError
        A count below 1, or negative noise.

    Notes
    -----
    Source: the multi-index model in which Baxter (2000) and Maurer et al. (2016) analyse shared
    representations.

    Departures: theirs are general; tanh, sizes and scaling are ours.

    Examples
    --------
    >>> mixtures(n_tasks=3, n_samples=10).train.y.shape
    (10, 3)
    """
    check_planted(noise, n_tasks=n_tasks, n_samples=n_samples, n_features=n_features, n_directions=n_directions)
    check_room(n_features=n_features, n_directions=n_directions)
    streams = [np.random.default_rng([seed, 0x5B, task]) for task in range(n_tasks)]
    directions, mixtures = [], []
    for stream in streams:
        a, v = stream.normal(size=(n_features, n_directions)), stream.normal(size=n_directions)
        directions.append(directions[0] if shared and directions else a / np.linalg.norm(a, axis=0))
        mixtures.append(v / np.linalg.norm(v))
    rng = np.random.default_rng([seed, 0x5B, n_tasks, 1])

    def answers(x: np.ndarray) -> np.ndarray:
        return np.stack([np.tanh(1.5 * x @ a) @ v for a, v in zip(directions, mixtures, strict=True)], axis=1)

    spread = answers(np.random.default_rng([seed, 0x5B, 2]).normal(size=(2000, n_features))).std(axis=0)

    def samples(n: int, noise: float) -> Samples:
        x = rng.normal(size=(n, n_features))
        return Samples(x, answers(x) / spread + noise * rng.normal(size=(n, n_tasks)))

    tasks = tuple(Task(f"mixture {k + 1}") for k in range(n_tasks))
    return TaskData(tasks, samples(n_samples, noise), samples(n_samples, noise), samples(200, 0.0))
