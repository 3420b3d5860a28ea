"""Trees of tasks, built from single-task nets."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.cluster.hierarchy import cophenet, fcluster, linkage
from scipy.spatial.distance import squareform
from torch import nn

from mtl_tutor.checks import checked
from mtl_tutor.sharing.single_task import SingleTask

_LARGEST_INPUT = 1e30  # nets compute in single precision, which ends at 3e38
_LARGEST = 1e100  # squares of it, and sums of those, stay finite


@checked
@dataclass(frozen=True, eq=False)
class TaskTree:
    """A tree of tasks: which tasks share each hidden layer.

    Attributes
    ----------
    groups : Int[np.ndarray, "row task"]
        For each hidden layer the group of every task; the `tree` of `Branching`.
    dissimilarity : Float[np.ndarray, "row task task"]
        Of the tasks' representations in each layer, 1 - a rank correlation: 0 equal, 1 unrelated, 2
        opposite.
    distance : Float[np.ndarray, "task task"]
        Cophenetic distance: the mean dissimilarity, over layers and within groups, at which two
        tasks are joined in the tree.
    """

    groups: Int[np.ndarray, "row task"]
    dissimilarity: Float[np.ndarray, "row task task"]
    distance: Float[np.ndarray, "task task"]


@checked
def grow_tree(representations: Sequence[Float[np.ndarray, "task sample hidden"]], n_groups: Sequence[int]) -> TaskTree:
    """Build a tree of tasks by the similarity of their single-task nets' representations.

    Parameters
    ----------
    representations : Sequence[Float[np.ndarray, "task sample hidden"]]
        For each hidden layer, the activations of each task's own net for the same samples, at least
        three.
    n_groups : Sequence[int]
        Number of groups in each layer, never fewer than in the layer before.

    Returns
    -------
    TaskTree
        The groups, and the distances that they come from.

    Raises
    ------
    ValueError
        Fewer than two tasks or three samples, counts that are not one per layer, outside 1 to the
        number of tasks, or decreasing.

    Notes
    -----
    Source: Vandenhende et al. (2020), "Branched multi-task networks", section 3: representation
    similarity analysis (Dwivedi & Roig, 2019), a rank correlation of the samples' dissimilarities
    (1 - Pearson).

    Departures: one tree by average linkage of the mean over layers, cut anew for each layer, where
    the paper searches all trees for the least sum of each layer's own dissimilarities within
    groups; the counts of groups are given, not found under a budget.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> one, other = rng.normal(size=(2, 20, 5))
    >>> grow_tree([np.stack([one, other, one, other])], n_groups=[2]).groups.tolist()
    [[1, 0, 1, 0]]
    """
    _check(representations, n_groups)
    dissimilarity = np.stack([_dissimilarity(layer) for layer in representations])
    mean = dissimilarity.mean(axis=0)
    return TaskTree(_cut(_joined(mean), n_groups), dissimilarity, squareform(cophenet(_joined(mean))))


@checked
def cut_tree(distance: Float[np.ndarray, "task task"], n_groups: Sequence[int]) -> Int[np.ndarray, "row task"]:
    """Cluster tasks by their distances, and cut the tree once for every layer.

    The result is the `tree` of `Branching`. A good distance is the "tree_distance" that many nets
    have learned, averaged over the nets: that of one net is often wrong.

    Parameters
    ----------
    distance : Float[np.ndarray, "task task"]
        Distance of any two tasks, 0 on the diagonal.
    n_groups : Sequence[int]
        Number of groups in each layer.

    Raises
    ------
    ValueError
        Distances that are not symmetric, finite and zero or more, or more groups than tasks.

    Examples
    --------
    >>> cut_tree(np.array([[0, 1, 2], [1, 0, 2], [2, 2, 0.0]]), [1, 2]).tolist()
    [[0, 0, 0], [0, 0, 1]]
    """
    if len(distance) < 2 or distance.shape[0] != distance.shape[1] or not np.allclose(distance, distance.T):
        raise ValueError(f"`distance` must be symmetric and of at least 2 tasks; got shape {distance.shape}.")
    if not np.isfinite(distance).all() or distance.min() < -1e-9 * np.abs(distance).max():  # of 0, rounding may leave less
        raise ValueError("`distance` must hold finite numbers, zero or more.")
    if len(n_groups) == 0 or min(n_groups) < 1 or max(n_groups) > len(distance):
        raise ValueError(f"`n_groups` must be counts from 1 to {len(distance)}, one per layer; got {tuple(n_groups)}.")
    return _cut(_joined(distance), n_groups)


def _cut(joined: np.ndarray, n_groups: Sequence[int]) -> Int[np.ndarray, "row task"]:
    return np.stack([fcluster(joined, n, "maxclust") - 1 for n in n_groups])


def _joined(distance: Float[np.ndarray, "task task"]) -> np.ndarray:
    return linkage(squareform(distance, checks=False), "average")


@checked
def hidden_layers(nets: SingleTask, x: Float[np.ndarray, "sample feature"]) -> list[Float[np.ndarray, "task sample hidden"]]:
    """Hidden activations of every task's own net, layer by layer.

    Parameters
    ----------
    nets : SingleTask
        Trained nets; perceptrons, not a trunk of your own.
    x : Float[np.ndarray, "sample feature"]
        One row of features per sample.

    Raises
    ------
    ValueError
        The nets have a trunk of your own, whose layers are not known.

    Examples
    --------
    >>> nets = SingleTask(n_features=3, n_hidden=(8, 4), n_tasks=2)
    >>> [layer.shape for layer in hidden_layers(nets, np.zeros((5, 3)))]
    [(2, 5, 8), (2, 5, 4)]
    """
    trunks = [net.trunk for net in nets.nets]
    if not all(isinstance(trunk, nn.Sequential) for trunk in trunks):
        raise ValueError("`nets` must be perceptrons; got a trunk of your own. Call `grow_tree` with its representations instead.")
    if x.shape[1] != nets.n_features:
        raise ValueError(f"`x` must have {nets.n_features} features; got shape {x.shape}.")
    if not (np.abs(x) <= _LARGEST_INPUT).all():
        raise ValueError(f"`x` must be finite, and between ±{_LARGEST_INPUT:g}; some entries are not.")
    start = torch.from_numpy(x).to(next(nets.parameters()))
    with torch.no_grad():  # a linear map and its activation make one layer
        steps = [list(accumulate(trunk, lambda hidden, step: step(hidden), initial=start))[2::2] for trunk in trunks]  # type: ignore[arg-type]
    return [torch.stack(layer).cpu().numpy() for layer in zip(*steps, strict=True)]


def _dissimilarity(layer: Float[np.ndarray, "task sample hidden"]) -> Float[np.ndarray, "task task"]:
    from scipy.stats import rankdata  # a second to import, so only when needed

    pairs = np.triu_indices(layer.shape[1], 1)
    ranks = [rankdata(1 - _correlations(hidden)[pairs]) for hidden in layer]
    return 1 - _correlations(np.stack(ranks))


def _correlations(rows: Float[np.ndarray, "row column"]) -> Float[np.ndarray, "row row"]:
    """Pearson's correlations of rows; 0 for a constant row (a sample for which all units are 0)."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = centred / np.where(length > 0, length, 1)
    return unit @ unit.T


def _check(representations: Sequence[np.ndarray], n_groups: Sequence[int]) -> None:
    if not len(representations) or len({one.shape[:2] for one in representations}) > 1:
        raise ValueError("`representations` must hold a layer at least, all of the same tasks and samples.")
    if not all(np.isfinite(one).all() and float(np.abs(one).max(initial=0)) <= _LARGEST for one in representations):
        raise ValueError(f"`representations` must be finite, and between ±{_LARGEST:g}.")
    n_tasks, n_samples = representations[0].shape[:2]
    if n_tasks < 2 or n_samples < 3:
        raise ValueError(f"`representations` must be of at least 2 tasks and 3 samples; got {n_tasks} and {n_samples}.")
    counts = [1, *n_groups, n_tasks]
    if len(n_groups) != len(representations) or counts != sorted(counts):
        raise ValueError(
            f"`n_groups` must be {len(representations)} counts from 1 to {n_tasks}, none below the one before; got {tuple(n_groups)}."
        )
