"""A contest between single-task nets and architectures that may store as much; size, weight decay and learning rate tuned for each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import joblib
import numpy as np
from jaxtyping import Float
from torch import nn

from mtl_tutor.recipes import Draw, Network, Plan
from mtl_tutor.sharing import SingleTask
from mtl_tutor.tasks import TaskData

TUNING_SEEDS = range(900_000, 900_012)
RATES = (0.01, 0.03, 0.1, 0.3, 1.0)
STEPS = 150
SIZES = ((1.0, 0.03), (0.25, 0.03), (1.0, 0.1))  # share of the parameters that the single-task nets together may store, weight decay
ALONE, WIDE = "single-task", "single-task, wide"
Build = Callable[..., nn.Module]
Sizes = Sequence[tuple[float, float]]
Setting = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Judged:
    """How a contestant did with the settings that validation samples chose.

    Attributes
    ----------
    test : mean squared errors; not finite where a training diverged.
    validation : each task's mean validation loss over the seeds of the tuning, with the settings chosen.
    settings : (share of the budget, weight decay, learning rate) of each task; one for all of them where they share anything.
    at_edge : whether a learning rate is the smallest or largest that was tried.
    """

    test: Float[np.ndarray, "seed task"]
    validation: Float[np.ndarray, "task"]
    settings: tuple[Setting, ...]
    at_edge: bool


@dataclass(frozen=True)
class Contest:
    """Data, a budget, and who competes.

    Attributes
    ----------
    draw : from a seed to its data.
    n_hidden : hidden units of each single-task net of full size; all of them together set the budget.
    builds : name -> architecture.
    steps : of each training.
    """

    draw: Callable[[int], TaskData]
    n_hidden: int
    builds: Mapping[str, Build]
    steps: int = STEPS

    @property
    def plan(self) -> Plan:
        """What all have in common: the steps, the rates that are tried, and the budget."""
        alone = Plan((self.n_hidden,), rates=RATES, steps=self.steps)
        return replace(alone, n_hidden=(1,), parameters=Network(SingleTask).cost(self.draw(0), alone).parameters)

    def run(self, seeds: Sequence[int]) -> dict[str, Judged]:
        """Tune and train all of them, the single-task nets first; in as many processes as `joblib.parallel_config` says."""
        plan, n_tasks = self.plan, len(self.draw(seeds[0]).tasks)
        named = [(ALONE, SingleTask, SIZES), (WIDE, SingleTask, tuple((n_tasks * share, decay) for share, decay in SIZES))]
        named += [(name, build, SIZES) for name, build in self.builds.items()]
        jobs = (joblib.delayed(judge)(build, sizes, plan, self.draw, seeds) for _, build, sizes in named)
        return dict(zip((name for name, *_ in named), joblib.Parallel()(jobs), strict=True))  # type: ignore[return-value]


def judge(build: Build, sizes: Sizes, plan: Plan, draw: Draw, seeds: Sequence[int]) -> Judged:
    """Let validation samples of other seeds choose a size, a weight decay and a learning rate, and train with these.

    A share of the budget that not even a width of 1 fits into is left out, unless it is the largest.
    """
    network, first, most = Network(build), draw if isinstance(draw, TaskData) else draw(seeds[0]), max(share for share, _ in sizes)
    plans = {(s, decay): replace(plan, parameters=int(s * (plan.parameters or 0)), weight_decay=decay) for s, decay in sizes}
    kept = [size for size in sizes if size[0] == most or network.cost(first, plans[size]).parameters <= (plans[size].parameters or 0)]
    losses = np.concatenate([_validated(network, plans[size], draw) for size in kept])
    grid = list(product(kept, plan.rates))
    separate = network.is_separate(first, plan)
    rows = losses.argmin(axis=0) if separate else np.full(losses.shape[1], (losses / losses.min(axis=0)).mean(axis=1).argmin())
    test = np.empty((len(seeds), losses.shape[1]))
    for row in set(rows.tolist()):
        size, rate = grid[row]
        test[:, rows == row] = network.run(draw, seeds, [rate] * len(seeds), plans[size]).test[:, rows == row]
    settings = tuple((*grid[row][0], grid[row][1]) for row in (rows if separate else rows[:1]))
    return Judged(test, losses[rows, range(len(rows))], settings, any(rate in (min(plan.rates), max(plan.rates)) for *_, rate in settings))


def _validated(network: Network, plan: Plan, draw: Draw) -> Float[np.ndarray, "row task"]:
    """The mean validation loss of every learning rate; a rate that diverges is out."""
    rows = list(product(plan.rates, TUNING_SEEDS))
    losses = network.run(draw, [seed for _, seed in rows], [rate for rate, _ in rows], plan).validation
    return np.nan_to_num(losses, nan=1e9, posinf=1e9).reshape(len(plan.rates), len(TUNING_SEEDS), -1).mean(axis=1)
