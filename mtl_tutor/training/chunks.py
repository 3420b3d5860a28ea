"""A chunk of seeds: one task for joblib, one file of a checkpoint."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from mtl_tutor import __version__
from mtl_tutor.keys import NoKeyError, key_of
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import checkpoints
from mtl_tutor.training.any_module import Recorded
from mtl_tutor.training.checks import check_same_form
from mtl_tutor.training.loop import Settings, run
from mtl_tutor.training.replicas import Given, replicas
from mtl_tutor.training.weights import SampleWeight, sample_weight_of

WIDTH = 64
"""Nets per chunk at most: 64 small ones share the price of a call."""

_CACHE = 16 * 2**20  # bytes that a chunk's nets may take up together; beyond it, every pass waits for memory
_LEAST = 4  # torch multiplies a batch of one by another routine, with other last digits


def width_of(model: nn.Module, n_seeds: int, *, n_samples: int, itemsize: int, fast: bool) -> int:
    """How many nets each chunk of a call has; where seeds are missing, the first is repeated.

    Chunks are of equal size, so that one recording of the step serves them all. Which width is taken changes speed and
    nothing else: a seed's numbers are the same at every multiple of the least width.

    Parameters
    ----------
    model : nn.Module
        One net.
    n_seeds : int
        Seeds of the call.
    n_samples : int
        Samples per step.
    itemsize : int
        Bytes of a number.
    fast : bool
        Whether the fast path trains the model.

    Returns
    -------
    int
        Nets per chunk.
    """
    shapes = [p.shape for p in model.parameters()]
    n_values = sum(6 * shape.numel() + 2 * n_samples * shape[0] for shape in shapes if shape)  # six pages of parameters
    floor = _LEAST if fast else WIDTH // 2  # many short operations: there, calls cost more than waiting for memory
    widest = max(floor, min(WIDTH, _CACHE // (n_values * itemsize or 1) // _LEAST * _LEAST))
    n_chunks = -(-n_seeds // widest)
    return -(-n_seeds // (n_chunks * _LEAST)) * _LEAST


@dataclass(frozen=True)
class Chunk:
    """What a worker has to know to train some seeds."""

    model: nn.Module
    data: TaskData | Callable[[int], TaskData]
    settings: Settings
    seeds: tuple[int, ...]
    lr: tuple[float, ...]
    width: int
    folder: Path | None
    recorded: Recorded = field(default_factory=dict)
    given: Given = field(default_factory=dict)
    data_seeds: tuple[int, ...] = ()
    sample_weight: SampleWeight = None

    def train(self) -> dict[str, np.ndarray]:
        """Train the chunk's seeds, or read them from the checkpoint if they are there."""
        fill = self.width - len(self.seeds)
        seeds, lr = self.seeds + self.seeds[:1] * fill, self.lr + self.lr[:1] * fill
        data_seeds = self.data_seeds + self.data_seeds[:1] * fill or seeds
        data = self._data(data_seeds)
        weights = self._weights(data, data_seeds)
        given = {name: np.concatenate([value, *[value[:1]] * fill]) for name, value in self.given.items()}
        start = replicas(self.model, seeds, given)
        path = self._path(data, start, seeds, lr)
        found = checkpoints.read(path, len(self.seeds)) if path else None
        if found is None:
            found = run(self.model, data, self.settings, start, seeds, lr, self.recorded, weights, len(self.seeds))
            found = {name: values[: len(self.seeds)] for name, values in found.items()}
            if path:
                checkpoints.write(path, found)
        return found

    def _data(self, seeds: Sequence[int]) -> list[TaskData]:
        if isinstance(self.data, TaskData):
            return [self.data]
        made = {seed: self.data(seed) for seed in dict.fromkeys(seeds)}
        for seed, data in made.items():
            check_same_form(data, made[seeds[0]], seed)
        return [made[seed] for seed in seeds]

    def _weights(self, data: Sequence[TaskData], seeds: Sequence[int]) -> list[np.ndarray]:
        """Weights of the training samples, one entry per entry of `data`; no entries if there are none."""
        weight = self.sample_weight
        if weight is None:
            return []
        return [sample_weight_of(weight(seed) if callable(weight) else weight, one) for seed, one in zip(seeds, data, strict=False)]

    def _path(self, data: Sequence[TaskData], start: Mapping[str, Tensor], seeds: Sequence[int], lr: Sequence[float]) -> Path | None:
        """The chunk's file, named after everything that decides its numbers; None if nothing is kept."""
        if self.folder is None:
            return None
        samples = [(name, split.x, split.y) for one in data for name, split in one.splits().items()]
        settings = [(each.name, getattr(self.settings, each.name)) for each in fields(self.settings)]
        weights = self._weights(data, self.data_seeds)
        try:
            key = key_of(__version__, torch.__version__, settings, self.model, dict(start), seeds, lr, data[0].tasks, samples, weights)
        except NoKeyError as error:
            sentence = f"`checkpoint` keeps nothing: model, method or losses hold {error}. Give it in another form."
            warnings.warn(sentence, UserWarning, stacklevel=2)
            return None
        return self.folder / f"{key[:32]}.npz"
