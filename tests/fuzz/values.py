"""Odd values: what a slip, a data frame or a misread docstring puts in the place of an argument."""

import random
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import Task, TaskData, sine_family

NAN, INF = float("nan"), float("inf")


class Alien:
    """An object that fits nowhere: whoever lets it pass has not looked."""

    def __repr__(self) -> str:
        return "Alien()"


NUMBERS = [0, 1, -1, 2, 7, 3.0, 0.5, -0.5, NAN, INF, -INF, 1e308, -1e308, 1e-320, 1e30, 10**9, 2**31 - 1, 2**63, 10**30, -(10**30)]
NUMBERS += [True, False, 1j, Fraction(1, 3), Decimal("0.5")]
NUMPY = [np.int64(3), np.uint8(2), np.int64(-1), np.float32(0.5), np.float16(NAN), np.bool_(True), np.array(3), np.datetime64("2024-01-01")]
WORDS = ["", "a", "3", "nan", "0.1", "None", b"a", "\n", "é" * 300, Path("nowhere")]
WORDS += ["\0", "\x07", "\ud800", "$", r"$\frac$", r"$\nosuch{$", "a\nb", "<b>&"]
EMPTY: list[Any] = [None, [], (), {}, set(), [[]], range(0), np.array([]), np.zeros((2, 0)), pd.DataFrame()]
LISTS: list[Any] = [[1], [0, 1], (1, 2), [1.5], ["a", "b"], [None], [NAN, 1.0], [True, False], [[1, 2], [3]], range(2), {"a": 1}, {1, 2}]
LISTS += [[10**9], [-1], ["a", 1], ("a", "a"), [[0, 1], [1, 0]], {"a": None}]
ARRAYS: list[Any] = [np.arange(3), np.arange(3.0), np.array([True, False]), np.array(["a"]), np.array([None]), np.zeros((2, 2))]
ARRAYS += [np.full((3, 2), NAN), np.full(4, INF), np.zeros((2, 2, 2)), np.ones((3, 2), dtype=complex)]
ARRAYS += [np.ma.masked_array([1.0, 2.0], [0, 1]), np.array(["2024-01-01"], dtype="M8[D]")]
ARRAYS += [np.full((5, 3), 1e300), np.ones((8, 1), dtype=np.float16)]
FRAMES: list[Any] = [pd.Series([1.0, NAN]), pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), pd.Timestamp("2024-01-01"), pd.NA]
FRAMES += [pd.Categorical(["a", "b"])]
THINGS: list[Any] = [Alien(), object(), len, int, np.ndarray, np, nn.ReLU, nn.ReLU(), nn.Linear(3, 4), HardSharing, Task, TaskData]
THINGS += [Task("a"), HardSharing(1, 2), sine_family(2, 8), torch.tensor(3), torch.zeros(2, 2), slice(3)]
THINGS += [lambda: None, lambda *args, **kwargs: None]
ODD = [*NUMBERS, *NUMPY, *WORDS, *EMPTY, *LISTS, *ARRAYS, *FRAMES, *THINGS]


def odd(rng: random.Random, value: Any) -> Any:
    """Something odd in the place of a valid value: a changed copy of it, or anything at all."""
    changes = changed(value)
    return rng.choice(changes)() if changes and rng.random() < 0.4 else rng.choice(ODD)


def changed(value: Any) -> list[Callable[[], Any]]:
    """Ways to change a valid value a little."""
    if isinstance(value, np.ndarray):
        return _changed_arrays(value)
    if isinstance(value, (bool, str)) or value is None:
        text = str(value)
        return [lambda: [value], lambda: np.array(value), lambda: text, lambda: text.upper(), lambda: text[:-1], lambda: 1]
    if isinstance(value, (int, float)):
        ways = [lambda: -value, lambda: value + 0.5, lambda: value * 1e300, lambda: str(value), lambda: [value], lambda: (value, value)]
        ways += [lambda: np.array(value), lambda: np.array([value]), lambda: np.float64(value)]
        return [*ways, lambda: float(value), lambda: value + 1]
    if isinstance(value, (list, tuple)):
        same: Callable[[Any], Any] = type(value)
        ways = [list, lambda: [*value, *value], lambda: value[::-1], lambda: value[:-1], lambda: iter(value)]
        ways.append(lambda: np.array([*value], dtype=None if {*map(type, value)} <= {int, float, str} else object))
        return [*ways, lambda: same([*value[:-1], None]), lambda: same([*value[:-1], NAN]), lambda: same([str(one) for one in value])]
    if isinstance(value, bytes):
        return _changed_bytes(value)
    if isinstance(value, dict):
        return [dict, lambda: list(value), lambda: {**value, "another": 1}, lambda: dict.fromkeys(value), lambda: [value]]
    if callable(value) and not isinstance(value, (type, nn.Module)):
        return [lambda result=result: lambda *args, **kwargs: result for result in (None, "a", NAN, 1, [], np.zeros(2), Alien())]
    if isinstance(value, type):
        return [lambda: value.__name__, lambda: [value], lambda: object]
    return [lambda: [value], lambda: type(value), lambda: {"data": value}, lambda: repr(value)]


def _changed_arrays(value: np.ndarray) -> list[Callable[[], Any]]:
    def with_one(entry: float) -> np.ndarray:
        array = np.array(value, dtype=float)
        array.flat[:1] = entry
        return array

    if value.dtype.kind not in "biuf":
        return [lambda: value[:0], lambda: value[::2], lambda: value.tolist(), lambda: value.astype(object), lambda: pd.Series(value)]
    ways = [lambda: value[:0], lambda: value[:1], lambda: value.T, lambda: value[None], lambda: value[0] if len(value) else value]
    ways += [lambda kind=kind: value.astype(kind) for kind in (int, str, bool, complex, object, np.float32)]
    ways += [lambda entry=entry: with_one(entry) for entry in (NAN, INF, 1e300, -1.0, 0.5)]
    ways += [lambda: value * 1e300, lambda: value * 0, lambda: value * -1, lambda: np.ma.masked_array(value, value > 0)]
    ways.append(lambda: value.tolist())
    return [*ways, lambda: pd.DataFrame(value.reshape(len(value), -1)), lambda: value[::2], lambda: np.concatenate([value, value])]


def _changed_bytes(value: bytes) -> list[Callable[[], Any]]:
    """A file that was cut off, has other bits at one place, or is another one."""
    places = range(0, len(value), max(1, len(value) // 12))
    flipped = [lambda at=at: value[:at] + bytes([value[at] ^ 0x41]) + value[at + 1 :] for at in places]
    cut = [lambda at=at: value[:at] for at in places]
    return [*flipped, *cut, lambda: value[::-1], lambda: value + value, lambda: bytes(len(value)), lambda: value.replace(b"1", b"9")]
