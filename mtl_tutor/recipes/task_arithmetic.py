"""Task arithmetic: add the weight changes of single-task nets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from mtl_tutor.checks import checked
from mtl_tutor.recipes._base import Draw, Recipe, Scores, TrainingConfig, check_rows
from mtl_tutor.recipes._continued import Apart, both_phases, by_setting, check_together, hard
from mtl_tutor.recipes._judge import judged
from mtl_tutor.recipes._nets import draws_of, inputs_of
from mtl_tutor.recipes.network import Network
from mtl_tutor.results import History
from mtl_tutor.sharing import Cost, HardSharing
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import predict


@checked
@dataclass(frozen=True)
class TaskArithmetic(Recipe):
    """Add the scaled weight changes of all tasks' nets to their common start.

    First one net with a shared trunk, trained on all tasks for a share of the steps, or an eighth,
    a quarter or half of those if validation samples say so: the common start. From there, a copy of
    the trunk for each task, trained on that task alone while its head stays. The change of a copy's
    weights is its task vector; all vectors, times a coefficient, are added to the start. The
    coefficient is the one whose validation losses, each relative to the start's, are lowest on
    average. The steps are as many as those of one training, each with `n_tasks` trunks after the
    start; the final net is as large as one with a shared trunk.

    Attributes
    ----------
    coefficients : tuple[float, ...]
        Coefficients to try; 0 is the start.
    together : float
        Share of the steps that train all tasks jointly.
    build : Callable[..., nn.Module]
        The shared net: `HardSharing`, or a partial of it.

    Raises
    ------
    ValueError
        No coefficient or one that is not finite, a share that is not between 0 and 1, or (when run)
        another net than `HardSharing`.

    Notes
    -----
    Source: Ilharco et al. (2023), *Editing models with task arithmetic*, addition.

    Departures: the common start was trained, shortly, on these tasks, not on other data; the heads
    are that start's, where the paper's come from words; a task's own net takes all its steps.

    Examples
    --------
    >>> TaskArithmetic((0.0, 0.5)).name
    'TaskArithmetic'
    """

    coefficients: tuple[float, ...] = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    together: float = 0.5
    build: Callable[..., nn.Module] = HardSharing

    def __post_init__(self) -> None:
        check_together(self.together)
        if not self.coefficients or not np.isfinite(self.coefficients).all():
            raise ValueError(f"`coefficients` must hold finite numbers, one at least; got {self.coefficients}.")

    def settings(self, plan: TrainingConfig) -> tuple[float, ...]:
        """The learning rates, each for both phases."""
        return plan.rates

    @checked
    def run(self, data: Draw, seeds: Sequence[int], settings: Sequence[float], plan: TrainingConfig) -> Scores:
        """Two trainings per row, together of as many steps as one; the second has a trunk per task."""
        check_rows(seeds, settings)
        draws = draws_of(data, seeds)
        shared = hard(Network(self.build).model(draws[seeds[0]], plan))
        apart = Apart.like(shared)
        for net in apart.nets:
            net.get_submodule("heads").requires_grad_(False)

        def some(seeds: list[int], lr: float) -> tuple[np.ndarray, np.ndarray]:
            start, end = both_phases(shared, apart, self.together, data, seeds, lr, plan)
            tried = [_judged(shared, merged(start, end, coefficient), draws, seeds) for coefficient in (0.0, *self.coefficients)]
            loss, error = (np.stack(values) for values in zip(*tried, strict=True))
            best = _best(loss[1:], loss[0])
            lost = (start.diverged | end.diverged)[:, None]
            rows = np.arange(len(seeds))
            return np.where(lost, np.nan, loss[1 + best, rows]), np.where(lost, np.nan, error[1 + best, rows])

        return Scores(*by_setting(seeds, settings, some))

    @checked
    def cost(self, data: TaskData, plan: TrainingConfig) -> Cost:
        """One net for all tasks."""
        return Network(self.build).cost(data, plan)


def merged(start: History, end: History, coefficient: float) -> History:
    """Start + coefficient · sum over tasks of (end - start), for each trunk.

    Parameters
    ----------
    start : History
        Nets with a shared trunk.
    end : History
        Nets of the same seeds trained on from there, one per task, with the names of `SingleTask`.
    coefficient : float
        0 gives the start; with one task, 1 is that task's own net; 1/tasks is the mean of all
        tasks' nets.
    """
    found = dict(start.parameters)
    for name, value in start.parameters.items():
        if name.startswith("trunk."):
            copies = [end.parameters[f"nets.{task}.{name}"] for task in range(len(start.tasks))]
            found[name] = value + coefficient * sum(copy - value for copy in copies)
    return replace(start, parameters=found)


def _judged(model: HardSharing, nets: History, draws: dict[int, TaskData], seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    found = []
    for split in ("validation", "test"):
        answers = predict(model, nets, inputs_of(draws, seeds, split))
        found.append(judged(draws[seeds[0]].tasks, answers, [draws[seed].splits()[split] for seed in seeds]))
    return found[0][0], found[1][1]


def _best(loss: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Index along the first axis of the lowest mean over tasks, relative to the start: one per row."""
    relative = loss / np.where(start > 0, start, 1.0)
    return np.where(np.isfinite(relative), relative, np.inf).mean(axis=2).argmin(axis=0)
