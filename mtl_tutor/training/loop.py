"""The one training loop: a chunk of seeds from its first step to its last."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from mtl_tutor.balancing import GradientSurgery, LossWeighting
from mtl_tutor.tasks import Task, TaskData
from mtl_tutor.training import any_module, mlp
from mtl_tutor.training._base import Stack
from mtl_tutor.training.batches import deal, tensors_of
from mtl_tutor.training.fresh_noise import Blur, FreshNoise
from mtl_tutor.training.losses import Labels, errors_of, losses_of
from mtl_tutor.training.optimizers import Optimizer


@dataclass(frozen=True)
class Settings:
    """What all seeds of one call to `train` have in common, apart from the model and the data."""

    method: LossWeighting | GradientSurgery
    optimizer: Optimizer
    steps: int
    batch_size: int | None
    weight_decay: float
    eval_every: int
    device: str
    dtype: torch.dtype
    noise: FreshNoise
    trunk_lr: float

    def looks(self) -> list[int]:
        """The steps after which the nets are evaluated."""
        return sorted({*range(0, self.steps, self.eval_every), self.steps})


def run(
    model: nn.Module,
    data: Sequence[TaskData],
    settings: Settings,
    start: Mapping[str, Tensor],
    seeds: Sequence[int],
    lr: Sequence[float],
    recorded: any_module.Recorded,
) -> dict[str, np.ndarray]:
    """Train one net per seed; `data` holds one entry for all seeds, or one per seed.

    Returns "loss/<split>" and "error/<split>" [seed step task], "parameters/<name>" and "diverged" [seed].
    """
    with one_thread(), torch.no_grad():
        # glibc keeps freed memory up to the size of the largest block it ever took back (32 MiB at most), and
        # returns the rest to the system: then every step would wait for its pages again, half of the time it takes.
        torch.empty(31 * 2**20, dtype=torch.uint8)
        like = torch.empty(0, dtype=settings.dtype, device=settings.device)
        stack = _stack(model, data[0].tasks, settings.method, len(seeds), like, recorded)
        for name, view in stack.named.items():
            view.copy_(start[name])
        rates = _rates(stack, model, like.new_tensor(lr), settings.trunk_lr)
        curves = _descend(stack, data, settings, seeds, rates)
        curves |= {f"parameters/{name}": view.cpu().numpy().copy() for name, view in stack.named.items()}
    finite = [np.isfinite(values).reshape(len(seeds), -1).all(1) for values in curves.values()]
    return curves | {"diverged": ~np.all(finite, axis=0)}


def _stack(
    model: nn.Module,
    tasks: Sequence[Task],
    method: LossWeighting | GradientSurgery,
    n_seeds: int,
    like: Tensor,
    recorded: any_module.Recorded,
) -> Stack:
    if mlp.fits(model, method) and isinstance(method, LossWeighting):
        return mlp.StackedMLP(model, tasks, method, n_seeds, like)
    return any_module.StackedModule(model, tasks, method, n_seeds, like, recorded)


def _rates(stack: Stack, model: nn.Module, lr: Tensor, trunk: float) -> Tensor:
    """Give every parameter its learning rate."""
    rates = stack.spread(lr)
    if trunk == 1:
        return rates
    rates = rates.expand_as(stack.parameters).contiguous()
    shared = {id(p) for p in model.shared_parameters()}  # type: ignore[operator]
    for name in (name for name, p in model.named_parameters() if id(p) in shared):
        view = stack.named[name]
        rates.as_strided(view.shape, view.stride(), view.storage_offset()).mul_(trunk)
    return rates


def _descend(stack: Stack, data: Sequence[TaskData], settings: Settings, seeds: Sequence[int], lr: Tensor) -> dict[str, np.ndarray]:
    splits = {name: tensors_of(stack, [d.splits()[name] for d in data], lr) for name in data[0].splits()}
    n_samples, size, n_units = len(data[0].train), settings.batch_size, stack.n_units
    sizes = {"n_samples": size or n_samples, "n_features": data[0].n_features, "n_units": n_units}
    blur = Blur(settings.noise, seeds, **sizes) if settings.noise else None
    batches = deal(stack, *splits["train"], n_samples=n_samples, size=size, seeds=seeds, blur=blur)
    every_seed = {name: (x.expand(len(seeds), -1, -1), Labels.of(y.expand(len(seeds), -1, -1))) for name, (x, y) in splits.items()}
    memory = settings.optimizer.start(stack.parameters)
    looks, seen = set(settings.looks()), {f"{what}/{split}": [] for what in ("loss", "error") for split in splits}
    for step in range(settings.steps + 1):
        outputs = stack.differentiate(next(batches))
        if step in looks:
            for split, (x, labels) in every_seed.items():
                if split != "train" or settings.batch_size or blur:  # a full, clear batch was answered on the way
                    outputs = stack.outputs(x)
                losses = losses_of(data[0].tasks, outputs, labels)
                seen[f"loss/{split}"].append(losses)
                seen[f"error/{split}"].append(errors_of(data[0].tasks, outputs, labels, losses))
        if step < settings.steps:
            if settings.weight_decay:
                stack.gradient.add_(stack.parameters, alpha=settings.weight_decay)
            settings.optimizer.step(stack.parameters, stack.gradient, lr, memory, step + 1)
    return {name: torch.stack(values, 1).cpu().numpy() for name, values in seen.items()}


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums come out the same on every machine, and neighbours on a shared one are not waited for."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
