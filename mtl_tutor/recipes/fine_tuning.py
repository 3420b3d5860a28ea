"""Train all tasks jointly, then fine-tune each alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from torch import nn

from mtl_tutor.checks import checked
from mtl_tutor.recipes._base import Draw, Recipe, Scores, TrainingConfig, check_rows
from mtl_tutor.recipes._continued import Apart, both_phases, by_setting, check_together, hard
from mtl_tutor.recipes._nets import draws_of
from mtl_tutor.recipes.network import Network
from mtl_tutor.sharing import Cost, HardSharing
from mtl_tutor.tasks import TaskData


@checked
@dataclass(frozen=True)
class FineTuning(Recipe):
    """Joint training with a shared trunk, then fine-tuning of a copy for each task.

    First one net with a shared trunk; then a copy of it for each task, trunk and head, trained on
    that task alone. Both are stopped where validation losses are lowest, the shared net at an
    eighth, a quarter, half or the whole of its steps, a copy perhaps before its first. No net takes
    more steps than in one training, and the final nets are as large as single-task nets.

    Attributes
    ----------
    together : float
        Share of the steps that train all tasks jointly.
    build : Callable[..., nn.Module]
        The shared net: `HardSharing`, or a partial of it.

    Raises
    ------
    ValueError
        A share that is not between 0 and 1, or (when run) another net than `HardSharing`.

    Notes
    -----
    Source: as in MT-DNN (Liu, He, Chen & Gao 2019), which is fine-tuned to each task after it has
    learned all.

    Departures: no text, no earlier pre-training; one learning rate for both phases; the optimiser's
    memory starts anew.

    Examples
    --------
    >>> FineTuning(0.3).settings(TrainingConfig(rates=(0.01,)))
    (0.01,)
    """

    together: float = 0.5
    build: Callable[..., nn.Module] = HardSharing

    def __post_init__(self) -> None:
        check_together(self.together)

    def settings(self, plan: TrainingConfig) -> tuple[float, ...]:
        """The learning rates, each for both phases."""
        return plan.rates

    @checked
    def run(self, data: Draw, seeds: Sequence[int], settings: Sequence[float], plan: TrainingConfig) -> Scores:
        """Two trainings per row, together of as many steps as one.

        The first is repeated for rows that are stopped early.
        """
        check_rows(seeds, settings)
        first = draws_of(data, seeds)[seeds[0]]
        apart = cast(Apart, Network(self._made).model(first, plan))
        shared = hard(self.build(n_features=first.n_features, n_hidden=apart.n_hidden, n_outputs=first.n_outputs))

        def some(seeds: list[int], lr: float) -> tuple[np.ndarray, np.ndarray]:
            start, end = both_phases(shared, apart, self.together, data, seeds, lr, plan)
            loss = np.take_along_axis(end.loss["validation"], end.best_step()[:, None, :], axis=1)[:, 0]
            lost = (start.diverged | end.diverged)[:, None]
            return np.where(lost, np.nan, loss), np.where(lost, np.nan, end.best("test"))

        return Scores(*by_setting(seeds, settings, some))

    @checked
    def cost(self, data: TaskData, plan: TrainingConfig) -> Cost:
        """One net per task."""
        return Network(self._made).cost(data, plan)

    def _made(self, **sizes: object) -> Apart:
        return Apart.like(hard(self.build(**sizes)))
