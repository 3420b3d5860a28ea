"""Tasks that share the layers of a branching network."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from mtl_tutor.checks import checked
from mtl_tutor.tasks._planted import Planted, bent, check_planted, sampled, turns


@checked
def task_tree(
    n_tasks: int = 8,
    n_samples: int = 100,
    *,
    n_features: int = 6,
    n_units: int = 2,
    tree: Sequence[Sequence[int]] | None = None,
    noise: float = 0.3,
    separate: bool = True,
    seed: int = 0,
) -> Planted:
    """Labels computed by a network that branches: tasks share some layers, then part.

    A branch of the first layer turns the inputs, drawn from N(0, I), into tanh(1.5 Rx)/0.7353; a
    branch of a later one turns the output h of the branch below into sin(2 Rh + δ). Each branch has
    its own R, with orthonormal rows, and its own δ. A task's label mixes the units of its last
    branch with weights drawn from N(0, 1), and is standardised.

    Parameters
    ----------
    n_tasks, n_samples : int
        Number of tasks, and of training samples; as many for validation, and 500 without noise for
        the test.
    n_features, n_units : int
        Number of inputs, and of units of each branch.
    tree : Sequence[Sequence[int]] | None
        For each hidden layer, from the inputs on, the number of each task's branch, from 0 on.
        Tasks that have parted stay apart. Two layers when not given: one trunk for all, then a
        branch for every two tasks.
    noise : float
        Standard deviation of the noise on training and validation labels.
    separate : bool
        Whether each task has `n_samples` of its own, the other tasks' labels being NaN there. On
        common samples sharing hardly matters: related tasks then add labels, but no inputs.
    seed : int
        Decides everything but the tree.

    Returns
    -------
    Planted
        Regressions, and the truth: "tree" (layer, task), the branches; "distance" (task, task), 0
        for a task and itself, 1 if only the mixing differs, and 1 more for each hidden layer that
        the two don't share.

    Raises
    ------
    ValueError
        A count below 1, negative noise, more units than inputs, or a tree of other tasks, or whose
        branches grow together.

    Notes
    -----
    Source: trees of tasks as in Vandenhende et al. (2020), who search for one.

    Departures: no toy is given there; all of the construction is ours.

    Examples
    --------
    >>> task_tree(n_tasks=4).truth["distance"]
    array([[0, 1, 2, 2],
           [1, 0, 2, 2],
           [2, 2, 0, 1],
           [2, 2, 1, 0]])
    """
    check_planted(noise, n_tasks=n_tasks, n_samples=n_samples, n_features=n_features, n_units=n_units)
    if n_units > n_features:
        raise ValueError(f"`n_units` must be at most `n_features`, {n_features}; got {n_units}.")
    branches = _branches(tree if tree is not None else [[0] * n_tasks, [task // 2 for task in range(n_tasks)]], n_tasks)
    rng = np.random.default_rng([seed, 0x7EEE])
    sizes = [(n_features if layer == 0 else n_units, int(row.max()) + 1) for layer, row in enumerate(branches)]
    maps = [turns(rng, n, n_in, n_units) for n_in, n in sizes]
    shifts = [rng.uniform(0, 2 * np.pi, size=(n, n_units)) for _, n in sizes]
    mixtures = rng.normal(size=(n_tasks, n_units))

    def answers(x: np.ndarray) -> np.ndarray:
        hidden = bent(np.einsum("ni,tiu->ntu", x, maps[0][branches[0]]))
        for row, turn, shift in zip(branches[1:], maps[1:], shifts[1:], strict=True):
            hidden = np.sin(2 * np.einsum("nti,tiu->ntu", hidden, turn[row]) + shift[row])
        return np.einsum("ntu,tu->nt", hidden, mixtures)

    raw = answers(rng.normal(size=(2000, n_features)))
    mean, spread = raw.mean(axis=0), raw.std(axis=0)
    names = [f"leaf {task + 1}" for task in range(n_tasks)]
    data = sampled(
        lambda x: (answers(x) - mean) / spread, rng.standard_normal, (n_samples, n_features), names, noise=noise, separate=separate, rng=rng
    )
    parted = (branches[:, :, None] != branches[:, None]).sum(axis=0)
    return Planted(data, {"tree": branches, "distance": parted + 1 - np.eye(n_tasks, dtype=int)})


def _branches(tree: Sequence[Sequence[int]], n_tasks: int) -> Int[np.ndarray, "row task"]:
    if not len(tree) or any(len(row) != n_tasks for row in tree):
        raise ValueError(f"`tree` must have one branch per task, {n_tasks}, in every layer; got {[len(row) for row in tree]}.")
    branches = np.array(tree)
    for layer, row in enumerate(branches):
        if not np.array_equal(np.unique(row), np.arange(row.max() + 1)):
            raise ValueError(f"`tree` must number branches 0, 1, 2, … without gaps; layer {layer + 1} has {row.tolist()}.")
        if layer and len({*zip(branches[layer - 1].tolist(), row.tolist(), strict=True)}) > row.max() + 1:
            raise ValueError(f"`tree` must keep tasks apart that have parted; layer {layer + 1} joins branches of layer {layer}.")
    return branches.astype(int)
