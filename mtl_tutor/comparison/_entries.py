"""The rows of a comparison: tune on validation samples, then train on the reported seeds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from torch import nn

from mtl_tutor.balancing import GradientSurgery, LossWeighting
from mtl_tutor.recipes import Draw, Network, Recipe, TrainingConfig
from mtl_tutor.recipes._base import data_of
from mtl_tutor.sharing import SingleTask
from mtl_tutor.tasks import TaskData
from mtl_tutor.tuning import tuning_seeds

N_TUNING = 12
BASELINE = Network(SingleTask)
Way = Recipe | Callable[..., nn.Module]


class Cell(NamedTuple):
    """One cell of the tuning grid: a recipe, its plan and the value of its setting."""

    recipe: Recipe
    plan: TrainingConfig
    setting: float

    @property
    def at_edge(self) -> bool:
        """Whether the value is the smallest or the largest that is tried."""
        grid = self.recipe.settings(self.plan)
        return len(grid) > 2 and self.setting in (min(grid), max(grid))


@dataclass(frozen=True, eq=False)
class Found:
    """Test errors of the chosen setting, one row per seed, in standardised units."""

    test: Float[np.ndarray, "seed task"]
    settings: tuple[float, ...]
    cost: tuple[int, int]
    at_edge: bool


@dataclass(frozen=True)
class Entry:
    """One row of the table: a recipe under a plan, or several of either, of which validation chooses."""

    name: str
    recipes: tuple[Recipe, ...]
    plans: tuple[TrainingConfig, ...]

    def run(self, draw: Draw, seeds: Sequence[int]) -> Found:
        """Choose a recipe and setting by validation loss, and train them on the reported seeds."""
        first = data_of(draw, seeds[0])
        chosen, _ = self.choose(draw, first)
        cost = chosen[0].recipe.cost(first, chosen[0].plan)
        settings = tuple(cell.setting for cell in (chosen if self.is_separate(first) else chosen[:1]))
        at_edge = any(cell.at_edge for cell in chosen)
        return Found(self.test(draw, seeds, chosen), settings, (cost.parameters, cost.multiply_adds), at_edge)

    def is_separate(self, data: TaskData) -> bool:
        """Whether the tasks share nothing, so that each task's cell is chosen by itself."""
        return all(recipe.is_separate(data, self.plans[0]) for recipe in self.recipes)

    def choose(self, draw: Draw, first: TaskData) -> tuple[list[Cell], list[float]]:
        """Choose each task's cell by its mean validation loss over the tuning seeds; return both."""
        pairs = list(product(self.recipes, self.plans))
        cells = [Cell(recipe, plan, setting) for recipe, plan in pairs for setting in recipe.settings(plan)]
        if len(cells) == 1:
            return cells * len(first.tasks), [float("nan")] * len(first.tasks)
        loss = np.concatenate([_validated(recipe, plan, draw) for recipe, plan in pairs])
        rows = _chosen(loss, self.is_separate(first))
        return [cells[row] for row in rows], [float(loss[row, task]) for task, row in enumerate(rows)]

    def test(self, draw: Draw, seeds: Sequence[int], chosen: Sequence[Cell]) -> Float[np.ndarray, "seed task"]:
        """Train each task's cell on some seeds, every cell once, and measure the test errors."""
        test = np.empty((len(seeds), len(chosen)))
        for cell in [cell for place, cell in enumerate(chosen) if cell not in chosen[:place]]:
            columns = [task for task, other in enumerate(chosen) if other == cell]
            test[:, columns] = cell.recipe.run(draw, seeds, [cell.setting] * len(seeds), cell.plan).test[:, columns]
        return test


def _validated(recipe: Recipe, plan: TrainingConfig, draw: Draw) -> Float[np.ndarray, "row task"]:
    """The mean validation loss of every setting, over the tuning seeds; a setting that diverges is out."""
    settings = recipe.settings(plan)
    rows = [(setting, int(seed)) for setting in settings for seed in tuning_seeds(N_TUNING)]
    loss = recipe.run(draw, [seed for _, seed in rows], [setting for setting, _ in rows], plan).validation
    return np.where(np.isfinite(loss), loss, np.inf).reshape(len(settings), N_TUNING, -1).mean(axis=1)


def _chosen(loss: Float[np.ndarray, "row task"], separate: bool) -> list[int]:
    """Each task's setting: its own best, or the best on average relative to each task's best."""
    if separate:
        return [int(row) for row in loss.argmin(axis=0)]
    best = loss.min(axis=0)
    relative = loss / np.where((best > 0) & np.isfinite(best), best, 1.0)  # where all diverged, there is no best
    return [int(relative.mean(axis=1).argmin())] * loss.shape[1]


def entries_of(
    sharing: Sequence[Way] | Mapping[str, Way | Sequence[Way]],
    balancing: Sequence[LossWeighting | GradientSurgery],
    plan: TrainingConfig,
    data: TaskData,
) -> list[Entry]:
    """Combine ways of sharing with ways of balancing; the baseline is added elsewhere."""
    named = dict(sharing) if isinstance(sharing, Mapping) else {_recipe(way).name: way for way in sharing}
    if not named or not balancing:
        raise ValueError("`sharing` and `balancing` must name at least one way each; got none.")
    if not isinstance(sharing, Mapping) and len(named) < len(sharing):
        raise ValueError(f"`sharing` must name different ways; got {[_recipe(way).name for way in sharing]}. Pass a dict to name them.")
    entries = []
    for name, ways in named.items():
        several = ways if isinstance(ways, Sequence) else [ways]
        recipes = tuple(_recipe(way) for way in several)
        separate = all(recipe.is_separate(data, plan) for recipe in recipes)
        for method in balancing[:1] if separate else balancing:
            label = name if len(balancing) == 1 or separate else f"{name}, {type(method).__name__}"
            if recipes != (BASELINE,):
                entries.append(Entry(label, recipes, (replace(plan, method=method),)))
    return entries


def _recipe(way: Way) -> Recipe:
    if isinstance(way, Recipe):
        return way
    if isinstance(way, nn.Module) or not callable(way):
        raise TypeError(f"`sharing` must hold architectures (the class, or a partial of it) or recipes; got {way!r}.")
    return Network(way)
