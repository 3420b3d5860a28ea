"""Any object at all, for checkers of exercises: numbers, arrays, tensors, containers, modules, classes, and functions that go wrong."""

import itertools
import random
import types
import warnings
from collections import OrderedDict, UserList, defaultdict, deque, namedtuple
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from mtl_tutor.sharing import HardSharing, MMoE
from mtl_tutor.tasks import digits, mixtures, needed_answer, products, sine_family
from tests.fuzz.values import ODD, changed

DTYPES = ["bool", "int8", "uint8", "int16", "int64", "uint64", "float16", "float32", "float64", "longdouble", "complex64", "complex128"]
DTYPES += ["object", "U3", "S3", "M8[D]", "m8[s]", "V4", "i4,f8", ">f4"]
TORCH_DTYPES = [torch.bool, torch.uint8, torch.int8, torch.int32, torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64]
TORCH_DTYPES += [torch.complex64, torch.complex128]
SHAPES = [(), (0,), (1,), (2,), (3,), (8,), (10,), (32,), (200,), (1024,), (0, 3), (1, 1), (2, 2), (4, 2), (16, 6), (32, 2), (100, 64)]
SHAPES += [(32, 5), (1024, 10), (40, 15), (2, 3, 4), (3, 2, 2), (1, 1, 1, 1), (2, 0, 2), (1,) * 12]
VALUES = [0, 1, -1, 0.5, 1e-320, 1e300, float("nan"), float("inf")]


class Hostile:
    """An object whose every answer is an error."""

    def __getattr__(self, name: str) -> Any:
        raise ZeroDivisionError(name)

    def _no(self, *given: Any) -> Any:
        raise ZeroDivisionError("hostile")

    __len__ = __iter__ = __getitem__ = __bool__ = __float__ = __int__ = __index__ = __eq__ = __lt__ = __array__ = __repr__ = __add__ = _no
    __hash__ = None  # type: ignore[assignment]


class Liar:
    """An object that says that it is an array."""

    shape, dtype, ndim = (3,), "float64", 1

    def __len__(self) -> int:
        return 3

    def tolist(self) -> Any:
        return {"no": "list"}


class OddError(Exception):
    """An error that cannot be printed."""

    def __str__(self) -> str:
        raise ValueError("no words")


class Broken(nn.Module):
    """A module whose answers are whatever is wanted, or an error."""

    def __init__(self, result: Any = None, error: BaseException | None = None) -> None:
        super().__init__()
        self.weight, self.result, self.error = nn.Parameter(torch.ones(3)), result, error

    def forward(self, *given: Any) -> Any:
        if self.error:
            raise self.error
        return self.result


ERRORS = [
    ValueError("no"),
    TypeError("`x` must be odd"),
    KeyError("x"),
    IndexError(),
    StopIteration(),
    AssertionError(),
    RuntimeError("a\nb"),
]
ERRORS += [
    OSError(2, "no file"),
    RecursionError("deep"),
    MemoryError(),
    OddError(),
    NotImplementedError(),
    UnicodeError("\ud800"),
    Exception(5),
]
ERRORS += [SystemExit(1), GeneratorExit(), Warning("w"), OverflowError(), torch.linalg.LinAlgError("singular")]
Pair = namedtuple("Pair", "a b")


def anything(rng: random.Random, right: Any = None) -> Any:
    """Draw any object; where a right answer is given, one in eight is that answer, changed.

    Parameters
    ----------
    rng : Random
        What draws.
    right : object
        The answer of the book to the exercise.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if right is not None and rng.random() < 1 / 8:
            return _spoiled(rng, right)
        is_called = callable(right) and rng.random() < 0.5
        return _function(rng) if is_called else rng.choice(KINDS)(rng)


def _number(rng: random.Random) -> Any:
    value = rng.choice([0, 1, -1, 2, 10, 23, rng.randint(-100, 100), rng.gauss(0, 1), 10 ** rng.randint(0, 400), -(10**5000), *VALUES])
    kinds: list[Callable[[Any], Any]] = [lambda v: v, float, complex, np.float64, np.float32, np.float16, np.longdouble, np.array, bool]
    kinds += [torch.tensor, np.complex64, str, lambda v: nn.Parameter(torch.tensor(float(v))), lambda v: np.int64(v), lambda v: np.bool_(v)]
    return _or(lambda: rng.choice(kinds)(value), value)


def _array(rng: random.Random) -> Any:
    shape, dtype = rng.choice(SHAPES), rng.choice(DTYPES)
    value = rng.choice(VALUES)
    made = _or(lambda: np.full(shape, value).astype(dtype), _or(lambda: np.zeros(shape, dtype), np.zeros(shape)))
    ways = [
        lambda a: a,
        lambda a: a.T,
        lambda a: a.tolist(),
        np.asfortranarray,
        lambda a: np.ma.masked_array(a, a == a),
        np.matrix,
        pd.Series,
    ]
    ways += [
        pd.DataFrame,
        lambda a: a.astype(object),
        lambda a: a[::-1],
        lambda a: np.broadcast_to(a, (2, *a.shape)),
        _frozen,
        np.rec.array,
    ]
    return _or(lambda: rng.choice(ways)(made), made)


def _frozen(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def _tensor(rng: random.Random) -> Any:
    shape, dtype, value = rng.choice(SHAPES), rng.choice(TORCH_DTYPES), rng.choice([0, 1, -1, 0.5, float("nan"), float("inf")])
    made = _or(lambda: torch.full(shape, value).to(dtype), torch.zeros(shape))
    ways: list[Callable[[Any], Any]] = [lambda t: t, lambda t: t.to("meta"), lambda t: t.requires_grad_(), lambda t: t.to_sparse()]
    ways += [nn.Parameter, lambda t: t.requires_grad_().square(), lambda t: t.expand(3, *t.shape), lambda t: t.T, lambda t: [t, t]]
    ways += [lambda t: tuple(t), lambda t: t.tolist(), lambda t: torch.nested.nested_tensor([t, t]), torch.jit.trace]
    ways += [lambda t: torch.quantize_per_tensor(t.float(), 0.1, 0, torch.qint8), lambda t: t.conj(), lambda t: t.untyped_storage()]
    return _or(lambda: rng.choice(ways)(made), made)


def _container(rng: random.Random, depth: int = 0) -> Any:
    inner = [
        anything(rng) if depth > 1 else _container(rng, depth + 1) if rng.random() < 0.2 else _simple(rng) for _ in range(rng.randint(0, 5))
    ]
    ways: list[Callable[[Any], Any]] = [list, tuple, set, frozenset, deque, UserList, iter, lambda xs: dict(enumerate(xs)), _endless]
    ways += [lambda xs: {str(k): x for k, x in enumerate(xs)}, lambda xs: OrderedDict.fromkeys(map(str, xs)), lambda xs: (x for x in xs)]
    ways += [lambda xs: map(str, xs), lambda xs: zip(xs, xs, strict=True), lambda xs: [xs, xs[:1]], lambda xs: defaultdict(list, a=xs)]
    ways += [lambda xs: Pair(xs, xs), _own_part, _deep, lambda xs: np.array([*xs, None], dtype=object), lambda xs: [[x] * 3 for x in xs]]
    ways += [lambda xs: {"x": xs}.values(), lambda xs: {"x": xs}.keys(), lambda xs: types.MappingProxyType({"a": xs}), enumerate]
    return _or(lambda: rng.choice(ways)(inner), inner)


def _endless(_: Any) -> Any:
    return itertools.count()


def _own_part(parts: list[Any]) -> list[Any]:
    parts.append(parts)
    return parts


def _deep(_: Any) -> Any:
    made: Any = 1
    for _ in range(3000):
        made = [made]
    return made


def _simple(rng: random.Random) -> Any:
    return rng.choice([_number, _array, _tensor, _word, lambda rng: rng.choice(ODD)])(rng)


def _word(rng: random.Random) -> Any:
    return rng.choice(
        ["", "A", "b", "mixed", "one trunk", "mean", "nan", "1", "é" * 500, "\ud800", "a\nb", "`x`", b"", b"\xff", bytearray(3), r"\frac"]
    )


def _module(rng: random.Random) -> Any:
    n_in, n_out = rng.choice([(1, 1), (2, 3), (6, 2), (6, 8), (10, 1), (20, 1), (64, 10), (64, 64), (15, 1)])
    layers = [nn.Linear(n_in, n_out), nn.ReLU(), nn.Identity(), nn.Sequential(), nn.ModuleList([nn.Linear(n_in, 1)]), nn.LazyLinear(n_out)]
    layers += [
        nn.Sequential(nn.Linear(n_in, 8), nn.BatchNorm1d(8), nn.Linear(8, n_out)),
        nn.Dropout(),
        nn.LSTM(n_in, 4),
        nn.Embedding(3, 2),
    ]
    layers += [HardSharing(n_in, 4, n_tasks=2), HardSharing(20, 32, n_tasks=1), MMoE(4, 5, n_experts=3), nn.Linear(n_in, n_out).double()]
    layers += [Broken(rng.choice(ODD)), Broken(error=rng.choice(ERRORS)), Broken(torch.full((100, 8), float("nan"))), nn.Flatten(0)]
    layers += [nn.Linear(n_in, n_out, device="meta"), nn.Linear(n_in, n_out).requires_grad_(False), nn.ParameterList([torch.ones(2)])]
    return rng.choice(layers)


def _thing(rng: random.Random) -> Any:
    return rng.choice(_things())


@cache
def _things() -> list[Any]:
    things: list[Any] = [*ODD, Hostile(), Liar(), Hostile, nn.Module, nn.Linear, np, torch, Ellipsis, NotImplemented, exit]
    things += [
        torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.1),
        torch.Generator(),
        np.random.default_rng(0),
        np.random,
        slice(1),
    ]
    things += [
        sine_family(2, 8),
        mixtures(2),
        products(n_samples=80),
        digits(20),
        needed_answer(2, 100).data,
        type,
        property(),
        memoryview(b"ab"),
    ]
    things += [staticmethod(len), np.dtype("f4"), torch.float32, torch.device("cpu"), pd.Index([1, 2]), pd.Timedelta(1), np.ufunc, np.add]
    return things


def _function(rng: random.Random) -> Any:
    result, error, kind = _result(rng), rng.choice(ERRORS), rng.randrange(13)

    def raises(*given: Any) -> Any:
        raise error

    def spoils(*given: Any) -> Any:
        for one in given:
            _or(lambda one=one: _spoil(one), None)
        return given[0] if given and rng.random() < 0.5 else result

    def yields(*given: Any) -> Any:
        yield result

    async def later(*given: Any) -> Any:
        return result

    def calls(*given: Any) -> Any:
        return next((one() for one in given if callable(one)), result)

    wrong = [lambda: result, lambda a: result, lambda a, b: result, lambda a, b, c, d, e, f, g: result, lambda *, x: result]
    made = [lambda *given: result, lambda *given: result, lambda *given: result, lambda *given: _result(rng), lambda *given: given]
    made += [lambda *given: given[0], raises, spoils, yields, later, calls, lambda *given: lambda: result]
    return rng.choice(wrong) if kind == 12 else made[kind]


def _spoil(one: Any) -> None:
    """Change an argument in place."""
    if isinstance(one, np.ndarray):
        one.fill(np.nan)
    elif isinstance(one, torch.Tensor):
        one.data.resize_(0)
    elif isinstance(one, nn.Module):
        one.to("meta")
    else:
        one.clear()


def _result(rng: random.Random) -> Any:
    return rng.choice([_simple, _simple, _container, _module, _thing])(rng)


def _spoiled(rng: random.Random, right: Any) -> Any:
    """A right answer, a little changed; of a function, its result."""
    if not callable(right) or isinstance(right, (nn.Module, type)):
        return rng.choice(changed(right))()
    how, seed = rng.randrange(6), rng.random()

    def spoiled(*given: Any) -> Any:
        found, mine = right(*given), random.Random(seed)
        if how == 0:
            return found
        if isinstance(found, torch.Tensor):
            ways = [
                lambda t: t.detach(),
                lambda t: t.double(),
                lambda t: t.half(),
                lambda t: t[None],
                lambda t: t.to("meta"),
                lambda t: t * 1e30,
            ]
            ways += [
                lambda t: t * float("nan"),
                lambda t: t.numpy(),
                lambda t: t.tolist(),
                lambda t: t.to(torch.complex64),
                lambda t: t > 0,
            ]
            return _or(lambda: mine.choice(ways)(found), found)
        return _or(lambda: mine.choice(changed(found))(), found)

    return spoiled


def _or(make: Callable[[], Any], other: Any) -> Any:
    """What is made, or, where that is impossible, something else."""
    try:
        return make()
    except Exception:
        return other


KINDS: list[Callable[[random.Random], Any]] = [_number, _array, _tensor, _container, _word, _module, _thing, _function]
