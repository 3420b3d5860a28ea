"""Many copies of one model: the first weights of every seed, and the answers of trained nets."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from mtl_tutor.checks import check_size, checked, shown
from mtl_tutor.results import History
from mtl_tutor.sharing import Architecture
from mtl_tutor.sharing.own_trunk import reset_outermost
from mtl_tutor.training.any_module import stacked_forward
from mtl_tutor.training.first_weights import state_of
from mtl_tutor.training.threads import alone

_WIDTH = 64  # nets per forward pass of `predict`; bounds the memory

Given = Mapping[str, np.ndarray]
"""Name of a parameter -> the value that every row starts with, [row ...]."""


def replicas(model: nn.Module, seeds: Sequence[int], given: Given | None = None) -> dict[str, Tensor]:
    """Start one net per seed as `torch.manual_seed(seed)` and `reset_parameters` would: name -> [seed, ...].

    Neither the model nor torch's global generator is changed. Parameters that are not trained (`requires_grad=False`), and those
    that no reset sets, keep the model's value. What is given takes the place of all that.
    """
    net = copy.deepcopy(model)
    state = state_of(net)
    template = {name: value.detach().clone() for name, value in state.items()}
    frozen = [name for name, parameter in net.named_parameters() if not parameter.requires_grad]
    stacked = {name: value.new_empty(len(seeds), *value.shape) for name, value in state.items()}
    with alone(), torch.random.fork_rng(devices=[]), torch.no_grad():
        for row, seed in enumerate(seeds):
            for name, value in template.items():
                state[name].copy_(value)
            torch.default_generator.manual_seed(seed)
            reset_outermost(net)
            state = state_of(net)  # a parametrisation may have put new tensors in the place of its own
            for name in frozen:
                state[name].copy_(template[name])
            for name, value in state.items():
                stacked[name][row].copy_(value)
    return stacked | {name: torch.from_numpy(np.array(value)) for name, value in (given or {}).items()}


@checked
def predict(
    model: nn.Module, history: History, x: Float[np.ndarray, "..."], *, at: int | Literal["last", "best"] = "last"
) -> list[Float[np.ndarray, "seed sample output"]]:
    """Return what every trained net of a history answers to new samples.

    Parameters
    ----------
    model : nn.Module
        The module that was trained; its own parameter values do not matter.
    history : History
        What `train` returned.
    x : Float[ndarray, "..."]
        One row of features (or one image, or one sequence) per sample, [sample feature]; the same for all nets, or
        with a first axis of seeds for each net its own, [seed sample feature].
    at : int, "last" or "best"
        Which weights: those of the last step, whose errors `history.last()` reads; those after a step in `keep_at`;
        or for every task those of its lowest validation loss (`keep_best`), whose errors `history.best()` reads. The
        default is the last step: its errors are larger than those of `history.best()` where nets were trained too long.

    Returns
    -------
    list of Float[ndarray, "seed sample output"]
        One array per task: the answers in the unit of its labels, or logits of a classification, of which
        `predict_proba` makes probabilities.

    Raises
    ------
    ValueError, TypeError
        The history's parameters are not this model's, those asked for were not kept, or the samples are not finite
        numbers of the shape that the model reads, for all nets or for each.
    """
    x = _samples(model, history, x)
    if at == "best":
        return [_answers(model, history.best_parameters(task), x)[task] for task in range(len(history.tasks))]
    return _answers(model, parameters_of(history, at), x)


@checked
def inspect_nets(
    model: nn.Module,
    history: History,
    x: Float[np.ndarray, "sample feature"],
    *,
    at: int | Literal["last", "best"] = "last",
    task: str | None = None,
) -> dict[str, Shaped[np.ndarray, "seed ..."]]:
    """Return what every trained net of a history decided about sharing: gates, stitches, task codes.

    Parameters
    ----------
    model : nn.Module
        The architecture that was trained.
    history : History
        What `train` returned.
    x : Float[ndarray, "sample feature"]
        The samples for which gates and the like are computed.
    at : int, "last" or "best"
        Which weights: those of the last step, those after a step in `keep_at`, or those of the lowest validation
        loss (`keep_best`) of `task`.
    task : str, optional
        With at="best": the name of the task.

    Returns
    -------
    dict of ndarray
        The arrays that the architecture's `inspect` names, one row per net.

    Raises
    ------
    ValueError
        The history's parameters are not this model's, or those asked for were not kept.
    TypeError
        The model is no `Architecture`; it has no `inspect`.
    """
    if not isinstance(model, Architecture):
        raise TypeError(f"`model` must be an Architecture of mtl_tutor.sharing, which has `inspect`; got {type(model).__name__}.")
    if at == "best" and task is None:
        raise ValueError(f"`task` must say whose best weights are meant, one of {list(history.tasks)}; got None.")
    net, named = _filled(model, history.best_parameters(task) if at == "best" and task else parameters_of(history, at))
    dtype = next(value.dtype for value in named.values() if value.is_floating_point())
    net, inputs = net.to(dtype), torch.from_numpy(finite_samples(x)).to(dtype)
    found, state = [], state_of(net)
    with torch.no_grad():
        for row in range(len(history.seeds)):
            for name, value in state.items():
                value.copy_(named[name][row])
            found.append({name: np.array(value) for name, value in net.inspect(inputs).items()})
    return {name: np.stack([one[name] for one in found]) for name in found[0]}


def parameters_of(history: History, at: int | str) -> Given:
    """The parameters that are kept of the last step, or of an earlier one."""
    if at == "last":
        return history.parameters
    known = sorted({*history.kept, int(history.steps[-1])})
    if at not in known:
        rule = f"'last', 'best' or a step whose weights were kept, one of {known}"
        raise ValueError(f"`at` must be {rule}; got {at!r}. Train with keep_at=({at},).")
    return history.parameters_at(int(at))


def _answers(
    model: nn.Module, parameters: Given, x: Float[np.ndarray, "_ sample *feature"]
) -> list[Float[np.ndarray, "seed sample output"]]:
    net, named = _filled(model, parameters)
    n_seeds, dtype = len(next(iter(named.values()))), next(value.dtype for value in named.values() if value.is_floating_point())
    inputs = torch.from_numpy(x).to(dtype).expand(n_seeds, *x.shape[1:])
    parts = []
    with torch.no_grad():
        for first in range(0, n_seeds, _WIDTH):
            some = {name: value[first : first + _WIDTH] for name, value in named.items()}
            parts.append([output.numpy() for output in stacked_forward(net, some, inputs[first : first + _WIDTH])])
    return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]


def _samples(model: nn.Module, history: History, x: Any) -> Float[np.ndarray, "_ sample *feature"]:
    """Return the samples with an axis of seeds in front, of length 1 where all nets have the same.

    How many axes a sample has, only the model knows: it is asked about the first two.
    """
    x = finite_samples(x)
    net, n_seeds = _filled(model, history.parameters)[0], len(history.seeds)
    dtype = next(p.dtype for p in net.parameters())
    said = ""
    for each, is_shared in ((x, True), (x[0] if len(x) == n_seeds and x.ndim > 2 else None, False)):
        if each is None:
            continue
        try:
            with torch.no_grad():
                outputs = net(torch.from_numpy(each[:2]).to(dtype))
            if all(isinstance(out, Tensor) and out.ndim == 2 and len(out) == len(each[:2]) for out in outputs):
                return x[None] if is_shared else x
        except Exception as error:  # whatever the reader's own code raises
            said = said or f" The model said: {' '.join(str(error).split())}"
    rule = f"`x` must have samples that the model reads, for all nets or for each of {n_seeds} nets"
    raise ValueError(f"{rule}; got shape {x.shape}.{said}")


def finite_samples(x: Any) -> Float[np.ndarray, "sample *feature"]:
    """Return samples as an array of finite numbers with two axes or more, none too large for single precision."""
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(f"`x` must be a plain array; got {shown(x)}. Fill what is masked.")
    try:
        array = np.array(x.detach().cpu() if isinstance(x, Tensor) else x, dtype=float)
    except (ValueError, TypeError) as error:
        raise TypeError(f"`x` must be numbers [sample feature]; got {shown(x)}.") from error
    if array.ndim < 2:
        raise ValueError(f"`x` must have two axes (sample, feature) or more; got shape {array.shape}. Write x[None] for one sample.")
    if not np.isfinite(array).all():
        raise ValueError(f"`x` must be finite; {np.sum(~np.isfinite(array))} entries are not. Impute or drop those samples.")
    check_size("x", array)
    return array


Net = TypeVar("Net", bound=nn.Module)


def _filled(model: Net, parameters: Given) -> tuple[Net, dict[str, Tensor]]:
    net = fitting(model, {name: value.shape[1:] for name, value in parameters.items()})
    return net, {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in parameters.items()}


def fitting(model: Net, shapes: Mapping[str, tuple[int, ...]]) -> Net:
    """Return a copy of the model, in evaluation mode; its parameters and buffers must have these names and shapes."""
    net = copy.deepcopy(model).eval()
    state = {name: tuple(value.shape) for name, value in state_of(net).items()}
    if state != shapes:
        raise ValueError(f"`model` must have the parameters of `history`, {shapes}; got {state}. Pass the model that was trained.")
    return net
