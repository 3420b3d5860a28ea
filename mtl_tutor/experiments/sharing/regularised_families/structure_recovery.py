"""What penalties find out about the tasks, against the truth: the rank, the inputs, the groups, the signs of correlations."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from jaxtyping import Float
from scipy.cluster.hierarchy import fcluster, ward
from sklearn.metrics import adjusted_rand_score, f1_score

from mtl_tutor.experiments.sharing.regularised_families.penalised_fits import FAMILIES, SQUARES, Family, grouped
from mtl_tutor.metrics import relevance_auc
from mtl_tutor.sharing import MultiTaskGP
from mtl_tutor.sharing.regularised._base import LinearFit
from mtl_tutor.sharing.regularised._loss import linear_loss
from mtl_tutor.tasks import TaskData, clusters, only_tasks, shared_rows, shared_subspace, shuffled_labels

Found = dict[str, float] | dict[str, bool]
"""Way -> score: right or wrong, an adjusted Rand index, an AUC, or an F1."""
COUNTED = 0.2  # singular values above this share of the largest count
THREE = Family(SQUARES, (grouped(3, 10.0), grouped(3, 50.0)))


def best_fit(family: Family, data: TaskData) -> LinearFit:
    """Fit at every strength, and keep the fit of the lowest error on the validation samples."""
    fits, validation = list(family.fits(linear_loss(data.train.x, data.train.y))), data.validation or data.train
    errors = [((np.hstack(fit.predict(validation.x)) - validation.y) ** 2).mean() for fit in fits]
    return fits[int(np.argmin(errors))]


def spectra(rank: int, n_samples: int, noise: float, seed: int, *, shared: bool = True) -> dict[str, Float[np.ndarray, "hidden"]]:
    """Compute the singular values of fifteen tasks' weights: the true ones, and those of two fits."""
    planted = shared_subspace(15, n_samples, n_features=20, rank=rank, noise=noise, shared=shared, seed=seed)
    weights = {way: best_fit(FAMILIES[way], planted.data).weights for way in ("trace norm", "ridge")}
    return {way: np.linalg.svd(w, compute_uv=False) for way, w in ({"truth": planted.truth["weights"]} | weights).items()}


def rank_found(rank: int, seed: int) -> Found:
    """Say whether the dimension of a subspace is found; with rank 0, that there's none of five dimensions or fewer."""
    values = spectra(rank or 2, 30, 0.5, seed, shared=rank > 0)
    counts = {"trace norm": counted(values["trace norm"]), "ridge": counted(values["ridge"])}
    counts["above zero"] = counted(values["trace norm"], 1e-6)
    return {way: bool(count == rank if rank else count > 5) for way, count in counts.items()}


def counted(values: Float[np.ndarray, "hidden"], share: float = COUNTED) -> int:
    """Count the singular values above this share of the largest."""
    return int(np.sum(values > share * values[0]))


def signs_found(seed: int) -> Found:
    """Say whether two groups of three tasks are found opposed: on average over their nine pairs, and in each pair."""
    data = clusters(6, 10, n_features=10, n_groups=2, within=0.8, opposite=-0.75, noise=1.0, seed=seed).data
    blocks = {way: table[:3, 3:] for way, table in relations(data).items()}
    on_average = {way: bool(block.mean() < 0) for way, block in blocks.items()}
    return on_average | {f"{way}, each pair": bool((block < 0).all()) for way, block in blocks.items()}


def relations(data: TaskData) -> dict[str, Float[np.ndarray, "task task"]]:
    """Estimate the correlations between tasks in four ways: by three fits, and by the labels themselves."""
    weights = {way: best_fit(FAMILIES[way], data).weights for way in ("covariance", "ridge")}
    tables = {way: w @ w.T for way, w in weights.items()}
    tables |= {"GP": MultiTaskGP(rank=2).fit(data.train.x, data.train.y).inspect()["task_covariance"], "labels": np.cov(data.train.y.T)}
    spreads = {way: np.sqrt(np.maximum(np.diag(table), 1e-12)) for way, table in tables.items()}
    return {way: table / np.outer(spreads[way], spreads[way]) for way, table in tables.items()}


def groups_found(seed: int) -> Found:
    """Score the groups that Ward's method reads off the weights of two fits, by the adjusted Rand index."""
    planted = clusters(9, 8, n_features=15, n_groups=3, opposite=0.0, noise=0.5, seed=seed)
    truth, weights = planted.truth["group"], {"clusters": best_fit(THREE, planted.data).weights}
    weights["ridge"] = best_fit(FAMILIES["ridge"], planted.data).weights
    return {way: adjusted_rand_score(truth, fcluster(ward(w), 3, "maxclust")) for way, w in weights.items()}


def inputs_found(seed: int) -> Found:
    """Score how the first of ten tasks ranks its four inputs of thirty (AUC), and which inputs are kept (F1)."""
    planted = shared_rows(10, 30, n_features=30, n_rows=4, noise=1.0, seed=seed)
    rows, data = planted.truth["rows"], planted.data
    joint, false = (best_fit(FAMILIES["joint features"], d) for d in (data, shuffled_labels(data, range(1, 10), seed=seed)))
    alone = best_fit(FAMILIES["lasso"], only_tasks(data, [0]))
    lengths = {way: np.linalg.norm(fit.weights, axis=0) for way, fit in {"joint": joint, "shuffled": false, "alone": alone}.items()}
    order = np.argsort(~rows, kind="stable")
    auc = {way: float(relevance_auc(length[None, order], int(rows.sum()))[0]) for way, length in lengths.items()}
    kept = {way: length > 1e-6 for way, length in lengths.items()}
    return auc | {f"{way}, F1": float(f1_score(rows, kept[way], zero_division=0.0)) for way in kept}  # type: ignore[arg-type]


TOYS: Mapping[str, Callable[[int], Found]] = {
    **{f"rank {rank}": partial(rank_found, rank) for rank in (1, 2, 3, 5)},
    "no subspace": partial(rank_found, 0),
    "signs": signs_found,
    "groups": groups_found,
    "inputs": inputs_found,
}
