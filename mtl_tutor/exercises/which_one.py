"""Exercises of *Which architecture?*."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn

from mtl_tutor.exercises._answers import asked, checker, shown
from mtl_tutor.experiments import SubspaceFamily, read_atlas
from mtl_tutor.results.atlas import mark_of
from mtl_tutor.sharing import HardSharing, SingleTask
from mtl_tutor.tasks import TaskData
from mtl_tutor.training import train


@checker
def check_breaks(places: Collection[Any] | None) -> str:
    """Check places at which an architecture does harm: (its name, key of a case), two architectures at least.

    Harm is a gain whose whole interval lies below -2%, and "breaks" means that the same architecture gains elsewhere.
    """
    if places is None:
        return "Not yet: name places, such as [('MMoE', 'p5-n60')]: architecture, case."
    atlas = read_atlas()
    for place in places:
        if not isinstance(place, (tuple, list)) or len(place) != 2 or not all(isinstance(one, str) for one in place):
            return f"Not yet: a place is (architecture, case); got {shown(place)}."
        name, case = place
        if name not in atlas.rows or case not in atlas.cases:
            return f"Not yet: the atlas has no {shown((name, case))}. Its cases are {list(atlas.cases)}, and it knows {sorted(atlas.rows)}."
        gain = atlas.gain(name, case)
        if mark_of(gain) != "harm":
            return f"Not yet: at {(name, case)} the gain in per cent is {gain}. That isn't harm."
        if not atlas.rows[name].cases("gain"):
            return f"Not yet: {name} gains nowhere in this atlas, so there is nothing to break. Take one that gains somewhere."
    if len({name for name, _ in places}) < 2:
        return "Not yet: break another architecture, too."
    return "Right: each of these gains somewhere, and does harm where you say. No name is safe; a place is."


SEEDS = range(301, 306)


@checker
def check_choose(choose: Callable[[Mapping[str, nn.Module], TaskData], str] | None) -> str:
    """Check a choice between one trunk and single-task nets for ten data sets, half of which have related tasks.

    Parameters
    ----------
    choose : function
        From nets by name, untrained, and data without a test split, to the name of one of them.
    """
    if choose is None:
        return f"Not yet: write choose(nets, data), which returns one of the names {sorted(_nets())}."
    found, errors = [], []
    for (relatedness, seed), row in _test_errors().items():
        data = replace(SubspaceFamily(relatedness, 60, 6)(seed), test=None)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            name = asked(choose, _nets(), data)
        if not isinstance(name, str) or name not in row:
            return f"Not yet: return one of the names {sorted(row)}; got {shown(name)}."
        found.append(name)
        errors.append(row[name])
    rows = list(_test_errors().values())
    least, fixed = np.mean([min(row.values()) for row in rows]), min(np.mean([row[name] for row in rows]) for name in rows[0])
    ever = f" It chose {str(found[0])!r} every time." if len(set(found)) == 1 else ""
    if np.mean(errors) > 0.99 * fixed:
        return f"Not yet: a net that is the same for all data sets would err no more than these choices.{ever} Which samples can tell?"
    if np.mean(errors) > 1.15 * least:
        return "Not yet: your choices beat the same net for all, but the best ones err much less. Train each net with several seeds."
    regret, saved = np.mean(errors) / least - 1, 1 - np.mean(errors) / fixed
    return f"Right: these choices err {regret:.0%} more than the best ones, and {saved:.0%} less than the same net for all."


def _nets() -> dict[str, nn.Module]:
    return {"one trunk": HardSharing(10, 6, 6), "single-task": SingleTask(10, 6, 6)}


@cache
def _test_errors() -> dict[tuple[float, int], dict[str, float]]:
    """(relatedness, seed) -> name of a net -> its mean test error."""
    found = {}
    for seed in SEEDS:
        for relatedness in (1.0, 0.0):
            data = SubspaceFamily(relatedness, 60, 6)(seed)
            histories = {
                name: train(net, data, seeds=4, steps=100, lr=0.1, weight_decay=0.03, eval_every=10) for name, net in _nets().items()
            }
            found[relatedness, seed] = {name: float(history.best().mean()) for name, history in histories.items()}
    return found
