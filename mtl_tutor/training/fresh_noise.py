"""Noise that is drawn anew at every step of training, and is gone when a net is judged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

_STREAM = 0xF5E5  # any number: it keeps this noise apart from other streams that begin with the seed


@dataclass(frozen=True)
class FreshNoise:
    """Blur what a net sees in training, so that it can't learn single samples by heart.

    Parameters
    ----------
    inputs : standard deviation of what is added to every input.
    labels : one standard deviation per task, of what is added to its labels; for regressions.
    dropout : share of the hidden units that are silent at a step; the others are scaled up by 1 / (1 - dropout).

    Raises
    ------
    ValueError : a negative standard deviation, or a share outside [0, 1).

    Source: input noise as in Bishop (1995), dropout as in Srivastava et al. (2014). Departures: dropout is drawn for hidden
    units only.
    """

    inputs: float = 0.0
    labels: tuple[float, ...] = ()
    dropout: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(float(sd) for sd in self.labels))
        if not all(0 <= sd < float("inf") for sd in (self.inputs, *self.labels)):
            raise ValueError(f"`inputs` and `labels` must be zero or more; got {self.inputs} and {self.labels}.")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"`dropout` must be in [0, 1); got {self.dropout}. At 1 nothing would be left.")

    def __bool__(self) -> bool:
        return self.inputs > 0 or any(self.labels) or self.dropout > 0


class Blur:
    """A chunk's noise, from every seed's own stream."""

    def __init__(self, noise: FreshNoise, seeds: Sequence[int], *, n_samples: int, n_features: int, n_units: int) -> None:
        self._noise, self._n_samples, self._n_features, self._n_units = noise, n_samples, n_features, n_units
        self._streams = [np.random.default_rng([seed, _STREAM]) for seed in seeds]

    def __call__(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Blur the samples of some steps [step seed sample ...]; and say which units are kept, by what factor.

        What samples are filled up with, to suit a stack, stays as it is.
        """
        noise, n_steps, n_samples = self._noise, len(x), self._n_samples
        x = x.expand(-1, len(self._streams), -1, -1).clone()
        y = y.expand(-1, len(self._streams), -1, -1).clone()
        if noise.inputs:
            x[:, :, :n_samples, : self._n_features] += noise.inputs * self._normal((n_steps, n_samples, self._n_features), x)
        if any(noise.labels):
            y[:, :, :n_samples] += self._normal((n_steps, n_samples, len(noise.labels)), y) * y.new_tensor(noise.labels)
        if not noise.dropout:
            return x, y, None
        drawn = [stream.random((n_steps, self._n_units, x.shape[2]), dtype=np.float32) for stream in self._streams]
        kept = torch.from_numpy(np.stack(drawn, axis=1) >= noise.dropout).to(x)
        return x, y, kept / (1 - noise.dropout)

    def _normal(self, shape: tuple[int, ...], like: Tensor) -> Tensor:
        return torch.from_numpy(np.stack([stream.standard_normal(shape, dtype=np.float32) for stream in self._streams], axis=1)).to(like)
