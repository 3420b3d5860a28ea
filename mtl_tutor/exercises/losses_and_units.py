"""Exercises of *Losses and units*."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from mtl_tutor.exercises._answers import checker
from mtl_tutor.exercises._trained import AdamOn, descend, number_of
from mtl_tutor.tasks import sine_family

Total = Callable[[Tensor], Tensor]
SEEDS, UNITS = range(3000, 3006), (1.0, 1e-6, 1e6)
MOST = 0.13  # labels have the variance 1; the sum of losses reaches 0.08 in equal units, and 0.3 in one of the others


@checker
def check_one_scale(total: Total | None) -> str:
    """Check what is made of two losses, by training: whatever the second one's unit, both tasks must be learned."""
    if total is None:
        return "Not yet: write `total(losses)` and pass the function itself."
    for unit in UNITS:
        for task, error in enumerate(np.mean([_errors(total, unit, seed) for seed in SEEDS], axis=0), 1):
            if not error < MOST:
                how = "in equal units" if unit == 1 else f"with the second loss {unit:g} times as large"
                return f"Not yet: {how}, the error on task {task} is {error:.2f} (variance of its curve: 1); below {MOST} it is learned."
    return "Right: whatever the unit, both tasks are learned."


@checker
def check_focal_minimum(lowest: Callable[[float, float], float] | None) -> str:
    """Check at which predicted probability focal loss is lowest, on average, for a given true one."""
    if lowest is None:
        return "Not yet: write `lowest(q, gamma)` and pass the function itself."
    tolerance = 0.01
    if not abs(found := lowest(0.8, 0.0) - 0.8) < tolerance:
        return f"Not yet: with gamma 0 it is the cross-entropy, which is lowest at q itself; for q = 0.8 you return {found + 0.8:.3g}."
    if not abs((found := lowest(0.5, 2.0)) - 0.5) < tolerance:
        return f"Not yet: for q = 0.5 both classes are alike, so it is lowest at 0.5; you return {found:.3g}."
    high, low = lowest(0.8, 2.0), lowest(0.2, 2.0)
    if not abs(high + low - 1) < 2 * tolerance:
        return f"Not yet: q = 0.8 and 0.2 are the same question asked twice; {high:.3g} and {low:.3g} don't sum to 1."
    for q, gamma in ((0.8, 2.0), (0.95, 1.0), (0.3, 4.0)):
        if not abs((found := lowest(q, gamma)) - focal_minimum(q, gamma)) < tolerance:
            hint = "nearer to 0.5 than q" if abs(found - 0.5) >= abs(q - 0.5) - 1e-6 else "elsewhere"
            return f"Not yet: for q = {q} and gamma = {gamma:g}, {found:.3g} is wrong: it is lowest {hint}. Which class has which weight?"
    return "Right: focal loss is lowest nearer to 0.5 than the truth, so its probabilities are too timid."


def focal_minimum(q: float, gamma: float) -> float:
    """The probability with the lowest expected focal loss, on a fine grid."""
    p = np.linspace(0.0005, 0.9995, 19_981)
    return float(p[np.argmin(-q * (1 - p) ** gamma * np.log(p) - (1 - q) * p**gamma * np.log(1 - p))])


def _errors(total: Total, unit: float, seed: int) -> list[float]:
    """Train a net, the second loss multiplied by a number, and return both errors on new samples, in the first unit."""
    data = sine_family(n_tasks=2, n_samples=64, relatedness=0.5, seed=seed)
    x, y, new_x, new_y = (torch.tensor(part, dtype=torch.float32) for s in (data.train, data.test) for part in (s.x, s.y))  # type: ignore[union-attr]
    units = torch.tensor([1.0, unit])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 2))
        descend(lambda: _number_of(total(units * (net(x) - y).square().mean(0))), AdamOn(net.parameters(), lr=0.03), 400)
    with torch.no_grad():
        return (net(new_x) - new_y).square().mean(0).tolist()


def _number_of(found: object) -> Tensor:
    return number_of(found, "your total", "the losses")
