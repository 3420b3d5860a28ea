"""One row of the table: its setting is chosen by validation samples, and then trained on the seeds that are reported."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from jaxtyping import Float
from torch import nn

from mtl_tutor.balancing import GradientSurgery, LossWeighting
from mtl_tutor.recipes import Draw, Network, Plan, Recipe
from mtl_tutor.recipes._base import data_of
from mtl_tutor.sharing import SingleTask
from mtl_tutor.tasks import TaskData

TUNING_SEED = 900_000  # settings are chosen on other seeds than those that are reported
N_TUNING = 12
BASELINE = Network(SingleTask)
Way = Recipe | Callable[..., nn.Module]


@dataclass(frozen=True, eq=False)
class Found:
    """How the chosen setting did: test errors, one row per seed, in standardised units."""

    test: Float[np.ndarray, "seed task"]
    settings: tuple[float, ...]
    cost: tuple[int, int]
    at_edge: bool


@dataclass(frozen=True)
class Entry:
    """One row of the table: a recipe, or several of which validation chooses."""

    name: str
    recipes: tuple[Recipe, ...]
    plan: Plan

    def run(self, draw: Draw, seeds: Sequence[int]) -> Found:
        """Let validation choose, and train what it chose on the seeds that are reported."""
        first = data_of(draw, seeds[0])
        tries = [(recipe, setting) for recipe in self.recipes for setting in recipe.settings(self.plan)]
        separate = all(recipe.is_separate(first, self.plan) for recipe in self.recipes)
        chosen = _chosen(self._validated(draw, tries), separate) if len(tries) > 1 else [0] * len(first.tasks)
        test = np.empty((len(seeds), len(first.tasks)))
        for one in set(chosen):
            recipe, setting = tries[one]
            columns = [task for task, choice in enumerate(chosen) if choice == one]
            test[:, columns] = recipe.run(draw, seeds, [setting] * len(seeds), self.plan).test[:, columns]
        cost = tries[chosen[0]][0].cost(first, self.plan)
        settings = [tries[one][1] for one in (chosen if separate else chosen[:1])]
        return Found(test, tuple(settings), (cost.parameters, cost.multiply_adds), self._at_edge([tries[one] for one in chosen]))

    def _validated(self, draw: Draw, tries: Sequence[tuple[Recipe, float]]) -> Float[np.ndarray, "row task"]:
        """The mean validation loss of every setting, over the seeds of the tuning."""
        seeds, means = range(TUNING_SEED, TUNING_SEED + N_TUNING), []
        for recipe in self.recipes:
            settings = [setting for one, setting in tries if one is recipe]
            rows = list(product(settings, seeds))
            loss = recipe.run(draw, [seed for _, seed in rows], [setting for setting, _ in rows], self.plan).validation
            means.append(np.where(np.isfinite(loss), loss, np.inf).reshape(len(settings), N_TUNING, -1).mean(axis=1))
        return np.concatenate(means)

    def _at_edge(self, chosen: Sequence[tuple[Recipe, float]]) -> bool:
        grids = [(setting, recipe.settings(self.plan)) for recipe, setting in chosen]
        return any(len(grid) > 2 and setting in (min(grid), max(grid)) for setting, grid in grids)


def _chosen(loss: Float[np.ndarray, "row task"], separate: bool) -> list[int]:
    """Which setting each task gets: its own best, or the one that is best for all on average, relative to each task's best."""
    if separate:
        return [int(row) for row in loss.argmin(axis=0)]
    best = loss.min(axis=0)
    relative = loss / np.where((best > 0) & np.isfinite(best), best, 1.0)  # where all diverged, there is no best
    return [int(relative.mean(axis=1).argmin())] * loss.shape[1]


def entries_of(
    sharing: Sequence[Way] | Mapping[str, Way | Sequence[Way]],
    balancing: Sequence[LossWeighting | GradientSurgery],
    plan: Plan,
    data: TaskData,
) -> list[Entry]:
    """Pair ways of sharing with ways of balancing; the baseline stands there already."""
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
                entries.append(Entry(label, recipes, replace(plan, method=method)))
    return entries


def _recipe(way: Way) -> Recipe:
    if isinstance(way, Recipe):
        return way
    if isinstance(way, nn.Module) or not callable(way):
        raise TypeError(f"`sharing` must hold architectures (the class, or a partial of it) or recipes; got {way!r}.")
    return Network(way)
