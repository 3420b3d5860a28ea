"""The plain recipe: train one architecture on all tasks at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from torch import nn

from mtl_tutor.checks import checked
from mtl_tutor.recipes._base import Draw, Recipe, Scores, TrainingConfig, check_rows, data_of
from mtl_tutor.sharing import Cost, cost_of, width_within
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import train


@checked
@dataclass(frozen=True)
class Network(Recipe):
    """Train one network on all tasks, with early stopping per task.

    Attributes
    ----------
    build : Callable[..., nn.Module]
        An architecture, or any callable that returns a module when called with `n_features`,
        `n_hidden` and `n_outputs`: `MMoE`, or `partial(MMoE, n_experts=8)`.
    """

    build: Callable[..., nn.Module]

    @property
    def name(self) -> str:
        """The architecture's name, with the parameters that were set."""
        if isinstance(self.build, partial):
            knobs = ", ".join(f"{knob}={value!r}" for knob, value in self.build.keywords.items())
            return f"{self.build.func.__name__}({knobs})"  # type: ignore[attr-defined]
        return getattr(self.build, "__name__", repr(self.build))

    def settings(self, plan: TrainingConfig) -> tuple[float, ...]:
        """The learning rates."""
        return plan.rates

    @checked
    def model(self, data: TaskData, plan: TrainingConfig) -> nn.Module:
        """The network: as wide as the plan says, or as its budget allows (all hidden layers alike)."""
        return self._of_width(self.widths(data, plan), data)

    def widths(self, data: TaskData, plan: TrainingConfig) -> tuple[int, ...]:
        """Widths of the hidden layers: the plan's, or the largest that its budget allows (all alike)."""
        if plan.parameters is None:
            return plan.n_hidden
        depth = len(plan.n_hidden)
        try:
            return (width_within(lambda n: self._of_width((n,) * depth, data), plan.parameters),) * depth
        except ValueError:  # the narrowest is too large, or a trunk of the reader's own has one width
            return plan.n_hidden

    def _of_width(self, n_hidden: tuple[int, ...], data: TaskData) -> nn.Module:
        return self.build(n_features=data.n_features, n_hidden=n_hidden, n_outputs=data.n_outputs)

    @checked
    def run(self, data: Draw, seeds: Sequence[int], settings: Sequence[float], plan: TrainingConfig) -> Scores:
        """One training per row."""
        check_rows(seeds, settings)
        model = self.model(data_of(data, seeds[0]), plan)
        how = {"steps": plan.steps, "optimizer": plan.optimizer, "batch_size": plan.batch_size, "weight_decay": plan.weight_decay}
        history = train(model, data, plan.method, seeds=seeds, lr=settings, eval_every=plan.eval_every, **how)
        at = history.best_step()[:, None, :]
        loss = np.take_along_axis(history.loss["validation"], at, axis=1)[:, 0]
        return Scores(np.where(history.diverged[:, None], np.nan, loss), history.best("test"))

    @checked
    def cost(self, data: TaskData, plan: TrainingConfig) -> Cost:
        """Of the network."""
        return cost_of(self.model(data, plan), data.n_features)

    def is_separate(self, data: TaskData, plan: TrainingConfig) -> bool:
        """Whether there are neither shared parameters nor a penalty between tasks."""
        model = self.model(data, plan)
        shared = getattr(model, "shared_parameters", None)
        return shared is not None and not list(shared()) and not hasattr(model, "penalty")
