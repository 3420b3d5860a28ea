"""How a public name is called, as its source says it: `Float[Tensor, "seed task"]` stays what the reader will see in the code."""

import ast
import dataclasses
import enum
import inspect
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

Parts = Mapping[str, tuple[str, str]]  # name, with its stars -> annotation, default


def parts_of(thing: Any) -> tuple[Parts, str]:
    """Read parameters (or fields) and the type that is returned."""
    if isinstance(thing, property):
        return {}, parts_of(thing.fget)[1]
    if inspect.isclass(thing):
        return _fields(thing) if dataclasses.is_dataclass(thing) else _init(thing), ""
    node = _tree(thing)
    return (_arguments(node.args), _text(node.returns)) if isinstance(node, ast.FunctionDef) else ({}, "")


@cache
def annotations_of(thing: type) -> dict[str, str]:
    """Read what a class says of its attributes, those that it inherits included; a property has the type it returns."""
    found: dict[str, str] = {}
    for owner in reversed([owner for owner in thing.__mro__ if owner.__module__.partition(".")[0] == thing.__module__.partition(".")[0]]):
        found |= {name: parts_of(member)[1] if isinstance(member, property) else "" for name, member in vars(owner).items()}
        found |= dict.fromkeys(_set_on_self(owner), "") | {name: _text(node.annotation) for name, node in _annotated(owner).items()}
    return found


def signature(thing: Any, typed_elsewhere: Collection[str]) -> tuple[str, str]:
    """Write the call: a type stands here unless the list of parameters has it."""
    if inspect.isclass(thing) and (issubclass(thing, enum.Enum) or (inspect.isabstract(thing) and not dataclasses.is_dataclass(thing))):
        return "", ""
    parts, returns = parts_of(thing)
    shown = [_part(name, "" if name.strip("*") in typed_elsewhere else kind, default) for name, (kind, default) in parts.items()]
    return f"({', '.join(shown)})", returns


def _part(name: str, kind: str, default: str) -> str:
    space = " " if kind else ""
    return name + (f": {kind}" if kind else "") + (f"{space}={space}{default}" if default else "")


def _arguments(args: ast.arguments) -> Parts:
    plain = [*args.posonlyargs, *args.args]
    defaults: Sequence[ast.expr | None] = [*[None] * (len(plain) - len(args.defaults)), *args.defaults]
    found = {arg.arg: (_text(arg.annotation), _text(value)) for arg, value in zip(plain, defaults, strict=True)}
    found = {name: part for name, part in found.items() if name not in ("self", "cls")}
    if args.posonlyargs and args.posonlyargs[-1].arg in found:
        names = list(found)
        at = names.index(args.posonlyargs[-1].arg) + 1
        found = {**{name: found[name] for name in names[:at]}, "/": ("", ""), **{name: found[name] for name in names[at:]}}
    if args.vararg or args.kwonlyargs:
        found["*" + (args.vararg.arg if args.vararg else "")] = (_text(args.vararg.annotation) if args.vararg else "", "")
    found |= {arg.arg: (_text(arg.annotation), _text(value)) for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True)}
    return found | ({f"**{args.kwarg.arg}": (_text(args.kwarg.annotation), "")} if args.kwarg else {})


def _fields(thing: type) -> Parts:
    nodes: dict[str, ast.AnnAssign] = {}
    for owner in reversed(thing.__mro__):
        nodes |= _annotated(owner) if dataclasses.is_dataclass(owner) else {}
    found: dict[str, tuple[str, str]] = {}
    for field in (field for field in dataclasses.fields(thing) if field.init):
        if field.kw_only and "*" not in found:
            found["*"] = ("", "")
        found[field.name] = (_text(nodes[field.name].annotation), _default(field, nodes[field.name]))
    return found


def _default(field: dataclasses.Field[Any], node: ast.AnnAssign) -> str:
    if field.default_factory is not dataclasses.MISSING:
        name = getattr(field.default_factory, "__name__", "<lambda>")
        return "..." if name == "<lambda>" else f"{name}()"
    if field.default is dataclasses.MISSING:
        return ""
    plain = not (isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == "field")
    return _text(node.value) if plain else repr(field.default)


def _init(thing: type) -> Parts:
    owner = next(owner for owner in thing.__mro__ if "__init__" in vars(owner))
    return parts_of(vars(owner)["__init__"])[0] if inspect.isfunction(vars(owner)["__init__"]) else {}


def _annotated(owner: type) -> dict[str, ast.AnnAssign]:
    node = _tree(owner)
    body = node.body if isinstance(node, ast.ClassDef) else []
    return {line.target.id: line for line in body if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)}


def _set_on_self(owner: type) -> Iterator[str]:
    """Attributes that methods set: what scikit-learn's estimators have after `fit`."""
    for node in ast.walk(_tree(owner) or ast.Pass()):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            yield node.attr


@cache
def _tree(thing: Any) -> ast.stmt | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]
    except (OSError, TypeError):  # built in: there is no source
        return None


def _text(node: ast.expr | None) -> str:
    return ast.unparse(node).replace("'", '"') if node else ""
