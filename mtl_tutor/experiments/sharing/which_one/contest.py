"""A comparison of architectures with single-task nets at one budget of parameters, each one tuned."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import joblib
from torch import nn

from mtl_tutor.comparison._entries import Entry, Found
from mtl_tutor.recipes import Network, TrainingConfig
from mtl_tutor.sharing import SingleTask
from mtl_tutor.tasks import TaskData

RATES = (0.01, 0.03, 0.1, 0.3, 1.0)
STEPS = 150
SIZES = ((1.0, 0.03), (0.25, 0.03), (1.0, 0.1))
SIZES_WITHOUT_DECAY = ((1.0, 0.0), (0.25, 0.0))
ALONE, WIDE, PLAIN = "single-task", "single-task, wide", "single-task, no decay"
Build = Callable[..., nn.Module]
Sizes = Sequence[tuple[float, float]]
"""Pairs of a share of the parameter budget and a weight decay."""


@dataclass(frozen=True)
class Contest:
    """Data, a parameter budget, and the architectures that are compared.

    Parameters
    ----------
    draw : callable
        From a seed to its data.
    n_hidden : int
        Hidden units of each single-task net of full size; all of them together set the budget.
    builds : mapping of str to callable
        Name -> architecture.
    steps : int
        Training steps.
    """

    draw: Callable[[int], TaskData]
    n_hidden: int
    builds: Mapping[str, Build]
    steps: int = STEPS

    @property
    def plan(self) -> TrainingConfig:
        """The steps, the learning rates that are tried, and the budget."""
        alone = TrainingConfig((self.n_hidden,), rates=RATES, steps=self.steps)
        return replace(alone, n_hidden=(1,), parameters=Network(SingleTask).cost(self.draw(0), alone).parameters)

    def entries(self) -> dict[str, Entry]:
        """What competes, the single-task nets first: one of them may store as much for each task as the budget for all."""
        n_tasks = len(self.draw(0).tasks)
        wide = [(n_tasks * share, decay) for share, decay in SIZES]
        alone = {ALONE: self.entry(ALONE, SingleTask, SIZES), WIDE: self.entry(WIDE, SingleTask, wide)}
        return alone | {name: self.entry(name, build, SIZES) for name, build in self.builds.items()}

    def entry(self, name: str, build: Build, sizes: Sizes) -> Entry:
        """Let validation choose among sizes; one that not even a width of 1 fits into is left out, unless it is the largest."""
        network, first, largest = Network(build), self.draw(0), max(share for share, _ in sizes)
        plans = [self.plan_of(share, decay) for share, decay in sizes]
        fits = [network.cost(first, plan).parameters <= (plan.parameters or 0) for plan in plans]
        kept = [plan for plan, (share, _), fit in zip(plans, sizes, fits, strict=True) if fit or share == largest]
        return Entry(name, (network,), tuple(kept))

    def plan_of(self, share: float, weight_decay: float) -> TrainingConfig:
        """The plan with a share of the budget and a weight decay."""
        plan = self.plan
        return replace(plan, parameters=int(share * (plan.parameters or 0)), weight_decay=weight_decay)

    def share_of(self, plan: TrainingConfig) -> float:
        """Say which share of the budget a plan has."""
        shares = [scale * share for scale in (1, len(self.draw(0).tasks)) for share, _ in SIZES]
        return next(share for share in shares if int(share * (self.plan.parameters or 0)) == plan.parameters)

    def run(self, seeds: Sequence[int]) -> dict[str, Found]:
        """Tune and train all of them; in as many processes as `joblib.parallel_config` says."""
        entries = self.entries()
        jobs = (joblib.delayed(entry.run)(self.draw, seeds) for entry in entries.values())
        return dict(zip(entries, joblib.Parallel()(jobs), strict=True))  # type: ignore[arg-type]
