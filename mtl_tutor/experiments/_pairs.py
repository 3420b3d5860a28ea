"""Two nets for one task, from different starts or a common one, each on samples of its own."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Num
from torch import Tensor

from mtl_tutor.experiments._base import Sentence
from mtl_tutor.experiments._two_layers import Nets, begun, fitted, matched, mixed, reordered, repeated
from mtl_tutor.tasks import shared_subspace

SHARES = np.linspace(0, 1, 11)
N_SOURCES, SOURCE_STEPS, SOURCE_RATE = 3, 100, 0.01
LONG = 400  # steps, many more than validation asks for
FRANKLE, REBASIN, SOUP = "Frankle et al. 2020", "Ainsworth et al. 2023", "Wortsman et al. 2022"
WORSE: dict[str, Any] = {"least": 0.1, "relative": True}
LOWER: dict[str, Any] = {"most": 0.0, "relative": True}
ALIKE: dict[str, Any] = {"margin": 0.05, "relative": True}
EXACT: dict[str, Any] = {"margin": 1e-6, "relative": True}
TRAINED, NOISE, FAR = "trained start", "start trained on shuffled labels", "random start, long training"
SENTENCES = (
    Sentence("strangers", "Half-way between nets from different starts the error is a tenth higher", FRANKLE, "nothing", **WORSE),
    Sentence("copy", "... as between a net and its own copy with units in another order", REBASIN, "all but the order", **WORSE),
    Sentence("copy-matched", "... where matching restores the net", REBASIN, "all but the order, matched", **EXACT),
    Sentence("matched", "With units matched, the half-way net of strangers is better than the two", REBASIN, "nothing, matched", **LOWER),
    Sentence("random", "A random start in common isn't enough: half-way the error is a tenth higher", FRANKLE, "random start", **WORSE),
    Sentence("soup", "Half-way between nets from one start the error is lower than at its ends", SOUP, "random start", **LOWER),
    Sentence("soup-trained", "... also from a start that other tasks have trained", SOUP, TRAINED, **LOWER),
    Sentence("soup-shuffled", "... or shuffled labels", "control", NOISE, **LOWER),
    Sentence("soup-long", "... or after training that goes on and on", "ours", FAR, **LOWER),
    Sentence("ensemble", "Averaged weights are as good as averaged answers, from one start", SOUP, "random start", "answers", **ALIKE),
    Sentence("ensemble-matched", "... also of strangers whose units are matched", "ours", "nothing, matched", "answers", **ALIKE),
)
Samples = tuple[Float[Tensor, "row sample feature"], Float[Tensor, "row sample 1"]]


class Draws(NamedTuple):
    """One row per seed: samples for the first net, as many for the second, for choosing, for judging; and of other tasks, a row each."""

    first: Samples
    second: Samples
    validation: Samples
    test: Samples
    sources: Samples


def tensor(values: Num[np.ndarray, "..."] | Sequence[np.ndarray]) -> Tensor:
    """The numbers as single precision."""
    return torch.from_numpy(np.asarray(values, dtype=np.float32))


def drawn(seeds: Sequence[int], n_samples: int, noise: float) -> Draws:
    """Ask one task twice, of different samples, and three others of all of them; four tasks with a subspace in common."""
    size = {"n_tasks": 1 + N_SOURCES, "n_samples": 2 * n_samples, "curved": True, "noise": noise}
    data = [shared_subspace(**size, seed=seed).data.splits() for seed in seeds]
    x, y = {}, {}
    for split in ("train", "validation", "test"):
        x[split], y[split] = tensor([each[split].x for each in data]), tensor([each[split].y for each in data])
    own = {split: (x[split], y[split][..., :1]) for split in x}
    first, second = ((x["train"][:, half], y["train"][:, half, :1]) for half in (slice(n_samples), slice(n_samples, None)))
    sources = x["train"].repeat_interleave(N_SOURCES, 0), y["train"][..., 1:].mT.flatten(0, 1)[..., None]
    return Draws(first, second, own["validation"], own["test"], sources)


def pairs_of(seeds: Sequence[int], draws: Draws, n_hidden: int, lr: float, steps: int) -> Mapping[str, tuple[Nets, Nets]]:
    """Train every pair: what its nets have in common -> the nets."""
    n_features = draws.test[0].shape[2]
    start, other = (begun([2 * seed + i for seed in seeds], n_features, n_hidden) for i in (0, 1))
    how = {"lr": lr, "looks": (steps,)}
    one, stranger, sibling = (fitted(*each, **how)[0] for each in ((start, *draws.first), (other, *draws.second), (start, *draws.second)))
    rngs = [np.random.default_rng([seed, 0x0D]) for seed in seeds]
    copy = reordered(one, [rng.permutation(n_hidden) for rng in rngs])
    pairs = {
        "nothing": (one, stranger),
        "nothing, matched": (one, matched(stranger, to=one)),
        "all but the order": (one, copy),
        "all but the order, matched": (one, matched(copy, to=one)),
        "random start": (one, sibling),
        FAR: tuple(fitted(start, *each, lr=lr, looks=(LONG,))[0] for each in (draws.first, draws.second)),
    }
    x, y = draws.sources
    shuffled = torch.stack([labels[torch.from_numpy(rngs[row // N_SOURCES].permutation(len(labels)))] for row, labels in enumerate(y)])
    for name, labels in ((TRAINED, y), (NOISE, shuffled)):
        began = _trained(start, x, labels)
        first, second = (fitted(began, *samples, **how)[0] for samples in (draws.first, draws.second))
        pairs[name] = first, second
    return pairs


def _trained(start: Nets, x: Float[Tensor, "row sample feature"], y: Float[Tensor, "row sample 1"]) -> Nets:
    """Let other tasks train the trunk together, each with a copy of the head; then put the first head back."""
    all_of_them = repeated(start, N_SOURCES)
    trunk = fitted(all_of_them, x, y, lr=SOURCE_RATE, looks=(SOURCE_STEPS,), together=N_SOURCES)[0]
    return Nets(trunk.w[::N_SOURCES], trunk.b[::N_SOURCES], start.v, start.c)


def line(pair: tuple[Nets, Nets], test: Samples) -> Float[np.ndarray, "seed point"]:
    """Follow the error along the straight way from the one net's weights to the other's."""
    return np.stack([mixed(*pair, share).errors(*test) for share in SHARES], axis=1)


def answers_mixed(pair: tuple[Nets, Nets], test: Samples) -> Float[np.ndarray, "seed point"]:
    """Follow the error while both nets stay, and their answers are mixed."""
    x, y = test
    first, second = (net.answers(x) for net in pair)
    errors = [((1 - share) * first + share * second - y).square().mean(dim=(1, 2)) for share in SHARES]
    return np.stack([error.numpy().astype(float) for error in errors], axis=1)
