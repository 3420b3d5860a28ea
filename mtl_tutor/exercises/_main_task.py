"""Data of a reader, and the error of the main task on nets that are trained on it."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from torch import nn

from mtl_tutor.balancing import EqualWeighting, LossWeighting
from mtl_tutor.exercises._answers import NotYetError, asked, shown
from mtl_tutor.sharing import HardSharing
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import SGD, Adam, train

_MOST = {"samples": 400, "inputs": 100, "tasks": 16}


def data_of(draw: Callable[..., Any], given: Mapping[int, Any]) -> dict[int, TaskData]:
    """What a reader's function makes of each of these, as data on which nets can be trained; seed -> data."""
    found = {}
    for seed, one in given.items():
        data = asked(draw, one)
        if not isinstance(data, TaskData):
            raise NotYetError(f"your function should return a TaskData; got {shown(data)}.")
        if data.validation is None or data.test is None:
            raise NotYetError("the data should have training, validation and test samples.")
        sizes = dict(zip(_MOST, (max(map(len, data.splits().values())), int(np.prod(data.input_shape)), len(data.tasks)), strict=True))
        if large := [name for name, size in sizes.items() if size > _MOST[name]]:
            raise NotYetError(f"your data have {sizes[large[0]]} {large[0]}; this exercise takes at most {_MOST[large[0]]}.")
        found[seed] = data
    return found


def main_error(
    data: Mapping[int, TaskData],
    n_hidden: int,
    *,
    lr: float,
    steps: int,
    optimizer: SGD | Adam,
    method: LossWeighting = EqualWeighting(),  # noqa: B008
) -> float:
    """Test error of the first task, a mean over one tanh net for each seed, stopped early where there are validation samples."""
    first = next(iter(data.values()))
    net = HardSharing(first.n_features, n_hidden, n_outputs=first.n_outputs, activation=nn.Tanh, init_scale=0.5)
    settings = {"lr": lr, "steps": steps, "optimizer": optimizer, "eval_every": max(1, steps // 25)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        history = asked(lambda: train(net, lambda seed: data[seed], method, seeds=list(data), **settings))
        errors = history.last() if first.validation is None else history.best()
    if not np.isfinite(mean := errors[:, 0].mean()):
        raise NotYetError("the weights of some nets grew without bound. Take smaller labels, inputs or learning rates.")
    return float(mean)
