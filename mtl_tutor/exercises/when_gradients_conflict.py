"""Exercises of *Conflicting gradients*."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from mtl_tutor.exercises._answers import checker
from mtl_tutor.exercises._trained import tensor_of

Direction = Callable[[Tensor, Tensor], Tensor]
PAIRS, STEPS = 200, 60


@checker
def check_conflict(conflict: Callable[[np.ndarray], float] | None) -> str:
    """Check the share of pairs of tasks whose gradients conflict."""
    if conflict is None:
        return "Not yet: write `conflict(jacobian)` and pass the function itself."
    opposite, right_angle = np.array([[1.0, 0.0], [-1.0, 0.1]]), np.array([[1.0, 0.0], [0.0, 2.0]])
    if not np.isclose(found := conflict(opposite), 1):
        return f"Not yet: of two tasks with opposite gradients, the one pair conflicts; your share is {found:.3g}."
    if not np.isclose(found := conflict(right_angle), 0):
        return f"Not yet: gradients at a right angle don't conflict; your share is {found:.3g}. Does a task count with itself?"
    three = np.array([[1.0, 0.0, 0.0], [-2.0, 1.0, 0.0], [1.0, 3.0, 5.0]])
    if not np.isclose(found := conflict(three), 1 / 3):
        return f"Not yet: of three tasks, of which two conflict, one pair in three does; your share is {found:.3g}. How many are there?"
    if not np.isclose(found := conflict(three * [[1e-6], [1.0], [1e6]]), 1 / 3):
        return f"Not yet: the lengths of gradients make no conflict; with other lengths, your share changes to {found:.3g}."
    rows = np.random.default_rng(0).standard_normal((7, 4))
    if not np.isclose(conflict(rows), np.mean([rows[i] @ rows[j] < 0 for i in range(7) for j in range(i)])):
        return "Not yet: it is right for three tasks, but not for seven."
    return "Right: a sign for each pair of tasks."


@checker
def check_no_task_loses(direction: Direction | None) -> str:
    """Check a direction of two gradients by training with it: neither loss may rise, although one is in a far larger unit."""
    if direction is None:
        return "Not yet: write `direction(g1, g2)` and pass the function itself."
    stream = torch.Generator().manual_seed(0)
    for number in range(PAIRS):
        g1, g2 = torch.randn(2, 6, generator=stream)
        g2 = g2 * 10 ** (number % 4)
        found = tensor_of(direction(g1, g2), (6,), "a direction")
        if not found.norm() > 0:
            return "Not yet: for two gradients that are not opposite, your direction is zero: nothing is learned."
        for name, gradient in (("first", g1), ("second", g2)):
            cosine = float(torch.cosine_similarity(gradient, found, dim=0))
            if cosine < -1e-4:
                angle = np.degrees(np.arccos(float(torch.cosine_similarity(g1, g2, dim=0))))
                return (
                    f"Not yet: for gradients at {angle:.0f}°, the second {10 ** (number % 4)} times as long, your direction raises the "
                    f"{name} loss: its cosine with that gradient is {cosine:.2f}."
                )
    before, after, rises = _trained(direction)
    if rises:
        return f"Not yet: in training with small steps, a loss rises in {rises} of {2 * STEPS} cases."
    if not (after < 0.9 * before).all():
        fallen = ", ".join(f"{100 * (1 - share):.0f}%" for share in (after / before).tolist())
        return f"Not yet: no loss rises, but after {STEPS} steps they have fallen by {fallen} only; both should fall by a tenth or more."
    return "Right: no task loses, whatever its unit."


def _trained(direction: Direction) -> tuple[Tensor, Tensor, int]:
    """Train a small net on two tasks in unlike units with steps of one length: losses before and after, and how often one rose."""
    torch.manual_seed(1)
    x = torch.randn(60, 5)
    trunk, heads = nn.Sequential(nn.Linear(5, 8), nn.Tanh()), nn.Linear(8, 2)
    labels = torch.stack([x[:, 0] + x[:, 1], x[:, 0] - 1.5 * x[:, 1]], 1)
    units = torch.tensor([1.0, 1000.0])
    shared, path = list(trunk.parameters()), []
    for _ in range(STEPS + 1):
        losses = units * (heads(trunk(x)) - labels).square().mean(0)
        path.append(losses.detach())
        rows = [torch.cat([part.flatten() for part in torch.autograd.grad(loss, shared, retain_graph=True)]) for loss in losses]
        step = tensor_of(direction(*rows), tuple(rows[0].shape), "a direction")
        step = 0.02 * step / step.norm().clamp(min=1e-12)
        with torch.no_grad():
            for parameter, part in zip(shared, step.split([one.numel() for one in shared]), strict=True):
                parameter -= part.view_as(parameter)
    curve = torch.stack(path)
    return curve[0], curve[-1], int((curve[1:] > curve[:-1] * (1 + 1e-4)).sum())
