"""Train jointly, then continue for each task alone: the common part of several recipes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from torch import nn

from mtl_tutor.balancing import EqualWeighting
from mtl_tutor.recipes._base import Draw, TrainingConfig
from mtl_tutor.recipes._nets import looks_of
from mtl_tutor.results import History
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.training import train

_LEAST = 1e-12


class Apart(SingleTask):
    """One net per task, started from another net's weights."""

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """All parameters: those that `trunk_from` copies, though no task shares them."""
        return self.parameters()


def hard(model: nn.Module) -> HardSharing:
    """Require `HardSharing`.

    Raises
    ------
    ValueError
        It is another architecture.
    """
    if type(model) is not HardSharing:
        raise ValueError(f"`build` must make a HardSharing net, whose trunk can be handed on; got {type(model).__name__}.")
    return model


def check_together(share: float) -> None:
    """Require a share of the steps between 0 and 1.

    Raises
    ------
    ValueError
        The share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"`together` must lie between 0 and 1; got {share}. It is the share of the steps that all tasks take together.")


def both_phases(
    shared: HardSharing, apart: Apart, share: float, data: Draw, seeds: Sequence[int], lr: float, plan: TrainingConfig
) -> tuple[History, History]:
    """Train jointly for a share of the steps, then each task alone for the rest.

    The second phase starts from the shared net at the evaluation at which the mean of the tasks'
    validation losses, each relative to its loss at the start, was lowest, and with a new state of
    the optimiser. The record of the first of the two histories ends there or later.
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
    """The shared net's weights under their names in `Apart`, the trunk's once per task."""
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
    """Run the seeds of each setting separately, and put the rows back in order.

    `trunk_from` finds the nets of the first phase by their seeds, which must be unique.
    """
    found: dict[tuple[int, float], tuple[np.ndarray, np.ndarray]] = {}
    for setting in dict.fromkeys(settings):
        some = list(dict.fromkeys(seed for seed, own in zip(seeds, settings, strict=True) if own == setting))
        found |= {(seed, setting): pair for seed, pair in zip(some, zip(*run(some, setting), strict=True), strict=True)}
    rows = [found[key] for key in zip(seeds, settings, strict=True)]
    return np.stack([row[0] for row in rows]), np.stack([row[1] for row in rows])
