"""Checks of the arguments of `train`: one sentence per mistake."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from mtl_tutor.checks import check_least, check_whole, shown
from mtl_tutor.tasks import TaskData
from mtl_tutor.training.fresh_noise import FreshNoise
from mtl_tutor.training.schedules import Schedule
from mtl_tutor.training.trials import answers_of, check_repeatable

MOST_SEEDS = 10**7
"""The largest number of nets in one call: more is a slip of the keyboard."""


def check_counts(**counts: int | None) -> None:
    """Require positive numbers, where given."""
    for name, value in counts.items():
        check_least(name, 1 if value is None else value)


def seeds_of(seeds: int | Sequence[int] | Int[np.ndarray, "seed"], name: str = "seeds") -> tuple[int, ...]:
    """Return the rows' seeds; a count stands for 0, 1, 2, …"""
    if isinstance(seeds, (int, np.integer)):
        return tuple(range(check_whole(name, seeds, least=1, most=MOST_SEEDS)))
    rows = [] if np.ndim(seeds) != 1 else list(seeds)
    if not rows:
        raise ValueError(f"`{name}` must be a count or a sequence of whole numbers; got {shown(seeds)}. For example `{name}=range(10)`.")
    return tuple(check_whole(f"{name}[{i}]", seed, least=0, most=2**63 - 1) for i, seed in enumerate(rows))


def lr_of(lr: float | Sequence[float] | Float[np.ndarray, "seed"], n_seeds: int) -> tuple[float, ...]:
    """Return the rows' learning rates; one number stands for all."""
    rows = np.asarray(lr, dtype=float)
    if rows.shape not in ((), (n_seeds,)):
        raise ValueError(f"`lr` must be one number or one per row, {n_seeds}; got shape {rows.shape}. Repeat `lr` and `seeds` alike.")
    if not (np.isfinite(rows) & (rows > 0)).all():
        raise ValueError(f"`lr` must be positive and finite; got {rows.min()}.")
    return tuple(np.broadcast_to(rows, n_seeds).tolist())


def factors_of(schedule: Schedule | None, steps: int) -> tuple[float, ...]:
    """Return the schedule's factor at every step; none without a schedule."""
    if schedule is None:
        return ()
    factors = [schedule(step) for step in range(steps)]
    for step, factor in enumerate(factors):
        if isinstance(factor, bool) or not isinstance(factor, (int, float, np.number)) or not 0 <= factor < float("inf"):
            raise ValueError(f"`schedule` must return finite factors of zero or more; it returned {factor!r} at step {step}.")
    return tuple(float(factor) for factor in factors)


def check_batch(batch_size: int | None, weight_decay: float) -> None:
    """Require a positive size, and a decay of zero or more."""
    check_counts(batch_size=batch_size)
    if weight_decay < 0:
        raise ValueError(f"`weight_decay` must be zero or more; got {weight_decay}.")


def check_memory(model: nn.Module, n_seeds: int, *, n_copies: int, n_evaluated: int, itemsize: int) -> None:
    """Require that all nets' weights and curves find room in the machine's memory."""
    needed = n_seeds * itemsize * (n_copies * sum(p.numel() for p in model.parameters()) + 2 * n_evaluated)
    if "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {}):
        there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        if needed > there:
            raise ValueError(
                f"`seeds` must leave room for all weights and curves, {needed / 2**30:.0f} GiB for {n_seeds} nets; "
                f"this machine has {there / 2**30:.0f} GiB. Train fewer at once."
            )


def check_noise(noise: FreshNoise, data: TaskData, is_plain: bool) -> None:
    """Require noise on the labels of regressions only, and dropout only where the engine knows the units."""
    if noise.labels and len(noise.labels) != len(data.tasks):
        raise ValueError(f"`noise` must have one standard deviation per task, {len(data.tasks)}; got {len(noise.labels)}.")
    if any(sd and task.kind != "regression" for sd, task in zip(noise.labels, data.tasks, strict=False)):
        raise ValueError("`noise` must leave the labels of classes alone; a class plus 0.3 is none. Set its standard deviation to 0.")
    if noise.dropout and not is_plain:
        raise ValueError(
            "`noise` can silence the units of HardSharing and SingleTask nets only, under constant weights, with the package's losses "
            "and without weights of samples or classes. Set dropout=0."
        )


def check_trunk_lr(trunk_lr: float, model: nn.Module) -> None:
    """Require a factor of zero or more, and shared parameters if it is not 1."""
    if trunk_lr < 0:
        raise ValueError(f"`trunk_lr` must be zero or more; got {trunk_lr}.")
    if trunk_lr != 1 and not hasattr(model, "shared_parameters"):
        raise ValueError(f"`trunk_lr` needs a model that names its `shared_parameters`; {type(model).__name__} doesn't.")


def kept_steps_of(keep_at: int | Sequence[int], keep_best: bool, steps: int, data: TaskData) -> tuple[int, ...]:
    """Return the steps at which weights are kept; best weights need validation samples."""
    kept = {keep_at} if isinstance(keep_at, int) else {*keep_at}
    if kept and not 0 <= min(kept) <= max(kept) <= steps:
        raise ValueError(f"`keep_at` must lie between 0 and `steps`, {steps}; got {min(kept)} to {max(kept)}.")
    if keep_best and data.validation is None:
        raise ValueError("`keep_best` needs validation samples to know a best step; `data` has none. Give TaskData a `validation` split.")
    return tuple(sorted(kept))


def first_of(data: Any, seed: int) -> TaskData:
    """Return the first seed's data, for the checks that need one; data are a TaskData or make one."""
    first: Any = data if isinstance(data, TaskData) else data(seed)
    check_same_form(first, first, seed)
    return first


def check_same_form(data: object, first: TaskData, seed: int) -> None:
    """Require the same tasks and shapes of all seeds' data."""
    if not isinstance(data, TaskData):
        raise TypeError(f"`data(seed)` must return a TaskData; got {type(data).__name__} for seed {seed}.")
    form, expected = ((d.tasks, {name: split.x.shape for name, split in d.splits().items()}) for d in (data, first))
    if form != expected:
        raise ValueError(f"`data(seed)` must have the same tasks and shapes for every seed; seed {seed} has {form}, the first {expected}.")


def check_device(device: str, dtype: torch.dtype) -> None:
    """Require a device that is there, and a floating-point type."""
    if device != "cpu" and not str(device).startswith("cuda"):
        raise ValueError(f"`device` must be 'cpu' or 'cuda'; got {device!r}.")
    if device != "cpu" and not torch.cuda.is_available():
        raise ValueError(f"`device` must be there; got {device!r}, but torch sees no GPU. Use device='cpu'.")
    if dtype not in (torch.float32, torch.float64):
        raise ValueError(f"`dtype` must be torch.float32 or torch.float64; got {dtype}.")


def check_model(model: nn.Module, data: TaskData, dtype: torch.dtype) -> None:
    """Require a model that can be replicated and answers every task."""
    if not any(p.requires_grad for p in model.parameters()):
        raise ValueError("`model` must have parameters to train; it has none.")
    for name, module in model.named_modules():
        _check_part(name, module)
    outputs = answers_of(model, data, dtype)
    found = (
        [tuple(o.shape) if isinstance(o, Tensor) else type(o).__name__ for o in outputs]
        if isinstance(outputs, (list, tuple))
        else type(outputs).__name__
    )
    expected = [(min(2, len(data.train)), n) for n in data.n_outputs]
    if found != expected:
        raise ValueError(
            f"`model` must return a list of outputs with shapes {expected}, one per task; got {found}. Match n_tasks and n_outputs."
        )
    check_repeatable(model, data, dtype)


def _check_part(name: str, module: nn.Module) -> None:
    """Refuse parts whose answers depend on chance or on the other samples; what is in evaluation mode is fixed."""
    kind = type(module).__name__
    if isinstance(module, (nn.RNNBase, nn.RNNCellBase)):
        raise ValueError(
            f"`model` must do without {kind} (`{name or 'the model'}`), which torch cannot calculate for many nets at once. "
            "Write the recurrence with nn.Linear in a loop over the steps, or use attention or nn.Conv1d."
        )
    if isinstance(module, nn.modules.dropout._DropoutNd) and module.p > 0 and module.training:
        raise ValueError("`model` must not use dropout: its masks would depend on which seeds train together. Remove it or set p=0.")
    if isinstance(module, nn.modules.batchnorm._BatchNorm) and (module.training or module.running_mean is None):
        raise ValueError(
            f"`model` must not normalise over the batch, as {kind} does: an answer would depend on the other samples. "
            "Use LayerNorm or GroupNorm."
        )
    if isinstance(module, nn.modules.batchnorm._NormBase) and module.track_running_stats and module.training:
        raise ValueError(f"`model` must not keep running statistics, as {kind} does. Use LayerNorm or GroupNorm.")
