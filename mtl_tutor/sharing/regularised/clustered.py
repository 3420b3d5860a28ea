"""Clustered multi-task learning: tasks stay near the means of groups that are learned."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from scipy.cluster.hierarchy import fcluster, ward

from mtl_tutor.sharing.regularised._base import Minimum, Parts, Regularised
from mtl_tutor.sharing.regularised._loss import LinearLoss
from mtl_tutor.sharing.regularised._widths import Budget


@dataclass(frozen=True)
class Clustered(Regularised):
    """Linear tasks in unknown groups, each pulled to its group's mean.

    With known groups the penalty would be strength / 2 times the sum of: the squared norm of the
    mean of all weights, and the squared distances of the groups' means to it, each once per task;
    and `tightness` times the squared distances of tasks to their groups' means. That is ``|Σ^(-1/2)
    (W - mean)|²`` for a task matrix Σ that has the eigenvalue 1 in the n_clusters - 1 directions
    between groups and 1 / tightness in all others. As the groups are unknown, Σ is any matrix with
    eigenvalues from 1 / tightness to 1 and the same trace, and is learned with the weights, which
    is a convex problem. With one cluster, all tasks are pulled to their mean with strength ·
    tightness; with as many clusters as tasks, each is a ridge regression by itself.

    Parameters
    ----------
    strength : float
        Loss per squared unit of weight.
    n_clusters : int
        Number of groups.
    tightness : float
        Strength of the pull of a task to its group's mean, relative to that of the groups to zero;
        1 or more.

    Raises
    ------
    ValueError
        The strength is negative, less than one cluster, a tightness below 1; when fitted, more
        clusters than outputs, or a task without any label.

    Notes
    -----
    Found: `groups` [output], a number from 0 for each task, by first appearance; `group_means` [row
    feature], one row per group. They are read off the weights afterwards, by Ward's method. A
    multi-class task counts as one task per class.

    Source: Jacob, Bach & Vert (2008), the cluster norm.

    Departures: mean and groups are penalised alike (their ε_M = ε_B = 1, and `tightness` is ε_W);
    half the squared error or nats, as the mean over a task's samples; the paper doesn't say how to
    read off groups.

    Examples
    --------
    >>> x = np.array([[1.0], [-1.0]])
    >>> Clustered(0.1, n_clusters=2).fit(x, x * [1.0, 5.0, 1.2, 4.6]).found["groups"].tolist()
    [0, 1, 0, 1]
    """

    n_clusters: int = 2
    tightness: float = 10.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_clusters < 1 or not 1 <= self.tightness < np.inf:
            raise ValueError(
                f"`n_clusters` and `tightness` must be at least 1, and finite; got {self.n_clusters} and {self.tightness}. "
                "At a tightness of 1 there are no clusters."
            )

    def solve(self, loss: LinearLoss) -> Minimum:
        """Minimise, after checking that there are enough tasks, all with labels.

        A task without labels would pull at the mean.
        """
        if self.n_clusters > len(loss.centre):
            raise ValueError(f"`n_clusters` must be at most the number of outputs, {len(loss.centre)}; got {self.n_clusters}.")
        if not loss.share.any(axis=0).all():
            raise ValueError(
                f"`y` must have a label of every task; got outputs {np.flatnonzero(~loss.share.any(axis=0))} without. Drop them."
            )
        return super().solve(loss)

    def penalty(self, parts: Parts, n_outputs: tuple[int, ...]) -> float:
        """Half the strength times the penalty of the mean and of the distances to it."""
        mean = parts.mean(axis=0)
        sigma = np.linalg.svd(parts - mean, compute_uv=False)
        return 0.5 * self.strength * (len(parts) * float(mean @ mean) + self._budget(len(parts), len(sigma)).cost(sigma))

    def prox(self, parts: Parts, step: float, n_outputs: tuple[int, ...]) -> Parts:
        """Shrink the mean, and the singular values of the distances to it, small ones more."""
        mean = parts.mean(axis=0)
        left, sigma, right = np.linalg.svd(parts - mean, full_matrices=False)
        sigma = self._budget(len(parts), len(sigma)).prox(sigma, step * self.strength)
        return mean / (1 + step * self.strength) + (left * sigma) @ right

    def found(self, parts: Parts, n_outputs: tuple[int, ...]) -> Mapping[str, np.ndarray]:
        """The tasks' groups and the groups' means."""
        groups = _groups(parts, self.n_clusters)
        return {"groups": groups, "group_means": np.stack([parts[groups == group].mean(axis=0) for group in range(groups.max() + 1)])}

    def _budget(self, n_tasks: int, n_directions: int) -> Budget:
        """Bounds for the directions that W has; the others and the mean's have no weights, so `low`."""
        low = 1 / self.tightness
        return Budget(low, 1.0, n_directions * low + (min(self.n_clusters, n_tasks) - 1) * (1 - low))


def _groups(weights: Parts, n_clusters: int) -> Int[np.ndarray, "output"]:
    """Cluster by Ward's method; tasks with equal weights are in one group."""
    from scipy.stats import rankdata  # a second to import, so only when needed

    if len(weights) == 1:
        return np.zeros(1, dtype=int)
    _, first, number = np.unique(fcluster(ward(weights), n_clusters, "maxclust"), return_index=True, return_inverse=True)
    return rankdata(first, "ordinal").astype(int)[number] - 1
