"""The public door: hundreds of seeds in one call."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import torch
from jaxtyping import Float, Int
from torch import nn

from mtl_tutor.balancing import EqualWeighting, GradientSurgery, LossWeighting
from mtl_tutor.results import History
from mtl_tutor.tasks import Task, TaskData
from mtl_tutor.training import checks, mlp
from mtl_tutor.training.any_module import Recorded
from mtl_tutor.training.chunks import Chunk, width_of
from mtl_tutor.training.fresh_noise import FreshNoise
from mtl_tutor.training.loop import Settings
from mtl_tutor.training.optimizers import Adam, Optimizer


def train(
    model: nn.Module,
    data: TaskData | Callable[[int], TaskData],
    method: LossWeighting | GradientSurgery = EqualWeighting(),  # noqa: B008
    *,
    seeds: int | Sequence[int] | Int[np.ndarray, "seed"] = 256,
    steps: int = 500,
    lr: float | Sequence[float] | Float[np.ndarray, "seed"] = 0.01,
    optimizer: Optimizer = Adam(),  # noqa: B008
    batch_size: int | None = None,
    weight_decay: float = 0.0,
    noise: FreshNoise = FreshNoise(),  # noqa: B008
    trunk_lr: float = 1.0,
    trunk_from: History | None = None,
    eval_every: int | None = None,
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
    n_jobs: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: bool = False,
) -> History:
    """Train one network many times over, once per seed, and record how every task fares.

    A seed decides a net's first weights and its order of samples. Its numbers are the same, to the last
    bit, whichever other seeds are trained beside it, in whatever order, and on however many processes.

    Parameters
    ----------
    model : a plain module for one network; its forward(x [sample feature]) returns one [sample output] tensor
        per task. It is copied for every seed and reset by `reset_parameters`, its own or its submodules';
        what nobody resets starts at the model's present value. What its `penalty()` returns, if it has one, is added to the losses.
    data : what all seeds learn from; or a function from a seed to that seed's own data, all of the same shape.
    method : how one update is made from the tasks' losses.
    seeds : how many replicas (0, 1, 2, …), or which. Repeat seeds to sweep learning rates in one call.
    steps : updates of the parameters.
    lr : learning rate, one for all rows or one per row.
    optimizer : `Adam()` or `SGD(momentum)`.
    batch_size : samples per step, shuffled every epoch, the left-over dropped; all samples when not given.
    weight_decay : times each parameter, added to its gradient (an L2 penalty of half as much).
    noise : what is drawn anew at every step and added to inputs and labels, or silences units.
    trunk_lr : factor on the learning rate of the shared parameters; 0 freezes them.
    trunk_from : earlier nets of the same seeds, with a trunk of the same shape: each starts with that one's trunk, and new heads.
    eval_every : steps between evaluations; about fifty in all when not given.
    device : "cpu", or "cuda" for all seeds at once on a GPU.
    dtype : torch.float32, or torch.float64 for comparisons.
    n_jobs : processes, as in joblib; more machines through `joblib.parallel_config`.
    checkpoint : a folder for finished chunks of seeds; the same call finds them there and goes on.
    progress : whether to show a bar.

    Returns
    -------
    One row per seed, NumPy only. The loss of a task is its mean squared error or cross-entropy (nats) over its
    labelled samples; a row whose weights or losses stopped being finite is marked as diverged.

    Raises
    ------
    ValueError, TypeError : a setting is out of its range, or model, data and method do not fit one another.

    Source: ensembling by `torch.func` (PyTorch tutorial "Model ensembling"). Departures: plain trunk-and-heads nets
    are differentiated by hand, which is several times faster.

    >>> from mtl_tutor.sharing import HardSharing
    >>> from mtl_tutor.tasks import sine_family
    >>> data = sine_family(n_tasks=2, n_samples=16, relatedness=1.0, seed=0)
    >>> history = train(HardSharing(n_features=1, n_hidden=8, n_tasks=2), data, seeds=3, steps=20, eval_every=10)
    >>> history.loss["train"].shape
    (3, 3, 2)
    """
    rows = checks.seeds_of(seeds)
    rates = checks.lr_of(lr, len(rows))
    checks.check_is_module(model)
    first = checks.first_of(data, rows[0])
    checks.check_method(method, optimizer, len(first.tasks))
    checks.check_device(device, dtype)
    checks.check_model(model, first, dtype)
    checks.check_counts(steps=steps, eval_every=eval_every)
    checks.check_batch(batch_size, weight_decay, len(first.train))
    checks.check_noise(noise, first, mlp.fits(model, method))
    checks.check_trunk_lr(trunk_lr, model)
    trunks = checks.trunks_of(trunk_from, model, rows) if trunk_from else None
    looks = eval_every or max(1, steps // 50)
    settings = Settings(method, optimizer, steps, batch_size, weight_decay, looks, device, dtype, noise, trunk_lr)
    shape = {"n_samples": batch_size or len(first.train), "itemsize": dtype.itemsize, "fast": mlp.fits(model, method)}
    width = width_of(model, len(rows), **shape) if device == "cpu" else len(rows)
    folder = Path(checkpoint) if checkpoint is not None else None
    recorded: Recorded = {}
    chunks = [
        Chunk(model, data, settings, rows[i : i + width], rates[i : i + width], width, folder, recorded, trunks)
        for i in range(0, len(rows), width)
    ]
    results = joblib.Parallel(n_jobs=n_jobs, return_as="generator")(joblib.delayed(Chunk.train)(chunk) for chunk in chunks)
    parts = list(_shown(results, len(chunks)) if progress else results)
    return _history(first.tasks, settings.looks(), rows, rates, parts)


def _shown(results: Iterable[Any], n_chunks: int) -> Iterable[Any]:
    from tqdm import tqdm  # only here: most calls show no bar

    return tqdm(results, total=n_chunks, desc="train", unit="chunk")


def _history(
    tasks: Sequence[Task], looks: Sequence[int], seeds: Sequence[int], lr: Sequence[float], parts: Sequence[dict[str, np.ndarray]]
) -> History:
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def under(folder: str) -> dict[str, np.ndarray]:
        return {name.removeprefix(f"{folder}/"): values for name, values in whole.items() if name.startswith(f"{folder}/")}

    return History(
        seeds=np.array(seeds),
        steps=np.array(looks),
        tasks=tuple(task.name for task in tasks),
        loss=under("loss"),
        error=under("error"),
        lr=np.array(lr),
        diverged=whole["diverged"],
        parameters=under("parameters"),
    )
