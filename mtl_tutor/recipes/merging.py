"""Average the weights of single-task nets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import nn

from mtl_tutor.checks import checked
from mtl_tutor.recipes._base import Draw, Recipe, Scores, TrainingConfig, check_rows, data_of
from mtl_tutor.recipes._continued import check_together
from mtl_tutor.recipes.task_arithmetic import TaskArithmetic
from mtl_tutor.sharing import Cost, HardSharing
from mtl_tutor.tasks import TaskData


@checked
@dataclass(frozen=True)
class Merging(Recipe):
    """Average the trunks of nets that were trained jointly, then apart.

    The same as `TaskArithmetic` with a coefficient of 1/tasks. It works if the nets have stayed
    near their common start.

    Attributes
    ----------
    together : float
        Share of the steps that train all tasks jointly, before each is trained alone.
    build : Callable[..., nn.Module]
        The shared net: `HardSharing`, or a partial of it.

    Raises
    ------
    ValueError
        A share that is not between 0 and 1, or (when run) another net than `HardSharing`.

    Notes
    -----
    Source: the plain average of Wortsman et al. (2022), *Model soups*, over tasks in the place of
    runs.

    Departures: heads are not averaged, they stay as they were at the common start; every task
    counts, whether it helps or not.

    Examples
    --------
    >>> Merging().name
    'Merging'
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
        """As many trainings as in `TaskArithmetic`."""
        check_rows(seeds, settings)
        n_tasks = len(data_of(data, seeds[0]).tasks)
        return TaskArithmetic((1 / n_tasks,), self.together, self.build).run(data, seeds, settings, plan)

    @checked
    def cost(self, data: TaskData, plan: TrainingConfig) -> Cost:
        """One net for all tasks."""
        return TaskArithmetic((1.0,), self.together, self.build).cost(data, plan)
