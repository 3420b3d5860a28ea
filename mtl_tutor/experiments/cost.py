"""Does one net for many tasks learn them with less calculation than a net for each?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import nn

from mtl_tutor.experiments._arms import Arm, Draw, alone
from mtl_tutor.experiments._base import TUNING_SEED, Sentence, Setting, Trial
from mtl_tutor.experiments._until_learned import OTHER_STARTS, PRODUCTS, SPENT, STEPS, STORED, THERE, reached, tanh_net, toll
from mtl_tutor.tasks import TaskData, mixtures
from mtl_tutor.training import SGD

TEXT, NOTHING = "source text 000, §2.1", "source text 004"
FEWER: dict[str, Any] = {"most": 0.0, "relative": True}
NO_MORE: dict[str, Any] = {"most": 0.01, "relative": True}


@dataclass(frozen=True)
class CostOfSharing(Trial):
    """One net learns many tasks with less calculation than a net for each, if they are related.

    A task is learned once its validation error is at most half as much again as the least that other single-task nets reach on the same
    data. A separate net stops then; a shared one when its last task is learned. What isn't learned in 200 steps counts as 200.

    Attributes
    ----------
    n_tasks, n_samples : mixtures of the same two directions, or each of two of its own; and training samples.
    slack : factor on the error that other nets reach.
    seeds, first_seed, tuning_seeds, n_jobs : as in every trial. Learning rates are tuned, and widths where a sentence says so.

    Raises
    ------
    ValueError : fewer than two tasks or ten samples, a slack below 1, or too few seeds.

    Source: the claim of source text 000. Departures: the set-up is ours; a step counts as three times its forward pass.
    """

    seeds: int = 128
    tuning_seeds: int = 25
    n_tasks: int = 8
    n_samples: int = 60
    slack: float = 1.5

    name, chapter, baseline, control = "cost", "what/two-nets-or-one", "separate", "unrelated"
    smallest = (("n_tasks", 2), ("n_samples", 10), ("slack", 1))
    widths, lrs, steps, eval_every, optimizer = (1, 2, 4, 8, 16), (0.01, 0.02, 0.05, 0.1, 0.2), 200, 2, SGD(momentum=0.9)
    sentences = (
        Sentence("parameters", "One net for eight tasks stores less than eight nets", TEXT, "one", "separate", measure=STORED, **FEWER),
        Sentence("products", "... and multiplies less for a sample", TEXT, "one", "separate", measure=PRODUCTS, **FEWER),
        Sentence("heads", "It stores no more than one net for one task", NOTHING, "one", "one task", measure=STORED, **NO_MORE),
        Sentence("heads-products", "... and multiplies no more", NOTHING, "one", "one task", measure=PRODUCTS, **NO_MORE),
        Sentence("related", "Related tasks are learned with less calculation in one net", TEXT, "one", "separate", **FEWER),
        Sentence("cheapest", "... if both have their cheapest width", "ours", "one, cheapest", "separate, cheapest", **FEWER),
        Sentence("narrow", "... if only the separate ones have it", "ours", "one", "separate, cheapest", **FEWER),
        Sentence("steps", "... in fewer steps", TEXT, "one", "separate", measure=STEPS, **FEWER),
        Sentence("as-often", "... as often", "ours", "one", "separate", margin=0.1, measure=THERE),
        Sentence("unrelated", "Unrelated tasks, too, are learned with less in one net", TEXT, "unrelated", "unrelated, separate", **FEWER),
        Sentence("seldom", "... which seldom learns them all", "ours", "unrelated, separate", "unrelated", 0.5, measure=THERE),
        Sentence("wide", "... even one as wide as eight", "ours", "unrelated, separate", "unrelated, wide", 0.5, measure=THERE),
    )

    def net(self, data: TaskData, n_hidden: int) -> nn.Module:
        """A trunk of tanh units."""
        return tanh_net(data, n_hidden)

    def draw(self, shared: bool = True) -> Draw:
        """Draw tasks; their test samples are not asked for."""
        return lambda seed: replace(mixtures(self.n_tasks, self.n_samples, shared=shared, seed=seed % OTHER_STARTS), test=None)

    def arms(self) -> Mapping[str, Arm]:
        """One net or one for each task, of the same width and of others."""
        related, unrelated = self.draw(), self.draw(shared=False)
        one = Arm("one net", "main", related, n_hidden=16)
        separate = replace(one, label="a net for each", role="single_task", shared=False)
        return {
            "one": one,
            "separate": separate,
            "one task": Arm("a net for one task", "third", alone(related), n_hidden=16),
            "one, cheapest": replace(one, label="one net, cheapest width", n_hidden=None),
            "separate, cheapest": replace(separate, label="a net for each, cheapest width", n_hidden=None),
            "unrelated": Arm("unrelated: one net", "control", unrelated, n_hidden=16),
            "unrelated, separate": replace(separate, label="unrelated: a net for each", data=unrelated),
            "unrelated, wide": Arm("unrelated: one wide net", "control", unrelated, n_hidden=16 * self.n_tasks),
        }

    def tune(self, arm: Arm) -> Setting:
        """Choose width and learning rate for the least calculation, among those that learn all tasks in nine of ten runs if any do."""
        seeds, tried = np.arange(TUNING_SEED, TUNING_SEED + self.tuning_seeds), []
        for width in [arm.n_hidden] if arm.n_hidden else self.widths:
            found = self.judged(arm, np.repeat(seeds, len(self.lrs)), width, np.tile(self.lrs, len(seeds)))
            spent, there = (found[what].reshape(len(seeds), -1).mean(axis=0) for what in (SPENT, THERE))
            price = np.where(there >= 0.9, spent, 1e6 + spent / np.maximum(there, 0.5 / len(seeds)))
            best = int(price.argmin())
            tried.append(Setting(width, self.lrs[best], best in (0, len(self.lrs) - 1), float(price[best])))
        return min(tried, key=lambda setting: setting.error)

    def measured(self, arm: Arm, n_hidden: int, lr: float) -> Mapping[str, np.ndarray]:
        """Train one arm on the reported seeds, and judge it."""
        return self.judged(arm, np.arange(self.first_seed, self.first_seed + self.seeds), n_hidden, lr)

    def judged(self, arm: Arm, seeds: np.ndarray, n_hidden: int, lr: float | np.ndarray) -> Mapping[str, np.ndarray]:
        """Train, and count what it took."""
        draw = arm.data if callable(arm.data) else lambda _, data=arm.data: data
        single, rows = np.unique(seeds, return_inverse=True)
        bar = self.slack * reached(draw, tuple(single.tolist()), self.steps, self.eval_every)[rows]
        return toll(self.train(arm, seeds, n_hidden, lr), bar, self.n_samples, tanh_net(draw(0), n_hidden), shared=arm.shared)
