"""Types of arguments, checked alike at every public door: one sentence with parameter, rule and finding.

`@checked` reads a function's own annotations, so what a signature says is what is enforced. NumPy's numbers become
Python's on the way. Ranges that a type cannot tell are checked by the functions themselves.
"""

import difflib
import inspect
import math
import numbers
import os
import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from functools import cache, wraps
from typing import Any, Literal, TypeVar, Union

import numpy as np

__all__ = [
    "checked",
    "check_as",
    "check_fields",
    "check_least",
    "check_limits",
    "check_named",
    "check_path",
    "check_real",
    "check_room",
    "check_size",
    "check_whole",
    "shown",
]

Door = TypeVar("Door", bound=Callable[..., Any])

MOST = 2**31 - 1
"""The largest count: more samples, units or steps than that are a slip of the keyboard."""

ROOM = 2**28
"""The most numbers that one array may hold: 2 GB in double precision."""

SINGLE = float(np.finfo(np.float32).max)
"""The largest number of single precision, in which nets are trained."""

DOUBLE = 1e50
"""The largest number of double precision whose products of squares are finite too."""

_KINDS = {"Float": "biuf", "Num": "biuf", "Int": "iu", "Integer": "iu", "Bool": "b"}
"""The first word of a jaxtyping annotation -> the kinds of NumPy arrays that it takes."""


def checked(door: Door) -> Door:
    """Check the types of all arguments before a function, or a class's `__init__`, runs.

    Parameters
    ----------
    door : function or class
        What it annotates is enforced: whole numbers, finite numbers, True or False, strings, `Literal` choices,
        sequences, dicts, NumPy arrays by kind and number of axes, and classes; in unions, any of them. A parameter
        called `seed`, or ending so, is zero or more, and so are the entries of `seeds`. Other annotations, and defaults, are let through.

    Returns
    -------
    function or class
        The same, with checks; for a class, the class itself.
    """
    if isinstance(door, type):
        door.__init__ = checked(door.__init__)  # type: ignore[misc]
        return door  # type: ignore[return-value]
    signature = inspect.signature(door)

    @wraps(door)
    def checking(*args: Any, **kwargs: Any) -> Any:
        try:
            given = signature.bind(*args, **kwargs)
        except TypeError:
            return door(*args, **kwargs)  # Python's own sentence about missing or unknown names
        hints = _hints(door)
        for name, value in given.arguments.items():
            parameter = signature.parameters[name]
            if name not in hints or value is parameter.default:
                continue
            if parameter.kind is parameter.VAR_POSITIONAL:
                given.arguments[name] = tuple(_accepted(name, hints[name], one) for one in value)
            elif parameter.kind is not parameter.VAR_KEYWORD:
                given.arguments[name] = _accepted(name, hints[name], value)
        return door(*given.args, **given.kwargs)

    return typing.cast(Door, checking)


def check_as(name: str, hint: Any, value: Any) -> Any:
    """Return a value as an annotation wants it; Python's own numbers in the place of NumPy's.

    Raises
    ------
    TypeError, ValueError
        It does not fit.
    """
    return _accepted(name, hint, value)


def check_fields(made: object) -> None:
    """Check the types of a dataclass's fields from its `__post_init__`, for all of its subclasses at once.

    Parameters
    ----------
    made : dataclass
        What its class annotates is enforced, as `checked` does.
    """
    for name, hint in _hints(inspect.unwrap(type(made).__init__)).items():
        if name in made.__dict__:
            object.__setattr__(made, name, _accepted(name, hint, made.__dict__[name]))


def check_whole(name: str, value: Any, least: int | None = None, most: int = MOST) -> int:
    """Return a whole number as Python's; NumPy's are welcome, True and 3.0 are not.

    Raises
    ------
    TypeError, ValueError
        No whole number, less than `least`, or more than `most`.
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        is_whole = isinstance(value, (float, np.floating)) and float(value).is_integer()
        raise TypeError(f"`{name}` must be a whole number; got {shown(value)}." + (f" Write {value:.0f}." if is_whole else ""))
    value = int(value)
    if least is not None and value < least:
        raise ValueError(f"`{name}` must be at least {least}; got {shown(value)}.")
    if value > most:
        raise ValueError(f"`{name}` must be at most {most}; got {shown(value)}.")
    return value


def check_real(name: str, value: Any) -> float:
    """Return a finite number as Python's; whole numbers and NumPy's are welcome, True is not.

    Raises
    ------
    TypeError, ValueError
        No number, or not finite.
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError(f"`{name}` must be a number; got {shown(value)}.")
    if not _is_finite(value):
        raise ValueError(f"`{name}` must be a finite number; got {shown(value)}.")
    if isinstance(value, int) and abs(int(value)) <= 2**53:  # beyond, NumPy would make objects of them
        return value
    return value if isinstance(value, float) and not isinstance(value, np.generic) else float(value)


def check_least(name: str, value: float, least: float = 1, most: float = math.inf) -> None:
    """Require a number of at least `least`, and at most `most`.

    Raises
    ------
    ValueError
        A smaller or larger number.
    """
    if not value >= least:
        raise ValueError(f"`{name}` must be at least {least}; got {shown(value)}.")
    if value > most:
        raise ValueError(f"`{name}` must be at most {most:g}; got {shown(value)}.")


def check_limits(name: str, limits: tuple[float, float], *, positive: bool = False) -> None:
    """Require two finite ends of an axis, the lower one first; both above zero on a logarithmic axis.

    Raises
    ------
    ValueError
        Other ends.
    """
    low, high = limits
    if not (_is_finite(low) and _is_finite(high - low) and low < high):
        raise ValueError(f"`{name}` must be (low, high), finite, with low < high; got ({low}, {high}).")
    if positive and low <= 0:
        raise ValueError(f"`{name}` must lie above 0 on a logarithmic axis; got ({low}, {high}).")


def check_room(**counts: int) -> None:
    """Require that an array with these axes fits into memory, before it is made.

    Raises
    ------
    ValueError
        More than 2^28 numbers.
    """
    if math.prod(counts.values()) > ROOM:
        names = " × ".join(f"`{name}`" for name in counts)
        sizes = " × ".join(map(str, counts.values()))
        raise ValueError(f"{names} must be at most {ROOM} numbers, which take 2 GB; got {sizes}. Ask for fewer.")


def check_size(name: str, values: np.ndarray, most: float = SINGLE) -> None:
    """Refuse numbers that are too large to calculate with; NaN is let through.

    Raises
    ------
    ValueError
        One is larger than `most`.
    """
    largest = np.nanmax(np.abs(values), initial=0.0, where=~np.isnan(values))
    if largest > most:
        raise ValueError(f"`{name}` must lie between ±{most:.3g}; got {largest:.3g}. Change its unit.")


def check_path(name: str, value: str | os.PathLike[str]) -> None:
    """Require a path that a file system can hold: without a character 0, and without half a character.

    Raises
    ------
    ValueError
        Another path.
    """
    try:
        is_name = b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:
        is_name = False
    if not is_name:
        raise ValueError(f"`{name}` must be a path that a file system can hold; got {shown(os.fspath(value))}.")


def check_named(name: str, value: object, known: Collection[str]) -> None:
    """Require one of the names that exist, and suggest the nearest.

    Raises
    ------
    ValueError
        Another name.
    """
    if isinstance(value, str) and value in known:
        return
    near = difflib.get_close_matches(str(value), known, n=1) if isinstance(value, str) else []
    names = ", ".join(repr(one) for one in known)
    raise ValueError(f"`{name}` must be one of {names}; got {shown(value)}." + (f" Did you mean {near[0]!r}?" if near else ""))


def shown(value: Any) -> str:
    """Say in a few words what was found: ``an array of shape (3, 2)``, ``the class HardSharing``, ``'abc'``."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, np.ma.MaskedArray):
        return f"a masked array of shape {value.shape}"
    if isinstance(shape := getattr(value, "shape", None), tuple) and shape:
        kind = "an array" if isinstance(value, np.ndarray) else _article(type(value).__name__)
        dtype = getattr(value, "dtype", None)
        return f"{kind} of shape {tuple(shape)}" + (f" and type {dtype}" if dtype is not None else "")
    if value is None or isinstance(value, (str, bytes, numbers.Number, list, tuple, dict, set, range)):
        return _short(value.item() if isinstance(value, np.generic) else value)
    return f"the function {getattr(value, '__name__', '?')}" if inspect.isroutine(value) else _article(type(value).__name__)


def _is_finite(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False


def _short(value: object) -> str:
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # a whole number of more digits than Python prints
        return f"{_article(type(value).__name__)} of more digits than can be printed"
    return text if len(text) <= 80 else f"{text[:60]}…"


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


@cache
def _hints(door: Callable[..., Any]) -> dict[str, Any]:
    """The annotations that can be resolved, and none of those that cannot."""
    found = {}
    for name, hint in inspect.get_annotations(door).items():
        try:
            found[name] = typing.get_type_hints(types.SimpleNamespace(__annotations__={name: hint}), door.__globals__)[name]  # type: ignore[attr-defined]
        except (NameError, TypeError):
            continue
    return found


def _accepted(name: str, hint: Any, value: Any) -> Any:
    """The value, as Python's own type where it was NumPy's; a TypeError or ValueError where it does not fit."""
    if hint is Any:
        return value
    if hint in _PLAIN:
        return _PLAIN[hint](name, value)
    if hasattr(hint, "dim_str"):
        return _array(name, hint, value) if hint.array_type is np.ndarray else _tensor(name, hint, value)
    origin: Any = typing.get_origin(hint)
    if origin is Literal:
        return _choice(name, hint, value)
    if origin in (Union, types.UnionType):
        return _any_of(name, hint, typing.get_args(hint), value)
    if isinstance(origin, type):
        rules: dict[Any, Callable[[str, Any, Any], Any]] = {Mapping: _mapping, Sequence: _sequence, Collection: _collection}
        rules |= {type: _class, Callable: _function, Iterable: _iterable}
        return next((rule for kind, rule in rules.items() if issubclass(origin, kind)), _generic)(name, hint, value)
    return _plain(name, hint, value) if isinstance(hint, type) else value


def _generic(name: str, hint: Any, value: Any) -> Any:
    return _plain(name, typing.get_origin(hint), value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"`{name}` must be True or False; got {shown(value)}.")
    return bool(value)


def _none(name: str, value: Any) -> None:
    if value is not None:
        raise TypeError(f"`{name}` must be None; got {shown(value)}.")


def _whole(name: str, value: Any) -> int:
    is_seed = name.split("[")[0] in ("seed", "seeds") or name.endswith("_seed")
    return check_whole(name, value, least=0, most=2**63 - 1) if is_seed else check_whole(name, value)


def _text(name: str, value: Any) -> str:
    _plain(name, str, value)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"`{name}` must be text that a file or a page can hold; got {shown(value)}, with half a character.") from None
    return value


_PLAIN: dict[Any, Callable[[str, Any], Any]] = {int: _whole, float: check_real, bool: _flag, str: _text, type(None): _none}


def _choice(name: str, hint: Any, value: Any) -> Any:
    choices = typing.get_args(hint)
    if not any(type(one) is type(value) and one == value for one in choices):
        check_named(name, value, [str(one) for one in choices])
    return value


def _mapping(name: str, hint: Any, value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise TypeError(f"`{name}` must be a dict; got {shown(value)}.")
    inner = typing.get_args(hint)
    if len(inner) != 2:
        return value
    return {_accepted(f"key of {name}", inner[0], key): _accepted(f"{name}[{key!r}]", inner[1], one) for key, one in value.items()}


def _class(name: str, hint: Any, value: Any) -> Any:
    wanted = typing.get_args(hint)[0] if typing.get_args(hint) else object
    wanted = wanted if isinstance(wanted, type) else object
    if isinstance(value, type) and issubclass(value, wanted):
        return value
    kind = "a class" if wanted is object else f"a subclass of {wanted.__name__}"
    remedy = " Pass its class, without the ()." if isinstance(value, wanted) and not isinstance(value, str) and wanted is not object else ""
    raise TypeError(f"`{name}` must be {kind}; got {shown(value)}.{remedy}")


def _function(name: str, hint: Any, value: Any) -> Any:
    if not callable(value):
        raise TypeError(f"`{name}` must be a function; got {shown(value)}.")
    return value


def _plain(name: str, hint: type, value: Any) -> Any:
    try:
        fits = isinstance(value, hint)
    except TypeError:  # a protocol that does not say what it looks like at run time
        return value
    if fits:
        return value
    inside = None if isinstance(value, np.ndarray) else getattr(value, "data", None)
    remedy = f" Pass its `.data`, {_article(hint.__name__)}." if isinstance(inside, hint) else ""
    remedy = " Add () to make one." if isinstance(value, type) and issubclass(value, hint) else remedy
    raise TypeError(f"`{name}` must be {_words(hint)}; got {shown(value)}.{remedy}")


def _any_of(name: str, hint: Any, inner: tuple[Any, ...], value: Any) -> Any:
    if isinstance(value, (str, os.PathLike)) and any(typing.get_origin(one) is os.PathLike for one in inner):
        check_path(name, value)
    errors = {}
    for one in inner:
        try:
            return _accepted(name, one, value)
        except (TypeError, ValueError) as error:
            errors[one] = error
    errors.pop(type(None), None)
    near = [error for error in errors.values() if isinstance(error, ValueError) or len(errors) == 1]
    near += [error for one, error in errors.items() if typing.get_origin(one) and isinstance(value, (list, tuple))]
    remedies = [str(error).partition(f"got {shown(value)}.")[2] for error in errors.values()]
    remedy = next(filter(None, remedies), "")
    raise near[0] if near else TypeError(f"`{name}` must be {_words(hint)}; got {shown(value)}.{remedy}")


def _sequence(name: str, hint: Any, value: Any) -> Any:
    inner = typing.get_args(hint)
    if isinstance(value, np.ndarray) and value.ndim >= 1 and not isinstance(value, np.ma.MaskedArray):
        value = tuple(value)
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise TypeError(f"`{name}` must be {_words(hint)}; got {shown(value)}.{_in_brackets(name, inner, value)}")
    if not inner or inner == ((),):
        return value
    _check_length(name, value)
    is_tuple = typing.get_origin(hint) is tuple
    is_fixed = is_tuple and Ellipsis not in inner
    if is_fixed and len(value) != len(inner):
        raise ValueError(f"`{name}` must have {len(inner)} entries; got {len(value)}.")
    each = inner if is_fixed else [inner[0]] * len(value)
    made = [_accepted(f"{name}[{i}]", one, entry) for i, (one, entry) in enumerate(zip(each, value, strict=True))]
    if all(new is old for new, old in zip(made, value, strict=True)) and not (is_tuple and not isinstance(value, tuple)):
        return value
    return made if isinstance(value, list) and not is_tuple else tuple(made)


def _check_length(name: str, value: Any) -> None:
    """Refuse a range with more entries than memory has room for, before it is written out."""
    if isinstance(value, range) and (value[-1:] and (value[-1] - value[0]) // value.step >= ROOM):
        raise ValueError(f"`{name}` must have at most {ROOM} entries; got {shown(value)}.")


def _in_brackets(name: str, inner: tuple[Any, ...], value: Any) -> str:
    """A remedy for one entry where a sequence of such entries is wanted."""
    try:
        _accepted(name, inner[0], value)
    except (TypeError, ValueError, IndexError):
        return ""
    one = value.__name__ if isinstance(value, type) else value if isinstance(value, (str, int, float)) else "…"
    return f" Write [{one!r}]." if isinstance(value, str) else f" Write [{one}]."


def _iterable(name: str, hint: Any, value: Any) -> Any:
    if isinstance(value, (str, bytes)) or not np.iterable(value):  # a tensor of one number has `__iter__`, and isn't
        raise TypeError(f"`{name}` must be {_words(hint)}; got {shown(value)}.{_in_brackets(name, typing.get_args(hint), value)}")
    return value


def _collection(name: str, hint: Any, value: Any) -> Any:
    wanted: Any = typing.get_origin(hint)
    if isinstance(value, (str, bytes)) or not isinstance(value, wanted) or not isinstance(value, (Sequence, Set)):
        raise TypeError(f"`{name}` must be {_article(wanted.__name__.lower())}; got {shown(value)}.")
    kind: Any = type(value)
    if (inner := typing.get_args(hint)) and kind in (list, tuple, set):
        return kind(_accepted(f"{name}[{one!r}]", inner[0], one) for one in value)
    return value


def _array(name: str, hint: Any, value: Any) -> Any:
    """An array of the right kind of numbers with the right number of axes; nested lists become one."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"`{name}` must be a plain array; got {shown(value)}. Replace what is masked: `{name}.filled(np.nan)`.")
    _check_length(name, value)
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError):
        raise TypeError(f"`{name}` must be {_words(hint)}; got {shown(value)}.") from None
    kinds = _KINDS.get(hint.__name__.split("[")[0])
    axes = hint.dim_str.split()
    fixed = not any(axis.startswith(("*", "...")) for axis in axes)
    if (kinds and array.size and array.dtype.kind not in kinds) or (fixed and array.ndim != len(axes)):
        raise TypeError(f"`{name}` must be {_words(hint)}; got {shown(value)}.")
    if kinds == _KINDS["Float"] and hint.__name__.startswith("Float") and array.dtype.kind != "f":
        array = array.astype(float)
    return value if array is value else array


def _tensor(name: str, hint: Any, value: Any) -> Any:
    """An array of another library, such as a Tensor: of the right class, with the right number of axes."""
    axes = hint.dim_str.split()
    fixed = not any(axis.startswith(("*", "...")) for axis in axes)
    if isinstance(hint.array_type, type) and (not isinstance(value, hint.array_type) or (fixed and value.ndim != len(axes))):
        what = f"{_article(hint.array_type.__name__)} [{hint.dim_str}]"
        raise TypeError(f"`{name}` must be {what}; got {shown(value)}.")
    return value


def _words(hint: Any) -> str:
    """The rule in words: ``a whole number or a sequence of whole numbers``."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    plain = {int: "a whole number", float: "a number", bool: "True or False", str: "a string", type(None): "None"}
    if hint in plain:
        return plain[hint]
    if origin is Literal:
        return "one of " + ", ".join(repr(one) for one in inner)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_words(one) for one in inner))
    if hasattr(hint, "dim_str"):
        kinds = {"Int": "whole numbers", "Integer": "whole numbers", "Bool": "True and False", "Shaped": "values"}
        return f"an array of {kinds.get(hint.__name__.split('[')[0], 'numbers')} [{hint.dim_str}]"
    if isinstance(origin, type) and (issubclass(origin, Sequence) or origin is Iterable):  # type: ignore[arg-type]
        each = {int: "whole numbers", float: "numbers", str: "strings"}.get(inner[0] if inner else None, "values")
        return f"a sequence of {each}"
    words = {type: "a class", Callable: "a function", Mapping: "a dict", dict: "a dict"}
    return words.get(origin) or _article(getattr(hint, "__name__", str(hint)))
