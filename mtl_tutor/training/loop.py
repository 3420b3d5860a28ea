"""The one training loop: a chunk of seeds from its first step to its last."""

import copy
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.balancing import Balancing
from mtl_tutor.tasks import Samples, TaskData
from mtl_tutor.training import any_module, mlp
from mtl_tutor.training._base import Stack
from mtl_tutor.training.batches import deal, tensors_of
from mtl_tutor.training.evaluation import Evaluation, arrays_of
from mtl_tutor.training.fresh_noise import Blur, FreshNoise, draws_per_step
from mtl_tutor.training.losses import Labels, LossFunction
from mtl_tutor.training.optimizers import Optimizer
from mtl_tutor.training.threads import one_thread
from mtl_tutor.training.watching import Callback, Metric, Stops, require_finite
from mtl_tutor.training.weights import with_weights


@dataclass(frozen=True)
class Settings:
    """What all seeds of one call to `train` have in common, apart from the model and the data.

    Names are resolved: `freeze` holds parameters' names, `schedule` one factor per step (empty: all 1), `losses`,
    `class_weights` and `metrics` one entry per task (empty: none).
    """

    method: Balancing
    optimizer: Optimizer
    steps: int
    batch_size: int | None
    weight_decay: float
    eval_every: int
    device: str
    dtype: torch.dtype
    noise: FreshNoise
    trunk_lr: float
    freeze: tuple[str, ...] = ()
    schedule: tuple[float, ...] = ()
    keep_at: tuple[int, ...] = ()
    keep_best: bool = False
    losses: tuple[LossFunction | None, ...] = field(default=(), repr=False)
    class_weights: tuple[tuple[float, ...] | None, ...] = ()
    metrics: tuple[Metric | None, ...] = field(default=(), repr=False)
    patience: int | None = None
    callback: Callback | None = field(default=None, repr=False)
    nonfinite: str = "mark"

    def eval_steps(self) -> list[int]:
        """Return the steps after which the nets are evaluated."""
        return sorted({*range(0, self.steps, self.eval_every), self.steps})


def run(
    model: nn.Module,
    data: Sequence[TaskData],
    settings: Settings,
    start: Mapping[str, Tensor],
    seeds: Sequence[int],
    lr: Sequence[float],
    recorded: any_module.Recorded,
    sample_weights: Sequence[Float[np.ndarray, "sample task"]] = (),
    n_rows: int | None = None,
) -> dict[str, np.ndarray]:
    """Train one net per seed; `data` (and `sample_weights`, if any) hold one entry for all seeds, or one per seed.

    Seeds from `n_rows` on repeat the first, to fill up the stack. Returns "loss/<split>", "error/<split>" and
    "metric/<split>" [seed step task], "parameters/<name>", "kept/<step>/<name>", "diverged" and "stopped" [seed ...],
    and "best/<name>" [seed task ...].
    """
    with one_thread(), torch.no_grad():
        # glibc keeps freed memory up to the size of the largest block it ever took back (32 MiB at most), and
        # returns the rest to the system: then every step would wait for its pages again, half of the time it takes.
        torch.empty(31 * 2**20, dtype=torch.uint8)
        like = torch.empty(0, dtype=settings.dtype, device=settings.device)
        if is_plain(model, settings, weighted=len(sample_weights) > 0):
            stack: Stack = mlp.StackedMLP(model, data[0].tasks, settings.method, len(seeds), like)  # type: ignore[arg-type]
        else:
            model = _without(model, settings.freeze)
            draws = draws_per_step(settings.method.noise_shape(len(data[0].tasks)), seeds, like)
            how: Any = {"draws": draws, "losses": settings.losses, "skip": settings.nonfinite == "skip"}
            stack = any_module.StackedModule(model, data[0].tasks, settings.method, len(seeds), like, recorded, **how)
        for name, view in stack.named.items():
            view.copy_(start[name])
        rates = _rates(stack, model, like.new_tensor(lr), settings)
        stops = Stops(settings.patience, settings.callback, seeds, n_rows or len(seeds))
        evaluation = _descend(stack, data, settings, seeds, rates, sample_weights, stops)
        curves = evaluation.curves() | {f"parameters/{name}": value for name, value in arrays_of(stack).items()}
    finite = [np.isfinite(values).reshape(len(seeds), -1).all(1) for values in curves.values()]
    stopped = {"stopped": stops.steps(settings.steps)} if stops.are_possible else {}
    return curves | evaluation.kept() | stopped | {"diverged": ~np.all(finite, axis=0)}


def is_plain(model: nn.Module, settings: Settings, *, weighted: bool) -> bool:
    """Whether the fast path can train this: a net that it knows, the package's losses, and equal weights of samples."""
    special = weighted or any(settings.losses) or any(settings.class_weights) or settings.nonfinite == "skip"
    return mlp.fits(model, settings.method) and not special


def _without(model: nn.Module, names: Collection[str]) -> nn.Module:
    """Copy the model, with some parameters taken out of training."""
    model = copy.deepcopy(model)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(parameter.requires_grad and name not in names)
    return model


def _rates(stack: Stack, model: nn.Module, lr: Float[Tensor, "seed"], settings: Settings) -> Tensor:
    """Give every parameter its learning rate."""
    rates = stack.spread(lr)
    if settings.trunk_lr == 1 and not settings.freeze:
        return rates
    rates = rates.expand_as(stack.parameters).contiguous()
    shared = {id(p) for p in getattr(model, "shared_parameters", tuple)()}
    for name, parameter in model.named_parameters():
        factor = 0.0 if name in settings.freeze else settings.trunk_lr if id(parameter) in shared else 1.0
        if factor != 1 and parameter.requires_grad:
            view = stack.named[name]
            rates.as_strided(view.shape, view.stride(), view.storage_offset()).mul_(factor)
    return rates


def _descend(
    stack: Stack,
    data: Sequence[TaskData],
    settings: Settings,
    seeds: Sequence[int],
    lr: Tensor,
    sample_weights: Sequence[Float[np.ndarray, "sample task"]],
    stops: Stops,
) -> Evaluation:
    tasks, splits = data[0].tasks, {}
    for name in data[0].splits():
        samples: list[Samples] = [d.splits()[name] for d in data]
        if any(settings.class_weights) or len(sample_weights):
            own = sample_weights if name == "train" and len(sample_weights) else [None] * len(data)
            samples = [with_weights(one, settings.class_weights, weights) for one, weights in zip(samples, own, strict=True)]
        splits[name] = tensors_of(stack, samples, lr)
    n_samples, size = len(data[0].train), settings.batch_size
    sizes = {"n_samples": size or n_samples, "shape": data[0].train.x.shape[1:], "n_units": stack.n_units}
    blur = Blur(settings.noise, seeds, **sizes) if settings.noise else None
    batches = deal(stack, *splits["train"], n_samples=n_samples, size=size, seeds=seeds, blur=blur)
    n_seeds, n_tasks = len(seeds), len(tasks)
    every_seed = {
        name: (x.expand(n_seeds, *x.shape[1:]), Labels.of(y.expand(n_seeds, -1, -1), n_tasks)) for name, (x, y) in splits.items()
    }
    evaluation = Evaluation(tasks, settings.losses, every_seed, settings.keep_best, settings.metrics)
    memory, eval_steps = settings.optimizer.start(stack.parameters), set(settings.eval_steps())
    for step in range(settings.steps + 1):
        outputs = stack.differentiate(next(batches))
        if step in eval_steps:  # a full batch without noise was answered on the way
            evaluation.evaluate(stack, None if settings.batch_size or blur else outputs)
            if settings.nonfinite == "raise":
                require_finite(step, evaluation.latest(), tasks, seeds)
            stops.look(step, evaluation.latest(), stack)
        if step in settings.keep_at:
            evaluation.keep(stack, step)
        if stops.are_all():
            _stay(stack, evaluation, settings, step)
            break
        if step < settings.steps:
            if settings.weight_decay:
                stack.gradient.add_(stack.parameters, alpha=settings.weight_decay)
            rates = lr * settings.schedule[step] if settings.schedule else lr
            settings.optimizer.step(stack.parameters, stack.gradient, rates, memory, step + 1)
            stops.restore(stack)
    return evaluation


def _stay(stack: Stack, evaluation: Evaluation, settings: Settings, step: int) -> None:
    """Write down for the steps that are left what no longer changes."""
    for later in settings.eval_steps():
        if later > step:
            evaluation.repeat()
    for later in settings.keep_at:
        if later > step:
            evaluation.keep(stack, later)
