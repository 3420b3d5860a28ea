"""Trials before the training: whether a balancing method does what the engine can repeat for many seeds."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from mtl_tutor.balancing import Balancing, GradientSurgery, HybridBalancing, LossWeighting, State
from mtl_tutor.checks import shown
from mtl_tutor.training.trials import TRIES, other_random_numbers, same


def first_state(method: Balancing, n_tasks: int, shared: Mapping[str, int]) -> State:
    """Return the state before the first step; `shared` holds the size of every shared parameter that is trained, by name."""
    if not isinstance(method, HybridBalancing):
        return method.start(n_tasks)
    layers: dict[str, int] = {}
    for name, size in shared.items():
        layer = name.rpartition(".")[0]
        layers[layer] = layers.get(layer, 0) + size
    return method.start_for(n_tasks, tuple(layers.values()))


def check_balancing(method: Balancing, model: nn.Module, frozen: tuple[str, ...], n_tasks: int, dtype: torch.dtype) -> None:
    """Try a balancing method on arbitrary losses or gradients: shapes, state, and whether it does the same twice.

    Raises
    ------
    ValueError, TypeError
        An error of its own, other shapes, or results that change from call to call with the same arguments.
    """
    if not isinstance(method, LossWeighting | HybridBalancing):
        raise TypeError(f"`method` must extend LossWeighting, GradientSurgery or HybridBalancing; {type(method).__name__} doesn't.")
    shared = _shared(model, frozen)
    n_shared = sum(shared.values())
    if not n_shared and not isinstance(method, LossWeighting):
        return
    state, method = _state(method, n_tasks, shared, dtype), copy.deepcopy(method)
    name, wanted = _call_of(method, n_tasks, n_shared)
    stream = torch.Generator().manual_seed(0)
    shapes = {"losses": (n_tasks,), "jacobian": (n_tasks, n_shared)}
    asked = {"weigh": ("losses",), "combine": ("jacobian",), "balance": ("losses", "jacobian")}[name]
    given = {key: torch.rand(shapes[key], generator=stream, dtype=dtype) + 0.5 for key in asked}
    noise = torch.randn(method.noise_shape(n_tasks), generator=stream, dtype=dtype)
    label, call = f"`method` ({type(method).__name__}.{name})", getattr(method, name)
    remembered = _memory(method)
    results = [_tried(label, call, given, state, noise, seed) for seed in range(TRIES)]
    for result in results:
        _check_result(label, wanted, result, state)
    alike = all(same(a, b) for result in results[1:] for a, b in zip(_leaves(result), _leaves(results[0]), strict=True))
    if not alike or _memory(method) != remembered:
        raise ValueError(
            f"{label} must return the same from the same arguments; it changes from call to call. "
            "Keep what it remembers in the state that it returns, and draw from `noise`."
        )


def _call_of(method: Balancing, n_tasks: int, n_shared: int) -> tuple[str, dict[str, int]]:
    """What a method is asked for: the name of its function, and name and length of each result."""
    if isinstance(method, LossWeighting):
        return "weigh", {"weights": n_tasks}
    if isinstance(method, GradientSurgery):
        return "combine", {"direction": n_shared}
    return "balance", {"direction": n_shared, "weights": n_tasks}


def _shared(model: nn.Module, frozen: tuple[str, ...]) -> dict[str, int]:
    shared = {id(p) for p in getattr(model, "shared_parameters", model.parameters)()}
    named = model.named_parameters()
    return {name: p.numel() for name, p in named if p.requires_grad and id(p) in shared and name not in frozen}


def _state(method: Balancing, n_tasks: int, shared: Mapping[str, int], dtype: torch.dtype) -> Any:
    state = first_state(method, n_tasks, shared)
    if not isinstance(state, (tuple, Mapping)) or not all(isinstance(value, Tensor) for value in _leaves(state)):
        raise TypeError(f"`method` ({type(method).__name__}.start) must return a tuple or a dict of tensors; got {shown(state)}.")
    cast = {True: dtype}
    if isinstance(state, Mapping):
        return {key: value.to(cast.get(value.is_floating_point(), value.dtype)) for key, value in state.items()}
    return tuple(value.to(cast.get(value.is_floating_point(), value.dtype)) for value in state)


def _tried(label: str, call: Callable[..., Any], given: Mapping[str, Tensor], state: Any, noise: Tensor, seed: int) -> Any:
    try:
        with other_random_numbers(seed):
            return call(*given.values(), state, noise)
    except Exception as error:  # whatever the reader's own code raises
        what = f"it raised {type(error).__name__}: {' '.join(str(error).split())}"
        raise ValueError(f"{label} must take ({', '.join(given)}, state, noise); {what}") from error


def _check_result(label: str, wanted: Mapping[str, int], result: Any, state: Any) -> None:
    what = " and ".join([", ".join(wanted), "the next state"])
    if not isinstance(result, tuple) or len(result) != len(wanted) + 1:
        raise TypeError(f"{label} must return {what}, a tuple of {['two', 'three'][len(wanted) - 1]}; got {shown(result)}.")
    *found, after = result
    for (name, length), value in zip(wanted.items(), found, strict=True):
        if not isinstance(value, Tensor):
            raise TypeError(f"{label} must return {name} as a tensor of shape ({length},); got {shown(value)}.")
        if value.shape != (length,):
            raise ValueError(f"{label} must return {name} of shape ({length},); got {tuple(value.shape)}.")
    forms = [[(value.shape, value.dtype) if isinstance(value, Tensor) else None for value in _leaves(one)] for one in (state, after)]
    if type(after) is not type(state) or forms[0] != forms[1]:
        raise ValueError(f"{label} must return a state of the same form as `start`, {_form(state)}; got {_form(after)}.")


def _leaves(tree: Any) -> list[Any]:
    if isinstance(tree, Mapping):
        return [leaf for key in sorted(tree) for leaf in _leaves(tree[key])]
    return [leaf for one in tree for leaf in _leaves(one)] if isinstance(tree, (tuple, list)) else [tree]


def _form(state: Any) -> str:
    leaves = [f"{tuple(value.shape)} of {value.dtype}" if isinstance(value, Tensor) else shown(value) for value in _leaves(state)]
    inside = ", ".join(leaves)
    return f"{type(state).__name__}({inside})"


def _memory(method: object) -> str:
    """What a method holds, written down."""
    return repr({name: repr(value) for name, value in getattr(method, "__dict__", {}).items()})
