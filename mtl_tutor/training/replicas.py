"""One template, many nets: how every seed starts, and what trained nets answer."""

import copy
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from mtl_tutor.results import History
from mtl_tutor.sharing import Architecture
from mtl_tutor.training.any_module import stacked_forward

_WIDTH = 64  # nets per forward pass of `predict`; bounds the memory


Trunks = Mapping[int, Mapping[str, np.ndarray]]
"""Seed -> name of a shared parameter -> the value that it starts with."""


def replicas(model: nn.Module, seeds: Sequence[int], trunks: Trunks | None = None) -> dict[str, Tensor]:
    """Start one net per seed as `torch.manual_seed(seed)` and `reset_parameters` would: name -> [seed, ...].

    Neither the model nor torch's global generator is left changed. What nobody resets keeps the template's value. Where trunks
    are given, they take the place of what a reset drew.
    """
    net = copy.deepcopy(model)
    template = {name: value.clone() for name, value in net.state_dict(keep_vars=False).items()}
    state = dict([*net.named_parameters(), *net.named_buffers()])
    stacked = {name: value.new_empty(len(seeds), *value.shape) for name, value in state.items()}
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        for row, seed in enumerate(seeds):
            for name, value in template.items():
                state[name].copy_(value)
            torch.default_generator.manual_seed(seed)
            _reset(net)
            for name, value in state.items():
                stacked[name][row].copy_(value)
            for name, value in trunks[seed].items() if trunks else ():
                stacked[name][row].copy_(torch.from_numpy(value))
    return stacked


def _reset(net: nn.Module) -> None:
    """Call the topmost resets: what lies below one is its own affair."""
    if hasattr(net, "reset_parameters"):
        net.reset_parameters()  # type: ignore[operator]
    else:
        for child in net.children():
            _reset(child)


def predict(
    model: nn.Module, history: History, x: Float[np.ndarray, "*seed sample feature"]
) -> list[Float[np.ndarray, "seed sample output"]]:
    """Ask every trained net of a history about new samples.

    Parameters
    ----------
    model : the module that was trained; its own parameter values do not matter.
    history : what `train` returned. The nets are those of the last step.
    x : one row of features per sample; for all nets the same, or [seed sample feature] for each net its own.

    Returns
    -------
    One array per task: the answers in the unit of its labels, or logits of a classification.

    Raises
    ------
    ValueError : the history's parameters are not this model's, or there are samples for another number of nets.
    """
    if np.ndim(x) == 3 and len(x) != len(history.seeds):
        raise ValueError(f"`x` must have samples for each of {len(history.seeds)} nets, or for all; got shape {np.shape(x)}.")
    net, named = _trained(model, history)
    dtype = next(value.dtype for value in named.values() if value.is_floating_point())
    inputs = torch.from_numpy(np.array(x)).to(dtype).expand(len(history.seeds), -1, -1)
    parts = []
    with torch.no_grad():
        for first in range(0, len(history.seeds), _WIDTH):
            some = {name: value[first : first + _WIDTH] for name, value in named.items()}
            parts.append([output.numpy() for output in stacked_forward(net, some, inputs[first : first + _WIDTH])])
    return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]


def inspect_nets(model: nn.Module, history: History, x: Float[np.ndarray, "sample feature"]) -> dict[str, Shaped[np.ndarray, "seed ..."]]:
    """Ask every trained net of a history what it decided about sharing: gates, stitches, task codes.

    Parameters
    ----------
    model : the architecture that was trained.
    history : what `train` returned. The nets are those of the last step.
    x : the samples that gates and the like are read for.

    Returns
    -------
    The arrays that the architecture's `inspect` names, one row per net.

    Raises
    ------
    ValueError : the history's parameters are not this model's.
    TypeError : the model is no `Architecture`; it has no `inspect`.
    """
    if not isinstance(model, Architecture):
        raise TypeError(f"`model` must be an Architecture of mtl_tutor.sharing, which has `inspect`; got {type(model).__name__}.")
    net, named = _trained(model, history)
    dtype = next(value.dtype for value in named.values() if value.is_floating_point())
    net, inputs = net.to(dtype), torch.from_numpy(np.array(x)).to(dtype)
    found = []
    with torch.no_grad():
        for row in range(len(history.seeds)):
            net.load_state_dict({name: value[row] for name, value in named.items()})
            found.append({name: np.array(value) for name, value in net.inspect(inputs).items()})
    return {name: np.stack([one[name] for one in found]) for name in found[0]}


Net = TypeVar("Net", bound=nn.Module)


def _trained(model: Net, history: History) -> tuple[Net, dict[str, Tensor]]:
    net = copy.deepcopy(model).eval()
    state = {name: tuple(value.shape) for name, value in [*net.named_parameters(), *net.named_buffers()]}
    found = {name: value.shape[1:] for name, value in history.parameters.items()}
    if state != found:
        raise ValueError(f"`model` must have the parameters of `history`, {found}; got {state}. Pass the model that was trained.")
    return net, {name: torch.from_numpy(value) for name, value in history.parameters.items()}
