"""What a reader can get wrong in a call to `train`, one sentence each."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mtl_tutor.balancing import FixedWeighting, GradientSurgery, LossWeighting
from mtl_tutor.results import History
from mtl_tutor.tasks import TaskData
from mtl_tutor.training.fresh_noise import FreshNoise
from mtl_tutor.training.optimizers import SGD, Adam
from mtl_tutor.training.replicas import Trunks


def check_counts(**counts: int | None) -> None:
    """Counts are whole and positive, or not given."""
    for name, value in counts.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, np.integer))):
            raise TypeError(f"`{name}` must be a whole number; got {value!r}.")
        if value is not None and value < 1:
            raise ValueError(f"`{name}` must be at least 1; got {value}.")


def seeds_of(seeds: int | Sequence[int] | np.ndarray) -> tuple[int, ...]:
    """The rows' seeds: a count stands for 0, 1, 2, …"""
    if isinstance(seeds, (int, np.integer)):
        check_counts(seeds=int(seeds))
        return tuple(range(int(seeds)))
    rows = np.asarray(seeds)
    if rows.ndim != 1 or not len(rows) or rows.dtype.kind not in "iu":
        raise ValueError(f"`seeds` must be a count or a sequence of whole numbers; got {seeds!r}. For example `seeds=range(10)`.")
    if rows.min() < 0:
        raise ValueError(f"`seeds` must be zero or more; got {rows.min()}.")
    return tuple(int(seed) for seed in rows)


def lr_of(lr: float | Sequence[float] | np.ndarray, n_seeds: int) -> tuple[float, ...]:
    """The rows' learning rates: one number stands for all."""
    rows = np.asarray(lr, dtype=float)
    if rows.shape not in ((), (n_seeds,)):
        raise ValueError(f"`lr` must be one number or one per row, {n_seeds}; got shape {rows.shape}. Repeat `lr` and `seeds` alike.")
    if not (np.isfinite(rows) & (rows > 0)).all():
        raise ValueError(f"`lr` must be positive and finite; got {rows.min()}.")
    return tuple(np.broadcast_to(rows, n_seeds).tolist())


def check_batch(batch_size: int | None, weight_decay: float, n_samples: int) -> None:
    """A batch is no larger than the data; decay pulls towards zero."""
    check_counts(batch_size=batch_size)
    if batch_size is not None and batch_size > n_samples:
        raise ValueError(f"`batch_size` must be at most the number of training samples, {n_samples}; got {batch_size}.")
    if not 0 <= weight_decay < float("inf"):
        raise ValueError(f"`weight_decay` must be zero or more; got {weight_decay}.")


def check_noise(noise: object, data: TaskData, is_plain: bool) -> None:
    """Labels that are numbers can be blurred, and units that the engine knows can be silenced."""
    if not isinstance(noise, FreshNoise):
        raise TypeError(f"`noise` must be a FreshNoise of mtl_tutor.training; got {noise!r}.")
    if noise.labels and len(noise.labels) != len(data.tasks):
        raise ValueError(f"`noise` must have one standard deviation per task, {len(data.tasks)}; got {len(noise.labels)}.")
    if any(sd and task.kind != "regression" for sd, task in zip(noise.labels, data.tasks, strict=False)):
        raise ValueError("`noise` must leave the labels of classes alone; a class plus 0.3 is none. Set its standard deviation to 0.")
    if noise.dropout and not is_plain:
        raise ValueError("`noise` can silence the units of HardSharing and SingleTask nets under constant weights only. Set dropout=0.")


def check_trunk_lr(trunk_lr: float, model: nn.Module) -> None:
    """A factor is not negative, and there is a trunk for it."""
    if not 0 <= trunk_lr < float("inf"):
        raise ValueError(f"`trunk_lr` must be zero or more; got {trunk_lr}.")
    if trunk_lr != 1 and not hasattr(model, "shared_parameters"):
        raise ValueError(f"`trunk_lr` needs a model that names its `shared_parameters`; {type(model).__name__} doesn't.")


def trunks_of(history: History, model: nn.Module, seeds: Sequence[int]) -> Trunks:
    """Every seed has an earlier net, and its trunk fits."""
    names = {id(p): name for name, p in model.named_parameters()}
    shared = {names[id(p)]: tuple(p.shape) for p in getattr(model, "shared_parameters", tuple)()}
    found = {name: history.parameters[name].shape[1:] for name in shared if name in history.parameters}
    if not shared or found != shared:
        raise ValueError(f"`trunk_from` must hold nets with this model's shared parameters, {shared}; got {found}.")
    rows = {int(seed): row for row, seed in enumerate(history.seeds)}
    if missing := sorted(set(seeds) - set(rows)):
        raise ValueError(f"`trunk_from` must hold a net of every seed; seed {missing[0]} has none. Train the same seeds before.")
    return {seed: {name: history.parameters[name][rows[seed]] for name in shared} for seed in seeds}


def first_of(data: Any, seed: int) -> TaskData:
    """The first seed's data, for the checks that need one; data are a TaskData or make one."""
    if not isinstance(data, TaskData) and not callable(data):
        raise TypeError(f"`data` must be a TaskData, or a function from a seed to one; got {type(data).__name__}.")
    first: Any = data if isinstance(data, TaskData) else data(seed)
    check_same_form(first, first, seed)
    return first


def check_same_form(data: object, first: TaskData, seed: int) -> None:
    """All seeds' data have the same tasks and shapes."""
    if not isinstance(data, TaskData):
        raise TypeError(f"`data(seed)` must return a TaskData; got {type(data).__name__} for seed {seed}.")
    form, expected = ((d.tasks, {name: split.x.shape for name, split in d.splits().items()}) for d in (data, first))
    if form != expected:
        raise ValueError(f"`data(seed)` must have the same tasks and shapes for every seed; seed {seed} has {form}, the first {expected}.")


def check_method(method: object, optimizer: object, n_tasks: int) -> None:
    """The method balances, the optimiser is one of ours."""
    if not isinstance(method, (LossWeighting, GradientSurgery)):
        found = f"the class {method.__name__}; add ()" if isinstance(method, type) else type(method).__name__
        raise TypeError(f"`method` must be a LossWeighting or a GradientSurgery, such as EqualWeighting(); got {found}.")
    if isinstance(method, FixedWeighting) and len(method.weights) != n_tasks:
        raise ValueError(
            f"`method` must have one weight per task, {n_tasks}; got {len(method.weights)}. Give FixedWeighting {n_tasks} numbers."
        )
    if not isinstance(optimizer, (SGD, Adam)):
        raise TypeError(f"`optimizer` must be SGD() or Adam() of mtl_tutor.training; got {optimizer!r}.")


def check_device(device: str, dtype: torch.dtype) -> None:
    """The device is there, the numbers are real."""
    if device != "cpu" and not str(device).startswith("cuda"):
        raise ValueError(f"`device` must be 'cpu' or 'cuda'; got {device!r}.")
    if device != "cpu" and not torch.cuda.is_available():
        raise ValueError(f"`device` must be there; got {device!r}, but torch sees no GPU. Use device='cpu'.")
    if dtype not in (torch.float32, torch.float64):
        raise ValueError(f"`dtype` must be torch.float32 or torch.float64; got {dtype}.")


def check_is_module(model: object) -> None:
    """The model is a torch module."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"`model` must be an nn.Module for one network; got {type(model).__name__}.")


def check_model(model: nn.Module, data: TaskData, dtype: torch.dtype) -> None:
    """The model can be replicated and answers every task."""
    if not any(p.requires_grad for p in model.parameters()):
        raise ValueError("`model` must have parameters to train; it has none.")
    for module in model.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd) and module.p > 0:
            raise ValueError("`model` must not use dropout: its masks would depend on which seeds train together. Remove it or set p=0.")
        if getattr(module, "track_running_stats", False):
            raise ValueError(
                f"`model` must not keep running statistics, as {type(module).__name__} does. Use LayerNorm or track_running_stats=False."
            )
    _check_answers(model, data, dtype)


def _check_answers(model: nn.Module, data: TaskData, dtype: torch.dtype) -> None:
    x = torch.from_numpy(data.train.x[:2].copy()).to(dtype)
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            outputs = copy.deepcopy(model).to("cpu", dtype)(x)
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"`model` must accept x of shape (sample, {data.n_features}); it said: {error}") from error
    found = (
        [tuple(o.shape) if isinstance(o, Tensor) else type(o).__name__ for o in outputs]
        if isinstance(outputs, (list, tuple))
        else type(outputs).__name__
    )
    expected = [(len(x), n) for n in data.n_outputs]
    if found != expected:
        raise ValueError(
            f"`model` must return a list of outputs with shapes {expected}, one per task; got {found}. Match n_tasks and n_outputs."
        )
