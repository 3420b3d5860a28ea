"""Exercises of *Representation bias*."""

from collections.abc import Sequence

import torch
from torch import nn

from mtl_tutor.exercises._answers import asked, checker
from mtl_tutor.tasks import bit_groups


@checker
def check_meeting_place(solvable_from: Sequence[tuple[str, str]] | None) -> str:
    """Check three tasks that have one group in common, and no other shared by two of them."""
    if not solvable_from or len(solvable_from) != 3:
        return "Not yet: give three pairs of group names."
    bit_groups(solvable_from)  # says what is wrong with a pair
    common = set.intersection(*map(set, solvable_from))
    if len(common) != 1:
        return f"Not yet: all three should share exactly one group; they share {sorted(common) or 'none'}."
    others = [group for pair in solvable_from for group in pair if group not in common]
    if len(set(others)) != 3:
        return "Not yet: two tasks share a second group as well, so they have another place to meet."
    return f"Right: the three can meet in {common.pop().upper()} and nowhere else."


@checker
def check_two_trunks(model: nn.Module | None) -> str:
    """Check a net for two tasks whose trunks are separate: no parameter may move both."""
    if model is None:
        return "Not yet: pass a module with two tasks."
    x, reached = torch.ones(8, 6), []
    shapes = asked(lambda: [tuple(output.shape) for output in model(x)])
    if shapes != [(8, 1), (8, 1)]:
        return f"Not yet: two tasks need two outputs of one number per sample, (8, 1) each here; got {shapes}."
    for task in range(2):
        model.zero_grad()
        asked(lambda task=task: model(x)[task].sum().backward())
        reached.append({name for name, p in model.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0})
    if both := reached[0] & reached[1]:
        return f"Not yet: both tasks move {sorted(both)[0]}."
    return "Right: neither task can push the other anywhere."
