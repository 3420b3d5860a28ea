"""Does one net for many tasks learn them with less calculation than a net for each?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from jaxtyping import Float, Int
from torch import nn

from mtl_tutor.experiments.arms import Arm
from mtl_tutor.experiments.controls import Sampler
from mtl_tutor.experiments.hypothesis import Hypothesis, above, below, ratio, within
from mtl_tutor.experiments.trial import Trial
from mtl_tutor.results import History
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.sharing.cost import cost_of
from mtl_tutor.tasks import TaskData, mixtures
from mtl_tutor.training import SGD, train
from mtl_tutor.tuning import Setting, search

SPENT = "multiply-adds of training until all tasks are learned (millions)"
STEPS, LEARNED = "steps until all tasks are learned", "share of runs in which all tasks are learned"
OTHER_STARTS = 1_000_000  # seeds from here on have the data of a seed below, and nets that start elsewhere
TEXT, LESS, OFTENER = "source text 000, §2.1", below(0), above(0.5)
APART = "unrelated, separate"


@dataclass(frozen=True)
class CostOfSharing(Trial):
    """One net learns many tasks with less calculation than a net for each, if they are related.

    A task is learned once its validation error is at most half as much again as the least that other single-task nets
    reach on the same data. A separate net stops then; a shared one when its last task is learned. What isn't learned
    in 200 steps counts as 200. Learning rates are tuned, and widths where a hypothesis says so.

    Attributes
    ----------
    n_tasks, n_samples : int
        Mixtures of the same two directions, or each of two of its own; and training samples.
    slack : float
        Factor on the error that other nets reach.

    Raises
    ------
    ValueError
        Fewer than two tasks or ten samples, a slack below 1, or too few seeds.

    Notes
    -----
    Source: the claim of source text 000. Departures: the set-up is ours; a step counts as three times its forward pass.
    """

    seeds: int = 128
    tuning_seeds: int = 12
    n_tasks: int = 8
    n_samples: int = 60
    slack: float = 1.5

    name = "cost"
    findings = ("related", "unrelated")
    smallest = (("n_tasks", 2), ("n_samples", 10), ("slack", 1))
    baseline = "separate"
    control = "unrelated"
    widths = (1, 2, 4, 8, 16)
    lrs = (0.01, 0.02, 0.05, 0.1, 0.2)
    steps = 200
    eval_every = 2
    optimizer = SGD(momentum=0.9)
    hypotheses = (
        Hypothesis("related", "Related tasks are learned with less calculation in one net", TEXT, "one", "separate", LESS, ratio),
        Hypothesis("cheapest", "... if both have their cheapest width", "ours", "one, cheapest", "separate, cheapest", LESS, ratio),
        Hypothesis("narrow", "... if only the separate ones have it", "ours", "one", "separate, cheapest", LESS, ratio),
        Hypothesis("steps", "... in fewer steps", TEXT, "one", "separate", LESS, ratio, STEPS),
        Hypothesis("as-often", "... as often", "ours", "one", "separate", within(0.1), measure=LEARNED),
        Hypothesis("unrelated", "Unrelated tasks, too, are learned with less calculation in one net",
                   TEXT, "unrelated", APART, LESS, ratio),
        Hypothesis("seldom", "... which seldom learns them all", "ours", APART, "unrelated", OFTENER, measure=LEARNED),
        Hypothesis("wide", "... even one as wide as eight", "ours", APART, "unrelated, wide", OFTENER, measure=LEARNED),
    )

    def net(self, data: TaskData, n_hidden: int) -> HardSharing:
        """A trunk of tanh units."""
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=nn.Tanh, init_scale=0.5)

    def arms(self) -> Mapping[str, Arm]:
        """One net or one for each task, of the same width and of others."""
        related = Mixtures(self.n_tasks, self.n_samples)
        unrelated = replace(related, shared=False)
        one = Arm("one net", "main", related, n_hidden=16)
        separate = replace(one, label="a net for each", role="single_task", shared=False)
        return {
            "one": one,
            "separate": separate,
            "one, cheapest": replace(one, label="one net, cheapest width", n_hidden=None),
            "separate, cheapest": replace(separate, label="a net for each, cheapest width", n_hidden=None),
            "unrelated": Arm("unrelated: one net", "control", unrelated, n_hidden=16),
            APART: replace(separate, label="unrelated: a net for each", data=unrelated),
            "unrelated, wide": Arm("unrelated: one wide net", "control", unrelated, n_hidden=16 * self.n_tasks),
        }

    def tune_arm(self, arm: Arm) -> Setting:
        """Choose width and learning rate for the least calculation, by `penalised_cost`."""

        def evaluate(n_hidden: int, seeds: Int[np.ndarray, "row"], lr: Float[np.ndarray, "row"]) -> np.ndarray:
            counted = self.counted(arm, seeds, n_hidden, lr)
            return np.stack([counted[SPENT], counted[LEARNED]], axis=1)

        widths = (arm.n_hidden,) if arm.n_hidden else self.widths
        return search(evaluate, widths, self.lrs, self.tuning_range(self.tuning_seeds), extensions=1, criterion=penalised_cost)

    def measured(self, arm: Arm, n_hidden: int, lr: float) -> Mapping[str, np.ndarray]:
        """Train one arm on the reported seeds, and count what it took."""
        return self.counted(arm, self.seed_range, n_hidden, lr)

    def counted(
        self, arm: Arm, seeds: Int[np.ndarray, "row"], n_hidden: int, lr: float | Float[np.ndarray, "row"]
    ) -> Mapping[str, np.ndarray]:
        """Train, and count what it took."""
        draw = arm.data if callable(arm.data) else lambda _, data=arm.data: data
        single, rows = np.unique(seeds, return_inverse=True)
        target = self.slack * target_errors(self, draw, tuple(single.tolist()))[rows]
        net = self.net(draw(0), n_hidden)
        return cost_to_target(self.train(arm, seeds, n_hidden, lr), target, self.n_samples, net, shared=arm.shared)


@dataclass(frozen=True)
class Mixtures:
    """Sample tasks of `mixtures`, without test samples; seeds `OTHER_STARTS` apart have the same data.

    Attributes
    ----------
    n_tasks, n_samples, shared
        As in `mixtures`.
    """

    n_tasks: int
    n_samples: int
    shared: bool = True

    def __call__(self, seed: int) -> TaskData:
        """Draw one seed's tasks."""
        return replace(mixtures(self.n_tasks, self.n_samples, shared=self.shared, seed=seed % OTHER_STARTS), test=None)


@cache
def target_errors(trial: CostOfSharing, draw: Sampler, seeds: tuple[int, ...]) -> Float[np.ndarray, "seed task"]:
    """Average the least validation errors of two other single-task nets (16 units, learning rate 0.05) on the same data."""
    net, how = SingleTask.like(trial.net(draw(seeds[0]), 16)), {"steps": trial.steps, "eval_every": trial.eval_every}
    starts = [[start * OTHER_STARTS + seed for seed in seeds] for start in (1, 2)]
    best = [train(net, draw, seeds=start, lr=0.05, optimizer=trial.optimizer, **how).best("validation") for start in starts]
    return np.mean(best, axis=0)


def cost_to_target(
    history: History, target: Float[np.ndarray, "seed task"], n_samples: int, net: HardSharing, *, shared: bool
) -> Mapping[str, np.ndarray]:
    """Count the training until each task's validation error was at most its target.

    A separate net stops when its task is learned, a shared one when its last is. A step takes three times its forward
    pass. Runs that never reach a target count at the last step.
    """
    low = history.error["validation"] <= target[:, None]
    reached = np.any(low, axis=1)
    steps = np.where(reached, history.steps[low.argmax(axis=1)], history.steps[-1])
    last = steps.max(axis=1)
    multiply_adds = cost_of(net if shared else SingleTask.like(net)).multiply_adds
    spent = 3e-6 * n_samples * multiply_adds * (last if shared else steps.mean(axis=1))
    return {SPENT: spent, STEPS: 1.0 * last, LEARNED: np.all(reached, axis=1)}


def penalised_cost(found: Float[np.ndarray, "seed cell 2"]) -> Float[np.ndarray, "cell"]:
    """The criterion, from what each run took and whether it learned all tasks: the mean calculation of each cell.

    Cells that learn all tasks in fewer than nine of ten runs come after all others.
    """
    spent, learned = np.moveaxis(found.mean(axis=0), -1, 0)
    return np.where(learned >= 0.9, spent, 1e6 + spent / np.maximum(learned, 0.5 / len(found)))
