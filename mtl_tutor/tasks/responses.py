"""Linear tasks on the same samples, related by their weights, by their noise, or unrelated."""

from dataclasses import replace

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.tasks.linear_tasks import LinearTasks, linear_tasks


@checked
def responses(
    n_tasks: int = 8,
    n_samples: int = 50,
    *,
    n_features: int = 15,
    rank: int = 2,
    noise: float = 1.0,
    common: float = 0.0,
    shared: bool = True,
    seed: int = 0,
) -> LinearTasks:
    """The tasks of `linear_tasks` on common samples, with correlated noise.

    Parameters
    ----------
    n_tasks, n_samples, n_features, rank : int
        As in `linear_tasks`.
    noise : float
        As in `linear_tasks`.
    shared : bool
        As in `linear_tasks`.
    common : float
        Correlation of two tasks' noise on one sample: the share of its variance that is common to
        all.
    seed : int
        Decides everything that is drawn. The weights are those that `linear_tasks` draws for this
        seed.

    Returns
    -------
    LinearTasks
        The inputs N(0, I) of every task are the same array.

    Raises
    ------
    ValueError
        A share outside [0, 1], or tasks that `linear_tasks` refuses.

    Notes
    -----
    Source: multi-response regression as in Breiman & Friedman (1997).

    Departures: theirs has other weights and correlated inputs.

    Examples
    --------
    >>> tasks = responses(3, 10)
    >>> tasks.y.shape, bool((tasks.x[0] == tasks.x[2]).all())
    ((3, 10), True)
    """
    if not 0 <= common <= 1:
        raise ValueError(f"`common` must lie between 0 and 1; got {common}. It is a share of the noise's variance.")
    own = linear_tasks(n_tasks, n_samples, n_features=n_features, rank=rank, noise=noise, shared=shared, seed=seed)
    rng = np.random.default_rng([seed, 0xC3])

    def labels(x: np.ndarray) -> np.ndarray:
        one, each = rng.normal(size=n_samples), rng.normal(size=(n_tasks, n_samples))
        return own.w @ x.T + noise * (np.sqrt(common) * one + np.sqrt(1 - common) * each)

    x, x_validation = own.x[0], own.x_validation[0]
    same = {"x": np.broadcast_to(x, own.x.shape), "x_validation": np.broadcast_to(x_validation, own.x.shape)}
    return replace(own, **same, y=labels(x), y_validation=labels(x_validation))
