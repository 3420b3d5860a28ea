"""Train together first, and then go on for each task alone: what the recipes that do so have in common."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from torch import nn

from mtl_tutor.balancing import EqualWeighting
from mtl_tutor.recipes._base import Draw, Plan
from mtl_tutor.results import History
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.training import train


class Apart(SingleTask):
    """A net per task that goes on from another net's weights: all of its own can be handed to it by `trunk_from`."""

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """All parameters, though no task pulls at another's: they are what `trunk_from` hands over."""
        return self.parameters()


def hard(model: nn.Module) -> HardSharing:
    """Check that a net has a shared trunk and a head per task, and nothing else.

    Raises
    ------
    ValueError : it is another.
    """
    if type(model) is not HardSharing:
        raise ValueError(f"`build` must make a HardSharing net, whose trunk can be handed on; got {type(model).__name__}.")
    return model


def check_together(share: float) -> None:
    """A share of the steps leaves something for either phase.

    Raises
    ------
    ValueError : it does not lie between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"`together` must lie between 0 and 1; got {share}. It is the share of the steps that all tasks take together.")


def both_phases(
    shared: HardSharing, apart: Apart, share: float, data: Draw, seeds: Sequence[int], lr: float, plan: Plan
) -> tuple[History, History]:
    """Train together for a share of the steps, then apart for the rest, seed by seed and with a fresh memory of the optimiser."""
    how = {"seeds": seeds, "lr": lr, "optimizer": plan.optimizer, "batch_size": plan.batch_size, "weight_decay": plan.weight_decay}
    first = min(max(1, round(share * plan.steps)), max(1, plan.steps - 1))
    start = train(shared, data, plan.method, steps=first, **how)
    handed = replace(start, parameters=_per_task(start, shared.n_tasks))
    return start, train(apart, data, EqualWeighting(), steps=max(1, plan.steps - first), trunk_from=handed, **how)


def _per_task(start: History, n_tasks: int) -> dict[str, np.ndarray]:
    """The shared net's weights under the names that they have in `Apart`, the trunk's once per task."""
    found = {}
    for name, value in start.parameters.items():
        part, _, rest = name.partition(".")
        if part == "trunk":
            found |= {f"nets.{task}.{name}": value for task in range(n_tasks)}
        else:
            task, _, what = rest.partition(".")
            found[f"nets.{task}.heads.0.{what}"] = value
    return found


def by_setting(
    seeds: Sequence[int], settings: Sequence[float], run: Callable[[list[int], float], tuple[np.ndarray, np.ndarray]]
) -> tuple[np.ndarray, np.ndarray]:
    """Run each setting's seeds by themselves, because `trunk_from` finds earlier nets by their seeds, and put the rows in order."""
    found: dict[tuple[int, float], tuple[np.ndarray, np.ndarray]] = {}
    for setting in dict.fromkeys(settings):
        some = list(dict.fromkeys(seed for seed, own in zip(seeds, settings, strict=True) if own == setting))
        found |= {(seed, setting): pair for seed, pair in zip(some, zip(*run(some, setting), strict=True), strict=True)}
    rows = [found[key] for key in zip(seeds, settings, strict=True)]
    return np.stack([row[0] for row in rows]), np.stack([row[1] for row in rows])
