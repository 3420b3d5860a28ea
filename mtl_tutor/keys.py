"""Keys of stored numbers: a fingerprint of everything that decides them, code included.

Code counts as what runs, not as the text in a file: the bytecode and the constants of a function or class, and of all that
they name, directly or through others. So a cell of a notebook that was run again, a console, and a file that was edited after
it was read are all told apart, while comments and line breaks change nothing. What was installed counts by name and version.
"""

import hashlib
import site
import sys
import sysconfig
import types
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, Union

import numpy as np

from mtl_tutor import checks

_PLAIN = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis), np.generic, np.dtype)
_BUILT_IN = (types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType, types.GetSetDescriptorType)
_TYPES = (types.UnionType, types.GenericAlias, type(Union[int, str]), type(Sequence[Any]), type(Union), type(Any), TypeVar)  # noqa: UP007
"""What says of which type something is, such as ``int | None``."""
_NO_NUMBERS = {"__doc__", "__dict__", "__weakref__", "__module__", "__annotations__", "__firstlineno__", "__static_attributes__"}
_NO_NUMBERS |= {"__dataclass_fields__", "__dataclass_params__", "__match_args__", "__abstractmethods__", "_abc_impl", "__qualname__"}
_NO_NUMBERS |= {"__annotate_func__", "__annotations_cache__", "__parameters__", "__orig_bases__", "__slotnames__"}
"""What classes hold that no number depends on."""


class NoKeyError(TypeError):
    """Something does not say what it holds, so no key can tell it from another."""


def key_of(*things: Any) -> str:
    """Return a fingerprint of values, objects, functions and classes; equal in every process that runs the same code.

    Parameters
    ----------
    *things : Any
        Numbers, strings, arrays, tensors, containers, functions, classes, modules of torch, and objects made of these. Of
        the modules' own parameters and buffers, names and shapes count: their values are drawn anew, or stored elsewhere.

    Returns
    -------
    str
        A SHA-256 checksum.

    Raises
    ------
    NoKeyError
        Something does not say what it holds, such as a generator or an open file.

    Examples
    --------
    >>> key_of([1.0]) == key_of([1.0]), key_of([1.0]) == key_of([5.0]), key_of(lambda x: x) == key_of(lambda x: -x)
    (True, False, False)
    """
    number_of: dict[int, int] = {}
    queue: deque[_Link] = deque([_Link(things)])
    alive: list[Any] = []  # an id is a name only as long as its object lives
    key = hashlib.sha256()
    while queue:
        link = queue.popleft()
        alive.append(link.thing)
        key.update(b"|")
        for part in _described(link):
            if isinstance(part, bytes):
                key.update(b"%d:" % len(part) + part)
                continue
            if id(part.thing) not in number_of:
                number_of[id(part.thing)] = len(number_of)
                queue.append(_Link(part.thing, part.may_be_silent or link.may_be_silent))
                alive.append(part.thing)
            key.update(b"#%d" % number_of[id(part.thing)])
    return key.hexdigest()


class _Link(NamedTuple):
    """A part that is an object of its own: it is described once, however often it is met.

    What a function finds in its module may be silent about what it holds, such as a log or an open file.
    """

    thing: Any
    may_be_silent: bool = False


def _described(link: _Link) -> list["bytes | _Link"]:
    try:
        return list(_parts(link.thing))
    except NoKeyError:
        if link.may_be_silent:
            return [type(link.thing).__qualname__.encode()]
        raise


def _inside(value: Any) -> Iterator[bytes | _Link]:
    """Plain values and tuples as they are, everything else as a link."""
    if isinstance(value, _PLAIN):
        yield f"{type(value).__name__} {value!r}".encode()
    elif type(value) is tuple:
        yield b"tuple %d" % len(value)
        for one in value:
            yield from _inside(one)
    elif type(value) in (set, frozenset):
        if not all(isinstance(one, (*_PLAIN, tuple)) for one in value):
            raise NoKeyError("a set of objects, which has no order")
        yield f"{type(value).__name__} {sorted(map(repr, value))}".encode()
    elif isinstance(value, types.CodeType):
        yield from _code(value)
    else:
        yield _Link(value)


def _parts(thing: Any) -> Iterator[bytes | _Link]:
    """Describe an object: its kind, and all that it holds."""
    for kinds, describe in _RULES:
        if isinstance(thing, kinds):
            return describe(thing)
    if type(thing) in (dict, list, tuple):
        return _container(thing)
    if hasattr(thing, "requires_grad") and hasattr(thing, "detach"):
        return _tensor(thing)
    if isinstance(thing, np.ndarray) and not thing.dtype.hasobject:
        return _array(thing)
    return _net(thing) if hasattr(thing, "named_parameters") else _object(thing)


def _container(thing: Any) -> Iterator[bytes | _Link]:
    yield f"{type(thing).__name__} {len(thing)}".encode()
    for one in thing.items() if isinstance(thing, dict) else thing:
        yield from _inside(one)


def _tensor(thing: Any) -> Iterator[bytes | _Link]:
    yield f"tensor {thing.dtype} {tuple(thing.shape)} {thing.requires_grad}".encode()
    yield thing.detach().cpu().numpy().tobytes()


def _array(thing: np.ndarray) -> Iterator[bytes | _Link]:
    yield f"array {thing.dtype} {thing.shape}".encode()
    yield thing.tobytes()


def _method(thing: types.MethodType) -> Iterator[bytes | _Link]:
    yield from (b"method", _Link(thing.__func__), _Link(thing.__self__))


def _built_in(thing: Any) -> Iterator[bytes | _Link]:
    yield f"built-in {getattr(thing, '__module__', '')} {thing.__qualname__}".encode()


def _type(thing: Any) -> Iterator[bytes | _Link]:
    yield f"type {thing!r}".encode()


def _module(thing: types.ModuleType) -> Iterator[bytes | _Link]:
    yield f"module {thing.__name__} {getattr(thing, '__version__', '')}".encode()


def _property(thing: Any) -> Iterator[bytes | _Link]:
    yield type(thing).__name__.encode()
    for function in (thing.fget, thing.fset) if isinstance(thing, property) else (thing.__func__,):
        yield from _inside(function)


def _partial(thing: "partial[Any]") -> Iterator[bytes | _Link]:
    yield from (b"partial", _Link(thing.func), _Link(list(thing.args)), _Link(thing.keywords))


def _code(code: types.CodeType) -> Iterator[bytes | _Link]:
    yield code.co_code + repr((code.co_names, code.co_freevars, code.co_cellvars, code.co_argcount, code.co_kwonlyargcount)).encode()
    for constant in code.co_consts:
        yield from _inside(constant)


def _function(function: types.FunctionType) -> Iterator[bytes | _Link]:
    """Bytecode, defaults, what is enclosed, and what its names stand for in its module; checks of types don't count."""
    if function.__code__.co_filename == checks.__file__ and hasattr(function, "__wrapped__"):
        yield from _inside(function.__wrapped__)  # type: ignore[attr-defined]
        return
    own = not _is_installed(function.__code__.co_filename)
    if own:
        yield from _code(function.__code__)
        for name, value in _named(function.__code__, function.__globals__):
            yield name.encode()
            yield from (_Link(part.thing, True) if isinstance(part, _Link) else part for part in _inside(value))
    else:
        yield f"installed {_version(function.__module__)} {function.__qualname__}".encode()
    for value in (function.__defaults__, *(function.__kwdefaults__ or {}).items(), getattr(function, "__wrapped__", None)):
        yield from _inside(value)
    for cell in function.__closure__ or ():
        try:
            content = cell.cell_contents
        except ValueError:  # not yet filled
            continue
        if own or callable(content):
            yield from _inside(content)


def _named(code: types.CodeType, names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the names in some code stand for: globals of its module, and what it takes from modules that are the reader's."""
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    modules: list[Any] = []
    for name in code.co_names:
        found = [names[name]] if name in names else [vars(module)[name] for module in modules if name in vars(module)]
        for value in found:
            if isinstance(value, types.ModuleType) and not _is_installed(getattr(value, "__file__", None) or ""):
                modules.append(value)
            else:
                yield name, value
    for one in inner:
        yield from _named(one, names)


def _class(kind: type) -> Iterator[bytes | _Link]:
    module = sys.modules.get(kind.__module__)
    if kind.__module__ != "__main__" and (module is None or _is_installed(getattr(module, "__file__", None) or "")):
        yield f"installed {_version(kind.__module__)} {kind.__qualname__}".encode()
        return
    yield f"class {kind.__qualname__}".encode()
    for base in kind.__bases__:
        yield _Link(base)
    for name, value in sorted(vars(kind).items()):
        if name not in _NO_NUMBERS and not isinstance(value, (types.MemberDescriptorType, types.GetSetDescriptorType)):
            yield from (name.encode(), *_inside(value))


def _net(net: Any) -> Iterator[bytes | _Link]:
    """A module of torch: its class, settings, hooks and parts; of its parameters and buffers, names and shapes."""
    yield from (b"net", _Link(type(net)))
    left_out = getattr(net, "not_in_keys", ())
    for name, value in vars(net).items():
        if name in left_out:
            continue
        if name in ("_parameters", "_buffers"):
            shapes = {key: (tuple(one.shape), one.requires_grad) for key, one in value.items() if one is not None}
            yield f"{name} {shapes}".encode()
        elif name.endswith(("_hooks", "_with_kwargs", "_always_called")):
            yield from _inside(tuple(value.values()))  # their numbers count all hooks of the process
        elif name == "_modules":
            yield from _inside(tuple(value.items()))
        else:
            yield from (name.encode(), *_inside(value))


def _object(thing: Any) -> Iterator[bytes | _Link]:
    """Any other object: its class, and what it would be rebuilt from."""
    if isinstance(thing, (types.GeneratorType, types.CoroutineType)):
        raise NoKeyError(f"a {type(thing).__name__}, which does not say what it holds")
    try:
        made = thing.__reduce_ex__(2)
    except Exception as error:  # whatever an object says that cannot be copied
        raise NoKeyError(f"a {type(thing).__name__}, which does not say what it holds") from error
    yield from (b"object", _Link(type(thing)))
    if isinstance(made, str):
        yield made.encode()
        return
    build, arguments, *rest = made
    yield from _inside(build)
    yield from _inside(tuple(one for one in arguments if one is not type(thing)))
    for part in rest:
        yield from _inside(tuple(part) if isinstance(part, Iterator) else part)


def _version(module: str | None) -> str:
    top = (module or "").partition(".")[0]
    return f"{module} {getattr(sys.modules.get(top), '__version__', '')}"


_RULES: list[tuple[Any, Callable[[Any], Iterator[bytes | _Link]]]] = [
    (types.MethodType, _method),
    (types.FunctionType, _function),
    (_BUILT_IN, _built_in),
    (types.ModuleType, _module),
    (_TYPES, _type),
    (type, _class),
    ((property, staticmethod, classmethod), _property),
    (partial, _partial),
]
"""Kinds of objects -> what describes them."""


@cache
def _is_installed(file: str) -> bool:
    """Whether a file belongs to Python or to an installed package; "" is built in."""
    if not file or file.startswith("<frozen"):
        return True
    return any(Path(folder) in Path(file).parents for folder in _homes())


@cache
def _homes() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return (paths["stdlib"], paths["platstdlib"], paths["purelib"], paths["platlib"], site.getusersitepackages(), *site.getsitepackages())


__all__ = ["NoKeyError", "key_of"]
