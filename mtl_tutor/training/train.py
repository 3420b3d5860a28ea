"""The public door: hundreds of seeds in one call."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import Any, Literal

import joblib
import numpy as np
import torch
from jaxtyping import Float, Int
from torch import nn

from mtl_tutor.balancing import Balancing, EqualWeighting
from mtl_tutor.checks import checked
from mtl_tutor.results import History
from mtl_tutor.tasks import Task, TaskData
from mtl_tutor.training import checkpoints, checks, starts, weights
from mtl_tutor.training.any_module import Recorded
from mtl_tutor.training.balancing_trials import check_balancing
from mtl_tutor.training.chunks import Chunk, width_of
from mtl_tutor.training.first_weights import check_starts
from mtl_tutor.training.fresh_noise import FreshNoise
from mtl_tutor.training.loop import Settings, is_plain
from mtl_tutor.training.losses import LossFunction
from mtl_tutor.training.optimizers import Adam, Optimizer
from mtl_tutor.training.schedules import Schedule
from mtl_tutor.training.watching import Callback, Metric, check_callback, check_patience
from mtl_tutor.training.weights import SampleWeight


@checked
def train(
    model: nn.Module,
    data: TaskData | Callable[[int], TaskData],
    method: Balancing = EqualWeighting(),  # noqa: B008
    *,
    seeds: int | Sequence[int] | Int[np.ndarray, "seed"] = 256,
    steps: int = 500,
    lr: float | Sequence[float] | Float[np.ndarray, "seed"] = 0.01,
    optimizer: Optimizer = Adam(),  # noqa: B008
    schedule: Schedule | None = None,
    batch_size: int | None = None,
    weight_decay: float = 0.0,
    noise: FreshNoise = FreshNoise(),  # noqa: B008
    losses: Mapping[str, LossFunction] | None = None,
    sample_weight: SampleWeight = None,
    class_weight: Mapping[str, Sequence[float]] | None = None,
    data_seeds: Sequence[int] | Int[np.ndarray, "seed"] | None = None,
    start: History | None = None,
    trunk_from: History | None = None,
    trunk_lr: float = 1.0,
    freeze: str | Sequence[str] = (),
    eval_every: int | None = None,
    keep_at: int | Sequence[int] = (),
    keep_best: bool = False,
    metrics: Mapping[str, Metric] | None = None,
    patience: int | None = None,
    callback: Callback | None = None,
    nonfinite: Literal["mark", "raise", "skip"] = "mark",
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
    n_jobs: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: bool = False,
) -> History:
    """Train one network many times over, once per seed, and record every task's loss and error.

    A seed decides a net's first weights and its order of samples. Its numbers are the same, to the last
    bit, whichever other seeds are trained beside it, in whatever order, and on however many processes.

    Parameters
    ----------
    model : nn.Module
        A plain module for one network; its forward(x [sample feature]) returns one [sample output] tensor per
        task; x may have more axes, such as [sample channel height width]. The model is copied for every seed and
        reset by `reset_parameters`, its own or its submodules'. What is not trained (`requires_grad=False`), and
        constants that no reset sets, start at the model's present value. What its `penalty()` returns, if it has
        one, is added to the losses.
    data : TaskData or function
        The data of all seeds; or a function from a seed to that seed's own data, all of the same shape.
    method : Balancing
        How one update is made from the tasks' losses.
    seeds : int or sequence of int
        Number of nets (seeds 0, 1, 2, …), or their seeds. Repeat seeds to try several learning rates in one call.
    steps : int
        Number of updates of the parameters.
    lr : float or sequence of float
        Learning rate, one for all rows or one per row.
    optimizer : Adam or SGD
        `Adam()` or `SGD(momentum)`.
    schedule : function, optional
        From a step, counted from 0, to the factor on the learning rate of that step's update, such as
        `cosine(steps)`, `warmup(50)` or `step_decay(100)`.
    batch_size : int, optional
        Samples per step, shuffled every epoch, the left-over dropped; all samples when not given, or where there
        are fewer.
    weight_decay : float
        Times each parameter, added to its gradient (an L2 penalty of half as much).
    noise : FreshNoise
        Noise on inputs and labels, and dropout, drawn anew at every step.
    losses : dict of functions, optional
        Task name -> your own loss in place of the squared error or the cross-entropy: a function from outputs
        [sample output] and labels [sample] to one loss per sample [sample], in torch operations. Samples without a
        label are left out, whatever it returns for them.
    sample_weight : array or function, optional
        Weights of the training samples, [sample] or [sample task], zero or more; or, where `data` is a function, a
        function from the same seed to them. A task's loss is the weighted mean over the labelled samples of a batch.
    class_weight : dict, optional
        Task name -> one weight per class, in all splits; multiplied with the sample's own weight.
    data_seeds : sequence of int, optional
        The seeds that `data` is called with, one per row; the rows' own `seeds` when not given.
    start : History, optional
        Earlier nets to go on from: each row starts with all parameters of the same row if the seeds are the same,
        otherwise of the net with its seed. The optimiser and the order of samples start afresh. To start from an
        earlier step: `history.at(step)`.
    trunk_from : History, optional
        The same for the shared parameters alone; heads are new.
    trunk_lr : float
        Factor on the learning rate of the shared parameters; 0 freezes them.
    freeze : str or sequence of str
        Patterns of parameter names, such as "trunk.*", that stay at what they start with.
    eval_every : int, optional
        Steps between evaluations; about fifty in all when not given.
    keep_at : int or sequence of int
        Steps after which all weights are kept, 0 for the start: `history.parameters_at(step)`.
    keep_best : bool
        Whether to keep, for every task, the weights at the evaluation with its lowest validation loss:
        `history.best_parameters(task)`.
    metrics : dict of functions, optional
        Task name -> your own metric: a function from one net's outputs [sample output] and labels [sample], NumPy
        arrays of the labelled samples, to a number. It is called at every evaluation, for every net and split; read
        `history.metric`.
    patience : int, optional
        Early stopping: a net whose validation loss (sum over tasks) was not lower than its lowest in this many
        evaluations running is trained no further. `history.stopped` tells the steps. The weights stay those of that
        step; for those of the lowest loss, `keep_best`.
    callback : function, optional
        callback(step, losses, seed) is called at every evaluation of every net, with its losses, {"train": [task],
        …}; if it returns True, that net is trained no further. With `n_jobs`, it runs in other processes, so what it
        changes there is lost here. It is not called for chunks that `checkpoint` had finished.
    nonfinite : "mark", "raise" or "skip"
        What to do when a task's loss is infinite or no number: mark the net in `history.diverged` and go on with the
        others; raise an error that names task, step and seed, at the next evaluation; or leave that task out of that
        net's update, as if it had no label in the batch, and set what else isn't finite in the update to zero.
    device : str
        "cpu", or "cuda" for all seeds at once on a GPU.
    dtype : torch.dtype
        torch.float32, or torch.float64 for comparisons.
    n_jobs : int, optional
        Number of processes, as in joblib; more machines through `joblib.parallel_config`.
    checkpoint : path, optional
        A folder for finished chunks of seeds; the same call finds them there and goes on. Whatever decides the
        numbers makes another chunk: data, settings, and the code of model, method and losses as it runs.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    History
        One row per seed, NumPy only. A row whose weights or losses stopped being finite is marked as diverged.
        Errors are the mean squared error or the share of wrong answers, with equal weights, whatever the losses.

    Raises
    ------
    ValueError, TypeError
        A setting is out of its range, or model, data and method do not fit one another.

    Notes
    -----
    Source: ensembling by `torch.func` (PyTorch tutorial "Model ensembling"). Departures: on the fast path, nets are
    differentiated by hand. A row that stopped keeps its parameters, whatever goes on beside it; a chunk ends when all
    its rows have.

    The fast path takes HardSharing and SingleTask nets of linear layers with ReLU or Tanh, all of whose parameters can be
    trained, under EqualWeighting or FixedWeighting, with the package's losses and without weights of samples or classes.
    All else takes the general path: other architectures and modules of your own, other methods, your own losses.

    Both paths calculate four nets at least, however few are asked for: torch multiplies single matrices by another routine,
    with other last digits. So one net alone may take longer than in a loop of your own, above all where it has convolutions.

    To train for more steps, go on from what there is: `train(model, data, seeds=…, steps=100, start=history)`. The
    optimiser's memory and the order of samples start afresh, so only SGD without momentum on full batches gives the
    same bits as one long training. A training that was interrupted is another case: call it again with the same
    `checkpoint`.

    Examples
    --------
    >>> from mtl_tutor.sharing import HardSharing
    >>> from mtl_tutor.tasks import sine_family
    >>> data = sine_family(n_tasks=2, n_samples=16, relatedness=1.0, seed=0)
    >>> history = train(HardSharing(n_features=1, n_hidden=8, n_tasks=2), data, seeds=3, steps=20, eval_every=10)
    >>> history.loss["train"].shape
    (3, 3, 2)
    """
    rows = checks.seeds_of(seeds)
    rates = checks.lr_of(lr, len(rows))
    drawn = starts.data_seeds_of(data_seeds, rows, data)
    first = checks.first_of(data, drawn[0])
    method.start(len(first.tasks))  # which refuses another number of tasks
    checks.check_device(device, dtype)
    checks.check_model(model, first, dtype)
    checks.check_counts(steps=steps, eval_every=eval_every)
    checks.check_batch(batch_size, weight_decay)
    checks.check_trunk_lr(trunk_lr, model)
    check_patience(patience, first)
    check_callback(callback)
    weights.check_sample_weight(sample_weight, data, first, drawn[0])
    settings = Settings(
        method=method,
        optimizer=optimizer,
        steps=steps,
        batch_size=batch_size and min(batch_size, len(first.train)),
        weight_decay=weight_decay,
        eval_every=eval_every or max(1, steps // 50),
        device=device,
        dtype=dtype,
        noise=noise,
        trunk_lr=trunk_lr,
        freeze=starts.frozen_of(freeze, model),
        schedule=checks.factors_of(schedule, steps),
        keep_at=checks.kept_steps_of(keep_at, keep_best, steps, first),
        keep_best=keep_best,
        losses=weights.loss_functions_of(losses, model, first, dtype),
        class_weights=weights.class_weights_of(class_weight, first.tasks),
        metrics=weights.metric_functions_of(metrics, first.tasks),
        patience=patience,
        callback=callback,
        nonfinite=nonfinite,
    )
    fast = is_plain(model, settings, weighted=sample_weight is not None)
    checks.check_noise(noise, first, fast)
    n_copies = 1 + len(settings.keep_at) + keep_best * len(first.tasks)
    n_evaluated = len(settings.eval_steps()) * len(first.tasks) * len(first.splits())
    checks.check_memory(model, len(rows), n_copies=n_copies, n_evaluated=n_evaluated, itemsize=dtype.itemsize)
    given = starts.given_of(start, trunk_from, model, rows)
    check_starts(model, {*given, *settings.freeze})
    check_balancing(method, model, settings.freeze, len(first.tasks), dtype)
    n_places = prod(first.train.x.shape[2:])  # of an image or a sequence: a layer calculates at each
    shape = {"n_samples": (settings.batch_size or len(first.train)) * n_places, "itemsize": dtype.itemsize, "fast": fast}
    width = width_of(model, len(rows), **shape) if device == "cpu" else len(rows)
    folder = checkpoints.folder_of(checkpoint)
    recorded: Recorded = {}
    chunks = []
    for some in (slice(i, i + width) for i in range(0, len(rows), width)):
        part = {name: values[some] for name, values in given.items()}
        chunk = Chunk(model, data, settings, rows[some], rates[some], width, folder, recorded, part, drawn[some], sample_weight)
        chunks.append(chunk)
    n_jobs = n_jobs and min(n_jobs, len(chunks))  # joblib would start them all
    results = _workers(n_jobs)(joblib.delayed(Chunk.train)(chunk) for chunk in chunks)
    parts = list(_shown(results, len(chunks)) if progress else results)
    return _history(first.tasks, settings, rows, rates, parts)


def _workers(n_jobs: int | None) -> joblib.Parallel:
    """Workers that hand over each chunk when it is finished, or all at the end where joblib's backend knows no other way."""
    try:
        return joblib.Parallel(n_jobs=n_jobs, return_as="generator")
    except ValueError:
        return joblib.Parallel(n_jobs=n_jobs)


def _shown(results: Iterable[Any], n_chunks: int) -> Iterable[Any]:
    from tqdm import tqdm  # only here: most calls show no bar

    return tqdm(results, total=n_chunks, desc="train", unit="chunk")


def _history(
    tasks: Sequence[Task], settings: Settings, seeds: Sequence[int], lr: Sequence[float], parts: Sequence[dict[str, np.ndarray]]
) -> History:
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def under(folder: str) -> dict[str, np.ndarray]:
        return {name.removeprefix(f"{folder}/"): values for name, values in whole.items() if name.startswith(f"{folder}/")}

    return History(
        seeds=np.array(seeds),
        steps=np.array(settings.eval_steps()),
        tasks=tuple(task.name for task in tasks),
        loss=under("loss"),
        error=under("error"),
        lr=np.array(lr),
        diverged=whole["diverged"],
        parameters=under("parameters"),
        kept={step: under(f"kept/{step}") for step in settings.keep_at},
        kept_best=under("best"),
        kinds=tuple(task.kind for task in tasks),
        metric=under("metric"),
        stopped=whole.get("stopped"),
    )
