"""What is written down while nets are trained: their losses and errors, and their weights at chosen steps."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.tasks import Task
from mtl_tutor.training._base import Stack
from mtl_tutor.training.losses import Labels, LossFunction, errors_of, losses_of
from mtl_tutor.training.watching import Metric, measured


class Evaluation:
    """The curves of a chunk of seeds, and each task's best weights so far.

    Parameters
    ----------
    tasks : sequence of Task
        What is asked.
    own : sequence of LossFunction or None
        The user's own loss of each task; empty if there is none.
    splits : dict
        "train", … -> samples and labels of every seed.
    keep_best : bool
        Whether to keep each task's weights at its lowest validation loss.
    metrics : sequence of Metric or None
        The user's own metric of each task; empty if there is none.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        own: Sequence[LossFunction | None],
        splits: Mapping[str, tuple[Tensor, Labels]],
        keep_best: bool,
        metrics: Sequence[Metric | None] = (),
    ) -> None:
        self._tasks, self._own, self._splits, self._keep_best = tasks, own, splits, keep_best
        self._curves: dict[str, list[Tensor]] = {f"{what}/{split}": [] for what in ("loss", "error") for split in splits}
        self._metrics = metrics
        self._metric: dict[str, list[Tensor]] = {f"metric/{split}": [] for split in splits if metrics}
        self._kept: dict[str, np.ndarray] = {}
        self._best: dict[str, Tensor] = {}
        self._lowest = torch.empty(0)

    def evaluate(self, stack: Stack, answered: Sequence[Tensor] | None) -> None:
        """Record the losses and errors of every split; `answered` are the answers to the training samples, if known."""
        for split, (x, labels) in self._splits.items():
            outputs = answered if split == "train" and answered is not None else stack.outputs(x)
            losses = losses_of(self._tasks, outputs, labels, self._own)
            self._curves[f"loss/{split}"].append(losses)
            self._curves[f"error/{split}"].append(self._errors(outputs, labels, losses))
            if self._metrics:
                self._metric[f"metric/{split}"].append(measured(self._tasks, self._metrics, outputs, labels))
        if self._keep_best:
            self._update_best(stack, self._curves["loss/validation"][-1])

    def latest(self) -> dict[str, Tensor]:
        """Return the losses of the last evaluation: split -> [seed task]."""
        return {split: self._curves[f"loss/{split}"][-1] for split in self._splits}

    def repeat(self) -> None:
        """Record the last evaluation once more, because no net has changed since."""
        for values in [*self._curves.values(), *self._metric.values()]:
            values.append(values[-1])

    def keep(self, stack: Stack, step: int) -> None:
        """Copy all weights as they are after this step."""
        self._kept |= {f"kept/{step}/{name}": value for name, value in arrays_of(stack).items()}

    def curves(self) -> dict[str, np.ndarray]:
        """Return "loss/<split>" and "error/<split>" [seed step task]."""
        return {name: torch.stack(values, 1).cpu().numpy() for name, values in self._curves.items()}

    def kept(self) -> dict[str, np.ndarray]:
        """Return "kept/<step>/<name>" [seed ...], "best/<name>" [seed task ...] and "metric/<split>" [seed step task]."""
        metric = {name: torch.stack(values, 1).numpy() for name, values in self._metric.items()}
        return metric | self._kept | {f"best/{name}": value.cpu().numpy() for name, value in self._best.items()}

    def _errors(self, outputs: Sequence[Tensor], labels: Labels, losses: Tensor) -> Float[Tensor, "seed task"]:
        if any(self._own) or isinstance(labels.weight, Tensor):
            labels = labels._replace(weight=())
            losses = losses_of(self._tasks, outputs, labels)
        return errors_of(self._tasks, outputs, labels, losses)

    def _update_best(self, stack: Stack, losses: Float[Tensor, "seed task"]) -> None:
        if not self._best:
            self._lowest = torch.full_like(losses, torch.inf)
            self._best = {name: torch.stack([view] * losses.shape[1], 1) for name, view in stack.named.items()}
        lower = losses < self._lowest  # False for NaN: the first evaluation stays, as in History.best_step
        self._lowest = torch.where(lower, losses, self._lowest)
        for name, view in stack.named.items():
            here = lower.view(*lower.shape, *[1] * (view.ndim - 1))
            self._best[name] = torch.where(here, view[:, None], self._best[name])


def arrays_of(stack: Stack) -> dict[str, np.ndarray]:
    """Copy every net's parameters and buffers to NumPy: name -> [seed ...]."""
    return {name: view.cpu().numpy().copy() for name, view in stack.named.items()}
