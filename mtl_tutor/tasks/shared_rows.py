"""Linear tasks with the same few relevant inputs, each with weights of its own."""

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.tasks._planted import Planted, check_planted, sampled


@checked
def shared_rows(
    n_tasks: int = 8,
    n_samples: int = 60,
    *,
    n_features: int = 30,
    n_rows: int = 4,
    shared: bool = True,
    noise: float = 0.7,
    separate: bool = False,
    seed: int = 0,
) -> Planted:
    """Linear tasks with the same few relevant inputs and independent weights.

    Task t's label is w_t·x with x from N(0, I); w_t is drawn from N(0, 1/`n_rows`) at the relevant
    inputs and is zero elsewhere, so that labels have variance 1 on average over tasks. Only these
    rows of the matrix with one column per task are not zero.

    Parameters
    ----------
    n_tasks, n_samples : int
        Number of tasks, and of training samples; as many for validation, and 500 without noise for
        the test.
    n_features, n_rows : int
        Number of inputs, and of those that are relevant to a task.
    shared : bool
        False draws the relevant inputs anew for every task.
    noise : float
        Standard deviation of the noise on training and validation labels.
    separate : bool
        Whether each task has `n_samples` of its own, the other tasks' labels being NaN there.
    seed : int
        Decides everything that is drawn.

    Returns
    -------
    Planted
        Regressions, and the truth: "weights" (task, feature); "rows" (feature,), whether an input
        matters to any task.

    Raises
    ------
    ValueError
        A count below 1, negative noise, or more inputs that matter than there are.

    Notes
    -----
    Source: the common sparsity pattern of Obozinski, Taskar & Jordan (2010).

    Departures: sizes and scaling are ours, and tasks see the same samples unless separate.

    Examples
    --------
    >>> shared_rows(n_rows=3).truth["rows"].sum()
    np.int64(3)
    """
    check_planted(noise, n_tasks=n_tasks, n_samples=n_samples, n_features=n_features, n_rows=n_rows)
    if n_rows > n_features:
        raise ValueError(f"`n_rows` must be at most `n_features`, {n_features}; got {n_rows}.")
    rng = np.random.default_rng([seed, 0x205])
    rows = rng.permuted(np.tile(np.arange(n_features) < n_rows, (n_tasks, 1)), axis=1)
    if shared:
        rows[:] = rows[0]
    weights = rows * rng.normal(size=(n_tasks, n_features)) / np.sqrt(n_rows)

    names = [f"task {task + 1}" for task in range(n_tasks)]
    data = sampled(lambda x: x @ weights.T, rng.standard_normal, (n_samples, n_features), names, noise=noise, separate=separate, rng=rng)
    return Planted(data, {"weights": weights, "rows": np.asarray(rows.any(axis=0))})
