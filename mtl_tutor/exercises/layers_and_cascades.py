"""Exercises of the chapter on layers, cascades and stitches."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from mtl_tutor.exercises._answers import asked, checker

ORDER = ((1, 2), (), (1,))


@checker
def check_stitch(stitch: Callable[[Tensor, Tensor], Tensor] | None) -> str:
    """Check a cross-stitch: from weights [task task] and features [task sample hidden] to what each task reads."""
    if stitch is None:
        return "Not yet: write a function of the weights and of the towers' features."
    rows = torch.tensor([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.1, 0.1, 0.8]])
    three = torch.arange(24.0).reshape(3, 2, 4)
    h = torch.tensor([[[1.0, 2.0, 3.0]], [[10.0, 20.0, 30.0]]])
    alpha = torch.tensor([[0.9, 0.1], [0.3, 0.7]])
    read = asked(stitch, alpha, h)
    if not isinstance(read, Tensor) or read.shape != h.shape:
        return f"Not yet: every task goes on with as many features as before; the shape should stay {tuple(h.shape)}."
    if not torch.allclose(asked(stitch, torch.eye(2), h), h):
        return "Not yet: with the identity for weights, each task should read its own features, unchanged."
    if torch.allclose(read, torch.einsum("st,snf->tnf", alpha, h)):
        return "Not yet: a row of the weights is who reads, a column is whose features; yours are exchanged."
    if not torch.allclose(read, torch.einsum("ts,snf->tnf", alpha, h)):
        return f"Not yet: the first task should read 0.9 · 1 + 0.1 · 10 = 1.9 for the first feature; got {float(read[0, 0, 0]):g}."
    read = asked(stitch, rows, three)
    if not isinstance(read, Tensor) or read.shape != three.shape or not torch.allclose(read, torch.einsum("ts,snf->tnf", rows, three)):
        return "Not yet: right for two tasks, and wrong for three. Sum over all tasks, however many there are."
    return "Right: one number for each pair of tasks, whatever the width."


@checker
def check_feeds(feeds: Sequence[Sequence[int]] | None) -> str:
    """Check the feeds of a cascade of three tasks in which the first reads both others, and the last reads the second."""
    if feeds is None:
        return "Not yet: give a list with one entry per task, the tasks that it reads."
    if len(feeds) != len(ORDER):
        return f"Not yet: there are three tasks, so three entries; got {len(feeds)}."
    found = [tuple(sorted(feed)) for feed in feeds]
    if found == [(), (0, 2), (0,)]:
        return "Not yet: that is who is read by whom. Entry 0 holds the tasks that task 0 reads."
    for task, (feed, right) in enumerate(zip(found, ORDER, strict=True)):
        if feed != right:
            return f"Not yet: task {task} reads {list(right) or 'nobody'}, not {list(feed) or 'nobody'}."
    return "Right: task 1 comes first, then task 2, then task 0, and nobody waits for themselves."
