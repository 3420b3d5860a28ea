"""Train together first, and then go on for each task alone: what the recipes that do so have in common."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from torch import nn

from mtl_tutor.balancing import EqualWeighting
from mtl_tutor.recipes._base import Draw, Plan
from mtl_tutor.recipes._nets import looks_of
from mtl_tutor.results import History
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.training import train

_LEAST = 1e-12


class Apart(SingleTask):
    """A net per task that goes on from another net's weights: all of its own can be handed to it by `trunk_from`."""

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """All parameters, though no task pulls at another's: they are what `trunk_from` hands over."""
        return self.parameters()


def hard(model: nn.Module) -> HardSharing:
    """Check that a net has a shared trunk and a head per task, and nothing else.

    Raises
    ------
    ValueError
        It is another.
    """
    if type(model) is not HardSharing:
        raise ValueError(f"`build` must make a HardSharing net, whose trunk can be handed on; got {type(model).__name__}.")
    return model


def check_together(share: float) -> None:
    """A share of the steps leaves something for either phase.

    Raises
    ------
    ValueError
        It does not lie between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"`together` must lie between 0 and 1; got {share}. It is the share of the steps that all tasks take together.")


def both_phases(
    shared: HardSharing, apart: Apart, share: float, data: Draw, seeds: Sequence[int], lr: float, plan: Plan
) -> tuple[History, History]:
    """Train together for a share of the steps, then apart for the rest, seed by seed and with a fresh
    memory of the optimiser.

    The shared net is handed on as it was at that stage at which the mean of the tasks' validation
    losses, each relative to the first step's, was lowest: it is the first of the two histories,
    whose record ends later.
    """
    how = {"lr": lr, "optimizer": plan.optimizer, "batch_size": plan.batch_size, "weight_decay": plan.weight_decay}
    first = min(max(1, round(share * plan.steps)), max(1, plan.steps - 1))
    start = train(shared, data, plan.method, seeds=seeds, steps=first, **how)
    looks = looks_of(start)
    loss = start.loss["validation"][:, looks] / np.maximum(start.loss["validation"][:, :1], _LEAST)
    best = np.where(np.isfinite(loss), loss, np.inf).mean(axis=2).argmin(axis=1)
    parameters = {name: value.copy() for name, value in start.parameters.items()}
    for number in {*best.tolist()} - {len(looks) - 1}:
        rows, steps = np.flatnonzero(best == number), int(start.steps[looks[number]])
        again = train(shared, data, plan.method, seeds=[seeds[row] for row in rows], steps=steps, eval_every=steps, **how)
        for name, value in again.parameters.items():
            parameters[name][rows] = value
    start = replace(start, parameters=parameters)
    handed = replace(start, parameters=_per_task(start, shared.n_tasks))
    rest = max(1, plan.steps - first)
    return start, train(apart, data, EqualWeighting(), seeds=seeds, steps=rest, trunk_from=handed, **how)


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
