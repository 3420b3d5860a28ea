"""Curves of adjustable relatedness."""

import numpy as np

from mtl_tutor.checks import check_room, checked
from mtl_tutor.tasks._base import Samples, Task, TaskData
from mtl_tutor.tasks._planted import check_spread


@checked
def sine_family(
    n_tasks: int = 2,
    n_samples: int = 64,
    *,
    relatedness: float = 0.5,
    noise: float = 0.3,
    n_waves: int = 3,
    seed: int = 0,
) -> TaskData:
    """Curves that are each a mixture of a common curve and one of the task's own.

    f_t = √r · g_0 + √(1 - r) · g_t, where each g is a sum of `n_waves` sine waves with variance 1
    over the interval. At r = 1 all tasks have the same curve, at r = 0 nothing in common; two
    tasks' curves correlate with r on average.

    Parameters
    ----------
    n_samples : int
        Training samples; as many for validation, and 200 without noise for the test.
    relatedness : float
        The share r of the common curve, in [0, 1].
    noise : float
        Standard deviation added to training and validation labels; the curves have 1.
    seed : int
        Decides curves, samples and noise.

    Returns
    -------
    TaskData
        x in [-1, 1] (1 feature), one regression task per curve, all on the same inputs.

    Raises
    ------
    ValueError
        A count below 1, relatedness outside [0, 1] or negative noise.

    Examples
    --------
    >>> data = sine_family(n_tasks=2, relatedness=1.0, noise=0.0)
    >>> bool(np.allclose(data.train.y[:, 0], data.train.y[:, 1]))
    True
    """
    if min(n_tasks, n_samples, n_waves) < 1:
        raise ValueError(f"`n_tasks`, `n_samples` and `n_waves` must be at least 1; got {n_tasks}, {n_samples} and {n_waves}.")
    if not 0 <= relatedness <= 1:
        raise ValueError(f"`relatedness` must lie in [0, 1]; got {relatedness}.")
    check_spread(noise=noise)
    check_room(n_tasks=n_tasks, n_samples=n_samples, n_waves=n_waves)
    rng = np.random.default_rng([seed, 0x51])
    amplitude = rng.normal(size=(n_tasks + 1, n_waves))
    amplitude /= np.sqrt((amplitude**2).sum(axis=1, keepdims=True) / 2)
    phase = rng.uniform(0, 2 * np.pi, size=(n_tasks + 1, n_waves))

    def curves(x: np.ndarray) -> np.ndarray:
        waves = np.sin(np.pi * np.arange(1, n_waves + 1) * x[:, None, None] + phase)
        g = (amplitude * waves).sum(axis=-1)
        return np.sqrt(relatedness) * g[:, :1] + np.sqrt(1 - relatedness) * g[:, 1:]

    def noisy_samples() -> Samples:
        x = rng.uniform(-1, 1, size=n_samples)
        return Samples(x[:, None], curves(x) + noise * rng.normal(size=(n_samples, n_tasks)))

    x_test = np.linspace(-1, 1, 200)
    tasks = tuple(Task(f"curve {k + 1}") for k in range(n_tasks))
    return TaskData(tasks, noisy_samples(), noisy_samples(), Samples(x_test[:, None], curves(x_test)))
