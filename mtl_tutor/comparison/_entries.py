"""The rows of a comparison: tune on validation samples, then train on the reported seeds."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from mtl_tutor.balancing import Balancing
from mtl_tutor.checks import shown
from mtl_tutor.comparison._references import Linear, Mean
from mtl_tutor.recipes import Draw, Network, Recipe, TrainingConfig
from mtl_tutor.recipes._base import data_of
from mtl_tutor.sharing import SingleTask
from mtl_tutor.tasks import TaskData
from mtl_tutor.training.checks import check_model
from mtl_tutor.tuning import tuning_seeds

N_TUNING = 12
TUNING: Sequence[int] = tuning_seeds(N_TUNING).tolist()
BASELINE = Network(SingleTask)
REFERENCES: Mapping[str, Recipe] = {"Linear": Linear(), "Mean": Mean()}
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
    """Test errors of the chosen setting, one row per seed, in standardised units.

    Attributes
    ----------
    test : Float[np.ndarray, "seed task"]
        The errors.
    settings : tuple[float, ...]
        What validation chose: one value, or one per task where the tasks share nothing.
    cost : tuple[int, int]
        Parameters and multiply-adds.
    at_edge : bool
        Whether a value is the smallest or largest that was tried.
    cells : tuple[Cell, ...]
        Each task's cell of the tuning grid, and last the one that is best for all tasks together.
    widths : tuple[tuple[int, ...], ...]
        For each of these cells the widths of a network's hidden layers; empty for other recipes.
    """

    test: Float[np.ndarray, "seed task"]
    settings: tuple[float, ...]
    cost: tuple[int, int]
    at_edge: bool
    cells: tuple[Cell, ...] = ()
    widths: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Entry:
    """One row of the table: a recipe under a plan, or several of either, of which validation chooses."""

    name: str
    recipes: tuple[Recipe, ...]
    plans: tuple[TrainingConfig, ...]

    def run(self, draw: Draw, seeds: Sequence[int]) -> Found:
        """Choose a recipe and setting by validation loss, and train them on the reported seeds."""
        first = data_of(draw, seeds[0])
        cells, loss = self.tried(draw, first)
        separate = self.is_separate(first)
        chosen = [cells[row] for row in _chosen(loss, separate)]
        joint = cells[_chosen(loss, False)[0]]
        cost = chosen[0].recipe.cost(first, chosen[0].plan)
        settings = tuple(cell.setting for cell in (chosen if separate else chosen[:1]) if not isinstance(cell.recipe, Mean))
        at_edge = any(cell.at_edge for cell in chosen)
        test = self.test(draw, seeds, chosen)
        return Found(test, settings, (cost.parameters, cost.multiply_adds), at_edge, (*chosen, joint), _widths((*chosen, joint), first))

    def is_separate(self, data: TaskData) -> bool:
        """Whether the tasks share nothing, so that each task's cell is chosen by itself."""
        return all(recipe.is_separate(data, self.plans[0]) for recipe in self.recipes)

    def choose(self, draw: Draw, first: TaskData, tuning: Sequence[int] = TUNING) -> tuple[list[Cell], list[float]]:
        """Choose each task's cell by its mean validation loss over the tuning seeds; return both."""
        cells, loss = self.tried(draw, first, tuning)
        rows = _chosen(loss, self.is_separate(first))
        return [cells[row] for row in rows], [float(loss[row, task]) for task, row in enumerate(rows)]

    def tried(
        self, draw: Draw, first: TaskData, tuning: Sequence[int] = TUNING
    ) -> tuple[list[Cell], Float[np.ndarray, "row task"]]:
        """All cells, with each task's mean validation loss over the tuning seeds; NaN where there is only one cell."""
        pairs = list(product(self.recipes, self.plans))
        cells = [Cell(recipe, plan, setting) for recipe, plan in pairs for setting in recipe.settings(plan)]
        if len(cells) == 1:
            return cells, np.full((1, len(first.tasks)), np.nan)
        return cells, np.concatenate([_validated(recipe, plan, draw, tuning) for recipe, plan in pairs])

    def test(self, draw: Draw, seeds: Sequence[int], chosen: Sequence[Cell]) -> Float[np.ndarray, "seed task"]:
        """Train each task's cell on some seeds, every cell once, and measure the test errors."""
        return self.judge(draw, seeds, chosen)[1]

    def judge(
        self, draw: Draw, seeds: Sequence[int], chosen: Sequence[Cell]
    ) -> tuple[Float[np.ndarray, "seed task"], Float[np.ndarray, "seed task"]]:
        """Train each task's cell on some seeds, every cell once; return validation losses and test errors."""
        validation, test = np.empty((2, len(seeds), len(chosen)))
        for cell in [cell for place, cell in enumerate(chosen) if cell not in chosen[:place]]:
            columns = [task for task, other in enumerate(chosen) if other == cell]
            found = cell.recipe.run(draw, seeds, [cell.setting] * len(seeds), cell.plan)
            validation[:, columns], test[:, columns] = found.validation[:, columns], found.test[:, columns]
        return validation, test


def _widths(cells: Sequence[Cell], data: TaskData) -> tuple[tuple[int, ...], ...]:
    found: dict[tuple[Recipe, TrainingConfig], tuple[int, ...]] = {}
    for recipe, plan, _ in cells:
        if (recipe, plan) not in found:
            found[recipe, plan] = recipe.widths(data, plan) if isinstance(recipe, Network) else ()
    return tuple(found[recipe, plan] for recipe, plan, _ in cells)


def _validated(recipe: Recipe, plan: TrainingConfig, draw: Draw, tuning: Sequence[int]) -> Float[np.ndarray, "row task"]:
    """The mean validation loss of every setting, over the tuning seeds; a setting that diverges is out."""
    settings = recipe.settings(plan)
    rows = [(setting, int(seed)) for setting in settings for seed in tuning]
    loss = recipe.run(draw, [seed for _, seed in rows], [setting for setting, _ in rows], plan).validation
    return np.where(np.isfinite(loss), loss, np.inf).reshape(len(settings), len(tuning), -1).mean(axis=1)


def _chosen(loss: Float[np.ndarray, "row task"], separate: bool) -> list[int]:
    """Each task's setting: its own best, or the best on average relative to each task's best."""
    if separate:
        return [int(row) for row in loss.argmin(axis=0)]
    best = loss.min(axis=0)
    relative = loss / np.where((best > 0) & np.isfinite(best), best, 1.0)  # where all diverged, there is no best
    return [int(relative.mean(axis=1).argmin())] * loss.shape[1]


def entries_of(
    sharing: Sequence[Way] | Mapping[str, Way | Sequence[Way]],
    balancing: Sequence[Balancing],
    plan: TrainingConfig,
    data: TaskData,
    taken: Sequence[str] = (),
) -> list[Entry]:
    """Combine ways of sharing with ways of balancing; the baseline and references, whose names are taken, are added elsewhere."""
    named = _named(sharing)
    _check_balancing(balancing, len(data.tasks))
    entries = []
    for name, ways in named.items():
        recipes = tuple(_recipe(way) for way in ways)
        for recipe in recipes:
            _check_network(recipe, plan, data)
        separate = all(recipe.is_separate(data, plan) for recipe in recipes)
        methods = balancing[:1] if separate else balancing
        for method, label in zip(methods, _labels(balancing), strict=False):
            full = name if len(balancing) == 1 or separate else f"{name}, {label}"
            if recipes != (BASELINE,):
                entries.append(Entry(full, recipes, (replace(plan, method=method),)))
    for name, count in Counter([*taken, *(entry.name for entry in entries)]).items():
        if count > 1:
            raise ValueError(f"`sharing` must give every contestant a name of its own; {name!r} is that of two. Pass a dict to name them.")
    return entries


def _named(sharing: Sequence[Way] | Mapping[str, Way | Sequence[Way]]) -> dict[str, Sequence[Way]]:
    """Ways by name, each a list of those of which validation chooses."""
    if isinstance(sharing, Mapping):
        named = {name: ways if isinstance(ways, Sequence) and not isinstance(ways, str) else [ways] for name, ways in sharing.items()}
    else:
        names = [_recipe(way).name for way in sharing]
        if len(set(names)) < len(names):
            raise ValueError(f"`sharing` must name different ways; got {names}. Pass a dict to name them.")
        named = {name: [way] for name, way in zip(names, sharing, strict=True)}
    if not named or not all(named.values()):
        raise ValueError("`sharing` must name at least one way, and one under each name; got none.")
    if unnamed := [name for name in named if not isinstance(name, str)]:
        raise TypeError(f"`sharing` must have strings as keys; got {shown(unnamed[0])}.")
    return named


def _check_balancing(balancing: Sequence[Balancing], n_tasks: int) -> None:
    if not len(balancing):
        raise ValueError("`balancing` must name at least one way; got none. For example [EqualWeighting()].")
    for method in balancing:
        if not isinstance(method, Balancing):
            remedy = " Add () to make one." if isinstance(method, type) else ""
            raise TypeError(f"`balancing` must hold ways of balancing, such as EqualWeighting(); got {shown(method)}.{remedy}")
        method.start(n_tasks)  # refuses weights for another number of tasks
    if len(set(map(repr, balancing))) < len(balancing):
        raise ValueError(f"`balancing` must hold different ways; got {list(balancing)}.")


def _labels(balancing: Sequence[Balancing]) -> list[str]:
    """Names of the ways' classes, or with their settings where a class occurs twice."""
    names = [type(method).__name__ for method in balancing]
    return [name if names.count(name) == 1 else repr(method) for name, method in zip(names, balancing, strict=True)]


def _recipe(way: Way) -> Recipe:
    if isinstance(way, Recipe):
        return way
    rule = "`sharing` must hold architectures (the class, or a partial of it) or recipes"
    if isinstance(way, type) and issubclass(way, Recipe):
        raise TypeError(f"{rule}; got {shown(way)}. Add () to make a recipe of it.")
    if isinstance(way, nn.Module):
        raise TypeError(f"{rule}; got {shown(way)} that is built already. Pass its class, {type(way).__name__}.")
    if not callable(way):
        raise TypeError(f"{rule}; got {shown(way)}.")
    return Network(way)


def _check_network(recipe: Recipe, plan: TrainingConfig, data: TaskData) -> None:
    """Build the network once, and let it answer, before anything is trained."""
    build = getattr(recipe, "build", None)
    if build is None:
        return
    network = Network(build)
    try:
        model = network.model(data, replace(plan, parameters=None))
    except Exception as error:  # whatever a reader's own function raises
        kind = TypeError if isinstance(error, TypeError) else ValueError
        said = " ".join(str(error).split())
        raise kind(
            f"`sharing` must hold what can be called as build(n_features=…, n_hidden=…, n_outputs=…), where n_hidden and "
            f"n_outputs are tuples: widths of layers, outputs of tasks; {network.name} said: {said}"
        ) from error
    if not isinstance(model, nn.Module):
        raise TypeError(f"`sharing` must hold what builds an nn.Module; {network.name} built {shown(model)}.")
    check_model(network.model(data, plan), data, torch.float32)
