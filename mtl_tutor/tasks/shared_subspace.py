"""Tasks that depend on the inputs through the same few directions, linear or not."""

import numpy as np

from mtl_tutor.checks import checked
from mtl_tutor.tasks._planted import Planted, bent, check_planted, sampled, turns


@checked
def shared_subspace(
    n_tasks: int = 10,
    n_samples: int = 80,
    *,
    n_features: int = 20,
    rank: int = 2,
    curved: bool = False,
    shared: bool = True,
    noise: float = 0.7,
    separate: bool = False,
    seed: int = 0,
) -> Planted:
    """Tasks that depend on the inputs through a common subspace, each with weights of its own.

    Task t's label is a_t·f(B_tᵀx)/√r with inputs x and mixtures a_t drawn from N(0, I), so that
    labels have variance 1 on average over tasks. All B_t are the same matrix B of r orthonormal
    columns.

    Parameters
    ----------
    n_tasks, n_samples : int
        Number of tasks, and of training samples; as many for validation, and 500 without noise for
        the test.
    n_features, rank : int
        Number of inputs, and of directions, r.
    curved : bool
        Whether f is tanh(1.5 z)/0.7353, whose variance is 1, instead of the identity.
    shared : bool
        False draws a B_t for every task, so that nothing is shared.
    noise : float
        Standard deviation of the noise on training and validation labels.
    separate : bool
        Whether each task has `n_samples` of its own, the other tasks' labels being NaN there.
    seed : int
        Decides everything that is drawn. The first task is the same with and without sharing.

    Returns
    -------
    Planted
        Regressions, and the truth: "weights" (task, feature), w_t = B_t a_t/√r, along which the
        label changes fastest at x = 0; "rank" (), that of the weights; where shared, "basis"
        (feature, rank), B.

    Raises
    ------
    ValueError
        A count below 1, negative noise, or a rank above `n_features`.

    Notes
    -----
    Source: w_t = B a_t of Tripuraneni, Jin & Jordan (2021).

    Departures: the sizes, the scaling and the bent variant are ours, and tasks see the same samples
    unless separate.

    Examples
    --------
    >>> planted = shared_subspace(rank=3)
    >>> planted.truth["weights"].shape, int(planted.truth["rank"])
    ((10, 20), 3)
    """
    check_planted(noise, n_tasks=n_tasks, n_samples=n_samples, n_features=n_features, rank=rank)
    if rank > n_features:
        raise ValueError(f"`rank` must be at most `n_features`, {n_features}; got {rank}.")
    rng = np.random.default_rng([seed, 0x5AB])
    mixtures = rng.normal(size=(n_tasks, rank)) / np.sqrt(rank)
    bases = turns(rng, n_tasks, n_features, rank)
    if shared:
        bases[:] = bases[0]

    def answers(x: np.ndarray) -> np.ndarray:
        seen = np.einsum("nd,tdr->ntr", x, bases)
        return np.einsum("ntr,tr->nt", bent(seen) if curved else seen, mixtures)

    names = [f"mixture {task + 1}" for task in range(n_tasks)]
    data = sampled(answers, rng.standard_normal, (n_samples, n_features), names, noise=noise, separate=separate, rng=rng)
    weights = np.einsum("tdr,tr->td", bases, mixtures)
    truth = {"weights": weights, "rank": np.array(np.linalg.matrix_rank(weights))}
    return Planted(data, truth | ({"basis": bases[0]} if shared else {}))
