"""Which samples a step sees: all of them, or the next few of a fresh shuffle, from every seed's own stream."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from mtl_tutor.tasks import Samples
from mtl_tutor.training._base import Stack, filled_up
from mtl_tutor.training.fresh_noise import Blur

_BLOCK = 16  # steps whose noise is drawn at once
_STREAM = 0x0DE41  # any number: it keeps the shuffles apart from other streams that begin with the seed


def tensors_of(
    stack: Stack, samples: Sequence[Samples], like: Tensor
) -> tuple[Float[Tensor, "seed sample *feature"], Float[Tensor, "seed sample task"]]:
    """Samples and labels as tensors; one seed's worth stands for all seeds where they share their data."""
    x = torch.from_numpy(np.stack([s.x for s in samples])).to(like)
    y = torch.from_numpy(np.stack([s.y for s in samples])).to(like)
    return filled_up(stack.inputs(x), 1, stack.sample_multiple), filled_up(y, 1, stack.sample_multiple, fill=float("nan"))


def deal(
    stack: Stack, x: Tensor, y: Tensor, *, n_samples: int, size: int | None, seeds: Sequence[int], blur: Blur | None = None
) -> Iterator[Any]:
    """Yield one batch per step, for ever. The samples left over at the end of an epoch are dropped."""
    if size is None and blur is None:
        yield from repeat(stack.batches(x[None], y[None])[0])
    full = repeat((x.expand(_BLOCK, *x.shape), y.expand(_BLOCK, *y.shape)))
    for epoch in full if size is None else _epochs(stack, x, y, n_samples, size, seeds):
        yield from stack.batches(*epoch) if blur is None else stack.batches(*blur(*epoch))


def _epochs(stack: Stack, x: Tensor, y: Tensor, n_samples: int, size: int, seeds: Sequence[int]) -> Iterator[tuple[Tensor, Tensor]]:
    # Samples are copied once per epoch into the order in which the steps read them: every batch is then a slice, and no
    # step gathers. The next epoch is written over the last one.
    n_steps, nobody = n_samples // size, x.shape[1]
    shape = x.shape[2:]  # of one sample: its features, or an image's channels, height and width
    x = filled_up(x.flatten(2), 1, 1, extra=1)
    y = filled_up(y, 1, 1, extra=1, fill=float("nan"))
    offsets = np.arange(len(seeds)) * x.shape[1] if len(x) > 1 else np.zeros(len(seeds), int)
    rows = np.empty((n_steps, len(seeds), size + -size % stack.sample_multiple), int)
    rows[:] = offsets[:, None] + nobody
    pages = [table.new_empty(*rows.shape, table.shape[2]) for table in (x, y)]
    streams = [_stream(seed) for seed in seeds]
    while True:
        for i, stream in enumerate(streams):
            order = torch.randperm(n_samples, generator=stream)[: n_steps * size]
            rows[:, i, :size] = order.view(n_steps, size).numpy() + offsets[i]
        for table, page in zip((x, y), pages, strict=True):
            _take(table.flatten(0, 1), rows.reshape(-1), page.flatten(0, 2))
        yield pages[0].unflatten(-1, shape), pages[1]


def _stream(seed: int) -> torch.Generator:
    """The seed's own randomness for shuffling, apart from the one that its first weights came from."""
    return torch.Generator().manual_seed(int(np.random.SeedSequence([seed, _STREAM]).generate_state(1)[0]))


def _take(table: Float[Tensor, "row column"], rows: Int[np.ndarray, "sample"], out: Float[Tensor, "sample column"]) -> None:
    """Copy rows of a table; NumPy needs a third of the time that `torch.index_select` takes for short rows."""
    if out.is_cuda:
        torch.index_select(table, 0, torch.from_numpy(rows).to(out.device), out=out)
    else:
        np.take(table.numpy(), rows, axis=0, out=out.numpy(), mode="clip")  # all rows exist; "raise" would copy twice
