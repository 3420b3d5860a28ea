"""Random numbers drawn anew at every training step: noise on samples and units, and what balancing methods ask for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import torch
from torch import Tensor

from mtl_tutor.checks import checked

_STREAM = 0xF5E5  # any number: it keeps this noise apart from other streams that begin with the seed
_STREAM_OF_METHODS = 0xBA1A  # the same for the numbers that balancing methods ask for
_BLOCK = 64  # steps whose numbers are drawn at once


@checked
@dataclass(frozen=True)
class FreshNoise:
    """Add Gaussian noise to inputs and labels, and drop hidden units, drawn anew at every training step.

    Parameters
    ----------
    inputs : float
        Standard deviation of the noise that is added to every input.
    labels : tuple of float
        For regressions: standard deviation of the noise that is added to the labels, one per task.
    dropout : float
        Share of the hidden units that are set to 0 at a step; the others are multiplied by 1 / (1 - dropout).

    Raises
    ------
    ValueError, TypeError
        A negative standard deviation, or a share outside [0, 1).

    Notes
    -----
    Source: input noise as in Bishop (1995), dropout as in Srivastava et al. (2014). Departures: dropout is drawn for
    hidden units only.
    """

    inputs: float = 0.0
    labels: tuple[float, ...] = ()
    dropout: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(float(sd) for sd in self.labels))
        if min(self.inputs, *self.labels, 0) < 0:
            raise ValueError(f"`inputs` and `labels` must be zero or more; got {self.inputs} and {self.labels}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"`dropout` must be in [0, 1); got {self.dropout}. At 1 nothing would be left.")

    def __bool__(self) -> bool:
        return self.inputs > 0 or any(self.labels) or self.dropout > 0


def draws_per_step(shape: tuple[int, ...], seeds: Sequence[int], like: Tensor) -> Iterator[Tensor]:
    """Yield standard normal numbers [seed ...], one draw per step, for ever, from every seed's own stream."""
    streams = [np.random.default_rng([seed, _STREAM_OF_METHODS]) for seed in seeds] if prod(shape) else []
    while True:
        drawn = [stream.standard_normal((_BLOCK, *shape), dtype=np.float32) for stream in streams]
        yield from torch.from_numpy(np.stack(drawn, axis=1)).to(like) if drawn else [like.new_empty(len(seeds), *shape)]


class Blur:
    """The noise of a chunk of seeds, from every seed's own stream."""

    def __init__(self, noise: FreshNoise, seeds: Sequence[int], *, n_samples: int, shape: tuple[int, ...], n_units: int) -> None:
        self._noise, self._n_samples, self._shape, self._n_units = noise, n_samples, shape, n_units
        self._streams = [np.random.default_rng([seed, _STREAM]) for seed in seeds]

    def __call__(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Add noise to the samples of some steps [step seed sample ...], and return the factors on hidden units, if any.

        Samples that were added as padding stay as they are.
        """
        noise, n_steps, n_samples = self._noise, len(x), self._n_samples
        x = x.expand(-1, len(self._streams), *x.shape[2:]).clone()
        y = y.expand(-1, len(self._streams), -1, -1).clone()
        if noise.inputs:
            inputs = x[:, :, :n_samples, : self._shape[0]]  # a stack may have added features of its own behind them
            inputs += noise.inputs * self._normal((n_steps, n_samples, *self._shape), x)
        if any(noise.labels):
            labels = y[:, :, :n_samples, : len(noise.labels)]  # weights of samples may stand behind them
            labels += self._normal((n_steps, n_samples, len(noise.labels)), y) * y.new_tensor(noise.labels)
        if not noise.dropout:
            return x, y, None
        drawn = [stream.random((n_steps, self._n_units, x.shape[2]), dtype=np.float32) for stream in self._streams]
        kept = torch.from_numpy(np.stack(drawn, axis=1) >= noise.dropout).to(x)
        return x, y, kept / (1 - noise.dropout)

    def _normal(self, shape: tuple[int, ...], like: Tensor) -> Tensor:
        return torch.from_numpy(np.stack([stream.standard_normal(shape, dtype=np.float32) for stream in self._streams], axis=1)).to(like)
