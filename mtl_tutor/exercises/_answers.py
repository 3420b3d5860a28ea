"""What all checkers have in common: they answer whatever they are given, and raise nothing."""

import inspect
import types
import typing
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any

import numpy as np
import torch

from mtl_tutor import checks

Checker = Callable[..., str]
MOST = 10**18
FAILED = "the checker itself can't go on with this answer"
"""What a reader is told if a checker fails: it should never come to that, and tests look for these words."""


class NotYetError(Exception):
    """What a reader's own function did wrong, in one sentence."""


def checker(check: Checker) -> Checker:
    """Let a checker answer, in one sentence, to a wrong kind of answer, to NaN, and to a function that fails.

    Parameters
    ----------
    check : function
        From an answer to a sentence. What it annotates its answer with is what an answer has to be. A reader's
        function that is annotated to return numbers returns finite ones to the checker.

    Returns
    -------
    function
        The checker, which raises nothing.
    """
    signature = inspect.signature(check)
    ((name, hint),) = ((name, hint) for name, hint in typing.get_type_hints(check).items() if name != "return")

    @wraps(check)
    def answering(*given: Any, **by_name: Any) -> str:
        (answer,) = signature.bind(*given, **by_name).arguments.values()
        try:
            with torch.random.fork_rng(devices=[]):  # the random numbers of the page stay as they are
                if answer is not None:
                    answer = _read(name, hint, answer)
                return check(_guarded(answer, hint) if callable(answer) else answer)
        except NotYetError as error:
            return f"Not yet: {error}"
        except Exception as error:
            said = words_of(error)
            return f"Not yet: {said}" if said.startswith("`") else f"Not yet: {FAILED} ({type(error).__name__}: {said[:120]})."

    return answering


def asked(function: Callable[..., Any], *given: Any) -> Any:
    """Call what a reader wrote; a NotYetError says what it raised."""
    try:
        return function(*given)
    except NotYetError:
        raise
    except (Exception, SystemExit, GeneratorExit) as error:
        raise NotYetError(f"what you wrote raises {type(error).__name__}: {words_of(error)[:120]}") from error


def words_of(error: BaseException) -> str:
    """What an error says, in one line that any page can show."""
    try:
        return " ".join(str(error).split()).encode(errors="replace").decode()
    except Exception:
        return "an error without words"


def shown(value: object) -> str:
    """What was found, in a few words, as `mtl_tutor.checks.shown` says it; its class, where an object can't be looked at."""
    try:
        return checks.shown(value).encode(errors="replace").decode()
    except Exception:
        return f"something of the class {type(value).__name__}"


def _read(name: str, hint: Any, answer: Any) -> Any:
    """An answer as a checker's annotation wants it; a NotYetError says what it is instead."""
    try:
        return checks.check_as(name, hint, _plain(answer, hint))
    except (TypeError, ValueError) as error:
        said = words_of(error)
        raise NotYetError(said if said.startswith("`") else f"`{name}` can't be read: {said[:120]}") from error
    except Exception as error:
        raise NotYetError(f"`{name}` can't be read; got {shown(answer)}.") from error


def _plain(answer: Any, hint: Any) -> Any:
    """An answer in Python's own numbers: 23.0 is the whole number 23, an array of one number that number, and a row of them a list."""
    n_axes = len(shape) if isinstance(shape := getattr(answer, "shape", None), tuple) and hasattr(answer, "tolist") else -1
    if n_axes == 0 or (n_axes == 1 and not callable(answer) and _wants_a_row(hint)):
        answer = answer.tolist()
    if isinstance(answer, float) and answer.is_integer() and "int" in str(hint):
        answer = int(answer)
    if isinstance(answer, int) and abs(answer) > MOST:
        raise NotYetError("that is too large a number; no exercise needs one of more than 18 digits.")
    if _wants_a_row(hint) and isinstance(answer, Collection) and n_axes < 0 and not isinstance(answer, (str, bytes, Mapping, range)):
        answer = answer if type(answer) in (list, tuple, set) else tuple(answer)
    if type(answer) not in (list, tuple, set):
        return answer
    parts: Any = answer
    return type(parts)(_plain(one, hint) for one in parts)


def _wants_a_row(hint: Any) -> bool:
    """Whether an annotation names a tuple, a sequence or a set."""
    return any(issubclass(kind, Collection) and kind is not dict for kind in map(typing.get_origin, _parts(hint)) if isinstance(kind, type))


def _parts(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)


def _guarded(function: Callable[..., Any], hint: Any) -> Callable[..., Any]:
    """The reader's function, on copies of its arguments, with a NotYetError for what it raises or returns wrongly."""
    wanted = _result_of(hint)

    @wraps(function, assigned=())
    def guarded(*given: Any) -> Any:
        found = asked(function, *map(_copied, given))
        if wanted is float:
            return _numbers(found, ndim=0).item()
        return _numbers(found) if _is_array(wanted) else found

    return function if wanted is None else guarded


def _copied(one: Any) -> Any:
    """A copy of numbers, which a reader's function may change in place; a net is handed on as it is."""
    return one.copy() if isinstance(one, np.ndarray) else one.clone() if hasattr(one, "clone") else one


def _result_of(hint: Any) -> Any:
    """What a function has to return; None where a hint is of no function."""
    for one in _parts(hint):
        if typing.get_origin(one) is Callable:
            return typing.get_args(one)[1]
    return None


def _is_array(hint: Any) -> bool:
    return hint is np.ndarray or getattr(hint, "array_type", None) is np.ndarray


def _numbers(found: Any, ndim: int | None = None) -> np.ndarray:
    rule = "return one number" if ndim == 0 else "return an array of numbers"
    try:
        array = np.asarray(found.detach() if hasattr(found, "detach") else found)
        array = array.astype(float) if array.dtype.kind in "biuf" else array
    except Exception:
        raise NotYetError(f"your function should {rule}; got {shown(found)}.") from None
    if array.dtype.kind != "f" or (ndim == 0 and array.size != 1):
        raise NotYetError(f"your function should {rule}; got {shown(found)}.")
    if not np.isfinite(array).all():
        raise NotYetError(f"your function should return finite numbers; got {shown(found)} with NaN or infinity.")
    return array
