"""A chunk of seeds: one task for joblib, one file of a checkpoint."""

import contextlib
import hashlib
import inspect
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import joblib
import numpy as np
import torch
from torch import Tensor, nn

from mtl_tutor import __version__
from mtl_tutor.tasks import TaskData
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
    nothing else: a seed's numbers are the same at every multiple of the least width. On the general path that is two
    vector registers, because torch calculates what is left over by other routines: no operation of a stack may leave a rest.
    On the fast path, the stack's own shapes see to that.

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
    least = _LEAST if fast else 2 * _register()
    floor = least if fast else WIDTH // 2  # many short operations: there, calls cost more than waiting for memory
    widest = max(floor, min(WIDTH, _CACHE // (n_values * itemsize or 1) // least * least))
    n_chunks = -(-n_seeds // widest)
    return -(-n_seeds // (n_chunks * least)) * least


def _register() -> int:
    """Numbers of single precision in the widest vector register that torch uses here."""
    return 16 if torch.backends.cpu.get_cpu_capability().startswith("AVX512") else 8


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
        path = self.folder / f"{self._key(data, start, seeds, lr)}.npz" if self.folder else None
        found = _read(path) if path else None
        if found is None:
            found = run(self.model, data, self.settings, start, seeds, lr, self.recorded, weights, len(self.seeds))
            found = {name: values[: len(self.seeds)] for name, values in found.items()}
            if path:
                _write(path, found)
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

    def _key(self, data: Sequence[TaskData], start: Mapping[str, Tensor], seeds: Sequence[int], lr: Sequence[float]) -> str:
        """A fingerprint of everything that decides the chunk's numbers."""
        key = hashlib.sha256()
        for part in (__version__, self.settings, *_code(self.settings.method), repr(self.model), seeds, lr, data[0].tasks):
            key.update(repr(part).encode())
        for function in filter(None, (*self.settings.losses, *self.settings.metrics, self.settings.callback)):
            key.update("".join(_code_of_function(function)).encode())
        for array in self._weights(data, self.data_seeds):
            key.update(array.tobytes())
        for module in self.model.modules():
            for part in _code(module):
                key.update(part.encode())
        for name, value in start.items():
            key.update(name.encode() + value.numpy().tobytes())
        for one in data:
            for name, split in one.splits().items():
                key.update(name.encode() + split.x.tobytes() + split.y.tobytes())
        return key.hexdigest()[:32]


def _code(thing: object) -> Iterator[str]:
    """What a method or a module is: its class, the class's source where there is one, and its plain settings."""
    kind = type(thing)
    yield f"{kind.__module__}.{kind.__qualname__}"
    if not kind.__module__.startswith("torch."):
        with contextlib.suppress(OSError, TypeError):  # no source: typed into a console
            yield inspect.getsource(kind)
    plain = (bool, int, float, str, tuple, type, type(None))
    yield repr(sorted((name, value) for name, value in vars(thing).items() if isinstance(value, plain)))


def _code_of_function(function: Any) -> Iterator[str]:
    """A function's operations, its source where there is one, and what it was given when it was made."""
    if isinstance(function, partial):
        yield from _code_of_function(function.func)
        yield str(joblib.hash((function.args, function.keywords)))
    elif isinstance(function, FunctionType):
        with contextlib.suppress(OSError, TypeError):
            yield inspect.getsource(function)
        code = function.__code__
        constants = [constant for constant in code.co_consts if not isinstance(constant, CodeType)]
        yield repr((code.co_code, code.co_names, constants)) + str(joblib.hash(function.__defaults__))
        for cell in function.__closure__ or ():
            yield from _code_of_function(cell.cell_contents)
    else:
        yield from _code(function) if callable(function) else [str(joblib.hash(function))]


def _read(path: Path) -> dict[str, np.ndarray] | None:
    """A finished chunk, or None if it is not there or damaged."""
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
        return None


def _write(path: Path, found: Mapping[str, np.ndarray]) -> None:
    """Write the chunk whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.draft")
    with draft.open("wb") as file:
        np.savez(file, **found)  # type: ignore[arg-type]
    os.replace(draft, path)
