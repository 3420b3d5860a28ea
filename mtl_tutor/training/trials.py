"""Trials before the training: whether a model does what the engine can repeat for many seeds."""

import copy
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mtl_tutor.tasks import TaskData
from mtl_tutor.training.threads import alone

_REMEDIES = {
    "Batching rule": "Build it from other torch operations",
    ".item()": "Keep numbers in tensors: no `.item()`, `float()` or `int()`",
    "_local_scalar_dense": "Keep numbers in tensors: no `.item()`, `float()` or `int()`",
    "control flow": "Use torch.where in place of `if`",
    "GuardOnDataDependent": "Use torch.where in place of `if`",
    "random": "Draw nothing in it; FreshNoise draws per seed, and a balancing method gets `noise`",
    "inplace": "Calculate a new tensor in place of changing one",
    "in-place": "Calculate a new tensor in place of changing one",
    "numpy": "Use torch operations only",
}
"""What torch's own text about stacked nets contains -> what to do."""

TRIES = 3


def answers_of(model: nn.Module, data: TaskData, dtype: torch.dtype, rows: tuple[int, ...] = (0, 1)) -> Any:
    """Return the untrained model's answers to the first two samples, or to others.

    Raises
    ------
    ValueError
        The model raises an error.
    """
    return _answer(copy.deepcopy(model).to("cpu", dtype), _samples(data, dtype, rows), data)


def _samples(data: TaskData, dtype: torch.dtype, rows: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(data.train.x[[row for row in rows if row < len(data.train)]]).to(dtype)


def _answer(net: nn.Module, x: Tensor, data: TaskData, seed: int = 0) -> Any:
    try:
        with other_random_numbers(seed):
            return net(x)
    except Exception as error:  # whatever the reader's own code raises
        where = _place_of(error, net)
        raise ValueError(
            f"`model` must accept x of shape {('sample', *data.train.x.shape[1:])}".replace("'", "")
            + f"; its forward{where} raised {type(error).__name__}: {' '.join(str(error).split())}"
        ) from error


@contextmanager
def other_random_numbers(seed: int) -> Iterator[None]:
    """Let torch's global generator yield this seed's numbers, and put it back afterwards."""
    with alone(), torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


def check_repeatable(model: nn.Module, data: TaskData, dtype: torch.dtype) -> None:
    """Require that a model answers the same samples alike at every call, each by itself, and changes nothing on the way.

    The step is recorded once and replayed, and many nets are calculated together.

    Raises
    ------
    ValueError
        Answers that are random, that count calls, that depend on the other samples, or buffers that change.
    """
    net, x = copy.deepcopy(model).to("cpu", dtype), _samples(data, dtype, (0, 1))
    buffers = {name: value.clone() for name, value in net.named_buffers()}
    plain = _plain_values(net)
    first, *others = ([output.clone() for output in _answer(net, x, data, seed)] for seed in range(TRIES))
    for name, value in net.named_buffers():
        if name not in buffers or not same(value, buffers[name]):
            raise ValueError(f"`model` must not change its buffers in forward; `{name}` changes. Calculate it from x, or keep it constant.")
    if changed := [name for name, value in _plain_values(net).items() if plain.get(name, value) != value]:
        raise ValueError(f"`model` must not count or remember in forward; `{changed[0]}` changes from call to call. Leave it constant.")
    if not all(same(a, b) for again in others for a, b in zip(first, again, strict=True)):
        raise ValueError(
            "`model` must answer the same samples alike at every call; its forward draws random numbers or remembers. "
            "Use `noise=FreshNoise(…)`, which draws per seed."
        )
    _check_apart(net, data, dtype)


def _check_apart(net: nn.Module, data: TaskData, dtype: torch.dtype) -> None:
    """Require that an answer doesn't depend on which other samples are asked about."""
    x = data.train.x
    other = next((row for row in range(1, len(x)) if not np.array_equal(x[row], x[0])), None)
    if other is None:
        return
    alike, mixed = (_answer(net, _samples(data, dtype, rows), data) for rows in ((0, 0), (0, other)))
    for one, both in zip(alike, mixed, strict=True):
        gap, size = (one[0] - both[0]).abs().max(), max(1e-3, float(both.abs().max()))
        if gap > 1e-3 * size:
            raise ValueError(
                "`model` must answer each sample by itself; its answer to the first sample depends on the second. Work along the other "
                "axes: LayerNorm or GroupNorm in place of batch statistics, batch_first=True for attention."
            )


def _plain_values(net: nn.Module) -> dict[str, Any]:
    return {
        f"{prefix}.{name}".lstrip("."): value if isinstance(value, (bool, int, float, str)) else copy.copy(value)
        for prefix, module in net.named_modules()
        for name, value in vars(module).items()
        if isinstance(value, (bool, int, float, str)) or (isinstance(value, list) and all(isinstance(one, (int, float)) for one in value))
    }


def same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.equal(one.nan_to_num(), other.nan_to_num())


def told(error: Exception, net: nn.Module, method: object = None) -> ValueError:
    """Say in a sentence why a step can't be recorded for many nets at once: whose code it is, and what to use instead."""
    text = " ".join(str(error).split())
    remedy = next((words for clue, words in _REMEDIES.items() if clue.lower() in text.lower()), "Use plain torch operations")
    owner = next((frame.f_locals.get("self") for frame in _frames(error) if frame.f_locals.get("self") is method), None)
    whose = f"`model` must do what works for many nets at once; its forward{_place_of(error, net)} doesn't"
    if method is not None and owner is method:
        whose = f"`method` ({type(method).__name__}) must do what works for many nets at once"
    return ValueError(f"{whose}: {text[:160]} {remedy}.")


def _frames(error: Exception) -> list[Any]:
    return [frame for frame, _ in traceback.walk_tb(error.__traceback__)][::-1]


def _place_of(error: Exception, net: nn.Module) -> str:
    """Name the innermost submodule in whose forward an error was raised."""
    names = {id(module): name for name, module in net.named_modules() if name}
    inner = next((frame.f_locals["self"] for frame in _frames(error) if id(frame.f_locals.get("self")) in names), None)
    return "" if inner is None else f" (`{names[id(inner)]}`, {type(inner).__name__})"
