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
) -> tuple[Float[Tensor, "seed sample feature"], Float[Tensor, "seed sample task"]]:
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
    full = repeat((x.expand(_BLOCK, -1, -1, -1), y.expand(_BLOCK, -1, -1, -1)))
    for epoch in full if size is None else _epochs(stack, x, y, n_samples, size, seeds):
        yield from stack.batches(*epoch) if blur is None else stack.batches(*blur(*epoch))


def _epochs(stack: Stack, x: Tensor, y: Tensor, n_samples: int, size: int, seeds: Sequence[int]) -> Iterator[tuple[Tensor, Tensor]]:
    # One table of all seeds' samples, gathered once per epoch: a gather per step would cost more than the step.
    n_rows = x.shape[1] + 1
    offsets = [0 if len(x) == 1 else n_rows * i for i in range(len(seeds))]
    x = filled_up(x, 1, 1, extra=1).flatten(0, 1)
    y = filled_up(y, 1, 1, extra=1, fill=float("nan")).flatten(0, 1)
    streams = [_stream(seed) for seed in seeds]
    while True:
        orders = [torch.randperm(n_samples, generator=stream) + offset for stream, offset in zip(streams, offsets, strict=True)]
        batches = torch.stack([order[: n_samples // size * size].view(-1, size) for order in orders], 1)
        nobody = torch.tensor(offsets)[None, :, None].expand(len(batches), -1, -size % stack.sample_multiple) + n_rows - 1
        rows = torch.cat([batches, nobody], 2).to(x.device)
        yield _rows_of(x, rows), _rows_of(y, rows)


def _stream(seed: int) -> torch.Generator:
    """The seed's own randomness for shuffling, apart from the one that its first weights came from."""
    return torch.Generator().manual_seed(int(np.random.SeedSequence([seed, _STREAM]).generate_state(1)[0]))


def _rows_of(table: Tensor, rows: Int[Tensor, "step seed sample"]) -> Tensor:
    return table.index_select(0, rows.flatten()).view(*rows.shape, -1)
