"""The tasks' gradients of trained nets, on training data or data held out."""

from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from mtl_tutor.balancing import jacobian_of
from mtl_tutor.checks import check_named, checked
from mtl_tutor.results import History
from mtl_tutor.tasks import TaskData
from mtl_tutor.training.losses import Labels, losses_of
from mtl_tutor.training.nets import nets


@checked
def task_gradients(
    model: nn.Module,
    history: History,
    data: TaskData,
    *,
    split: Literal["train", "validation", "test"] = "train",
    at: int | Literal["last"] = "last",
) -> Float[np.ndarray, "seed task param"]:
    """Return every task's gradient of the shared parameters, in every trained net, on all samples of a split.

    Parameters
    ----------
    model : nn.Module
        The module that was trained.
    history : History
        What `train` returned. Nets that diverged are left out.
    data : TaskData
        The samples.
    split : {"train", "validation", "test"}
        Which of them.
    at : int or "last"
        After which step: the last, or one that was kept (`keep_at`).

    Returns
    -------
    Float[np.ndarray, "seed task param"]
        For `mtl_tutor.metrics`: `conflict_rate`, `norm_ratio`, `stationarity`, `gradient_curves`. A module that doesn't say
        what it shares (`shared_parameters`) has all its parameters here.

    Raises
    ------
    ValueError, TypeError
        A split that the data lack, weights that were not kept, another model or other tasks than were trained.

    Examples
    --------
    >>> from mtl_tutor.sharing import HardSharing
    >>> from mtl_tutor.tasks import sine_family
    >>> from mtl_tutor.training import train
    >>> model, data = HardSharing(n_features=1, n_hidden=8, n_tasks=2), sine_family(n_tasks=2, n_samples=16, seed=0)
    >>> task_gradients(model, train(model, data, seeds=3, steps=20), data, split="test").shape
    (3, 2, 16)
    """
    there = {name: getattr(data, name) for name in ("train", "validation", "test") if getattr(data, name) is not None}
    check_named("split", split, there)
    if tuple(task.name for task in data.tasks) != tuple(history.tasks):
        raise ValueError(f"`data` must have the tasks that were trained, {list(history.tasks)}; got {[task.name for task in data.tasks]}.")
    found = []
    for net in nets(model, history, seed=history.seeds[~history.diverged].tolist(), at=at):
        shared = [p for p in getattr(net, "shared_parameters", net.parameters)() if p.requires_grad]
        x, y = (torch.as_tensor(values, dtype=shared[0].dtype)[None] for values in (there[split].x, there[split].y))
        outputs = [output[None] for output in net(x[0])]
        losses = losses_of(data.tasks, outputs, Labels.of(y, len(data.tasks)))[0]
        found.append(jacobian_of(list(losses), shared).numpy())
    return np.stack(found)
