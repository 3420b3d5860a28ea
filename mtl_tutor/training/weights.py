"""The user's own loss functions and metrics, and how much each sample counts: weights per sample and per class."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.tasks import Samples, Task, TaskData
from mtl_tutor.training.losses import LossFunction
from mtl_tutor.training.trials import answers_of

SampleWeight = Sequence[float] | Float[np.ndarray, "sample *task"] | Callable[[int], Any] | None
"""Weights of training samples, for all tasks or per task; or a function from a data seed to them."""

_MOST = 1e30  # nets compute in single precision, which ends at 3e38


def with_weights(
    samples: Samples, class_weights: Sequence[Sequence[float] | None], sample_weights: Float[np.ndarray, "sample task"] | None
) -> Samples:
    """Put each sample's weight per task into columns after the labels: its own weight times that of its class."""
    weights = np.ones_like(samples.y) if sample_weights is None else sample_weights.copy()
    for task, of_classes in enumerate(class_weights):
        if of_classes:
            known = ~np.isnan(samples.y[:, task])
            weights[known, task] *= np.asarray(of_classes)[samples.y[known, task].astype(int)]
    return Samples(samples.x, np.hstack([samples.y, weights]))


def _per_task(name: str, values: Mapping[str, Any] | None, tasks: Sequence[Task]) -> tuple[Any, ...]:
    """Return one entry per task from a mapping of some tasks' names; None for the others, and nothing if all are."""
    names = [task.name for task in tasks]
    for key in values or ():
        if key not in names:
            raise ValueError(f"`{name}` must name tasks of the data, {names}; got {key!r}.")
    return tuple(values.get(task) for task in names) if values else ()


def loss_functions_of(losses: Mapping[str, LossFunction] | None, model: nn.Module, data: TaskData, dtype: torch.dtype) -> tuple[Any, ...]:
    """Return each task's own loss function, tried on two samples: it returns a loss per sample that depends on the outputs."""
    own = _per_task("losses", losses, data.tasks)
    if not any(own):
        return ()
    labels = torch.from_numpy(np.nan_to_num(data.train.y[:2])).to(dtype)
    for i, (task, function, output) in enumerate(zip(data.tasks, own, answers_of(model, data, dtype), strict=True)):
        if function is None:
            continue
        leaf = output.requires_grad_()
        try:
            with warnings.catch_warnings(action="ignore"):  # torch warns of shapes that the sentence below is about
                loss = function(leaf, labels[:, i])
        except (RuntimeError, TypeError, ValueError, IndexError) as error:
            raise ValueError(
                f"`losses` of {task.name!r} must take outputs {tuple(leaf.shape)} and labels {tuple(labels[:, i].shape)}; it said: {error}"
            ) from error
        if not isinstance(loss, Tensor) or loss.shape != labels[:, i].shape or not loss.requires_grad:
            found = f"shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else type(loss).__name__
            raise ValueError(
                f"`losses` of {task.name!r} must return one loss per sample, {tuple(labels[:, i].shape)}, that depends on the outputs; "
                f"got {found}. Leave out the mean."
            )
    return own


def metric_functions_of(metrics: Mapping[str, Any] | None, tasks: Sequence[Task]) -> tuple[Any, ...]:
    """Return each task's own metric, a function; nothing if there are none."""
    own = _per_task("metrics", metrics, tasks)
    return own if any(own) else ()


def class_weights_of(class_weight: Mapping[str, Sequence[float]] | None, tasks: Sequence[Task]) -> tuple[Any, ...]:
    """Return each task's weights of its classes: one per class, zero or more, not all zero."""
    found = _per_task("class_weight", class_weight, tasks)
    for task, weights in zip(tasks, found, strict=False):
        values = np.asarray([] if weights is None else weights, dtype=float)
        if weights is not None and (values.shape != (task.n_classes,) or not task.n_classes):
            raise ValueError(
                f"`class_weight` of {task.name!r} must have one number per class, {task.n_classes}; got {weights!r}. A regression has none."
            )
        _check_weights(f"`class_weight` of {task.name!r}", values)
    return tuple(weights if weights is None else tuple(float(w) for w in weights) for weights in found)


def sample_weight_of(weight: Any, data: TaskData) -> Float[np.ndarray, "sample task"]:
    """Return one weight per training sample and task."""
    values, shape = np.asarray(weight, dtype=float), data.train.y.shape
    if values.shape not in (shape[:1], shape):
        raise ValueError(
            f"`sample_weight` must have one number per training sample, {shape[:1]}, or per sample and task, {shape}; got {values.shape}."
        )
    _check_weights("`sample_weight`", values)
    return np.broadcast_to(values.reshape(shape[0], -1), shape)


def _check_weights(name: str, values: np.ndarray) -> None:
    if values.size and (not np.isfinite(values).all() or values.min() < 0 or not values.any()):
        raise ValueError(f"{name} must be finite, zero or more, and not all zero; got {values.min()} to {values.max()}.")
    if values.size and values.max() > _MOST:
        raise ValueError(f"{name} must be at most {_MOST:g}; got {values.max():g}. Only ratios count: divide all by their mean.")


def check_sample_weight(weight: SampleWeight, data: Any, first: TaskData, seed: int) -> None:
    """Require weights that fit the first data; a function of seeds only where the data are one."""
    if callable(weight) and not callable(data):
        raise ValueError("`sample_weight` must be an array where `data` are the same for all seeds; got a function of a seed.")
    if weight is not None:
        sample_weight_of(weight(seed) if callable(weight) else weight, first)
