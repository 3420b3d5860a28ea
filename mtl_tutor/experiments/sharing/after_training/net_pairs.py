"""Two nets for one task, from different starts or a common one, each trained on samples of its own."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Num
from torch import Tensor

from mtl_tutor.experiments.sharing.after_training.mlp_batch import MLPBatch, fit, init, interpolate, match, permute, repeat
from mtl_tutor.tasks import shared_subspace

SHARES = np.linspace(0, 1, 11)
N_SOURCES, SOURCE_STEPS, SOURCE_LR = 3, 100, 0.01
LONG = 400  # steps, many more than validation asks for
Batch = tuple[Float[Tensor, "row sample feature"], Float[Tensor, "row sample 1"]]
Pair = tuple[MLPBatch, MLPBatch]


class PairDraws(NamedTuple):
    """Samples of every seed, one row each: for both nets, validation and test; and those of three source tasks, a row each."""

    first: Batch
    second: Batch
    validation: Batch
    test: Batch
    sources: Batch


def tensor(values: Num[np.ndarray, "..."] | Sequence[np.ndarray]) -> Tensor:
    """Convert to single precision."""
    return torch.from_numpy(np.asarray(values, dtype=np.float32))


def draw_pairs(seeds: Sequence[int], n_samples: int, noise: float) -> PairDraws:
    """Draw four tasks with a common subspace: one for two nets, each with half of its samples, and three source tasks."""
    size = {"n_tasks": 1 + N_SOURCES, "n_samples": 2 * n_samples, "curved": True, "noise": noise}
    data = [shared_subspace(**size, seed=seed).data.splits() for seed in seeds]
    x, y = {}, {}
    for split in ("train", "validation", "test"):
        x[split], y[split] = tensor([each[split].x for each in data]), tensor([each[split].y for each in data])
    own = {split: (x[split], y[split][..., :1]) for split in x}
    halves = slice(n_samples), slice(n_samples, None)
    first, second = ((x["train"][:, half], y["train"][:, half, :1]) for half in halves)
    sources = x["train"].repeat_interleave(N_SOURCES, 0), y["train"][..., 1:].mT.flatten(0, 1)[..., None]
    return PairDraws(first, second, own["validation"], own["test"], sources)


def train_pairs(seeds: Sequence[int], draws: PairDraws, n_hidden: int, lr: float, steps: int) -> Mapping[str, Pair]:
    """Train every pair: what its nets have in common -> the nets."""

    def trained(start: MLPBatch, samples: Batch, steps: int = steps) -> MLPBatch:
        return fit(start, *samples, lr=lr, keep_at=(steps,))[0]

    n_features = draws.test[0].shape[2]
    start, other = (init([2 * seed + i for seed in seeds], n_features, n_hidden) for i in (0, 1))
    one, stranger = trained(start, draws.first), trained(other, draws.second)
    rngs = [np.random.default_rng([seed, 0x0D]) for seed in seeds]
    copy = permute(one, [rng.permutation(n_hidden) for rng in rngs])
    x, y = draws.sources
    shuffled = torch.stack([labels[torch.from_numpy(rngs[row // N_SOURCES].permutation(len(labels)))] for row, labels in enumerate(y)])
    pairs = {
        "nothing": (one, stranger),
        "nothing, matched": (one, match(stranger, to=one)),
        "all but the order": (one, copy),
        "random start": (one, trained(start, draws.second)),
        "random start, long training": (trained(start, draws.first, LONG), trained(start, draws.second, LONG)),
    }
    for name, labels in (("trained start", y), ("start trained on shuffled labels", shuffled)):
        began = _trained_on_sources(start, x, labels)
        pairs[name] = trained(began, draws.first), trained(began, draws.second)
    return pairs


def _trained_on_sources(start: MLPBatch, x: Float[Tensor, "row sample feature"], y: Float[Tensor, "row sample 1"]) -> MLPBatch:
    """Train the trunk on the source tasks together, each with a copy of the head; then put the first head back."""
    trunk = fit(repeat(start, N_SOURCES), x, y, lr=SOURCE_LR, keep_at=(SOURCE_STEPS,), tied_rows=N_SOURCES)[0]
    return MLPBatch(trunk.w[::N_SOURCES], trunk.b[::N_SOURCES], start.v, start.c)


def errors_of_mixed_weights(pair: Pair, test: Batch) -> Float[np.ndarray, "seed point"]:
    """Measure the error along the straight line from the one net's weights to the other's."""
    return np.stack([interpolate(*pair, share).errors(*test) for share in SHARES], axis=1)


def errors_of_mixed_predictions(pair: Pair, test: Batch) -> Float[np.ndarray, "seed point"]:
    """Measure the error of the mean of both nets' predictions, weighted by the share."""
    x, y = test
    first, second = (net.predictions(x) for net in pair)
    errors = [((1 - share) * first + share * second - y).square().mean(dim=(1, 2)) for share in SHARES]
    return np.stack([error.numpy().astype(float) for error in errors], axis=1)
