"""Exercises of *Noise as a regulariser*."""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from mtl_tutor.exercises._answers import NotYetError, checker
from mtl_tutor.exercises._trained import AdamOn, descend, number_of
from mtl_tutor.tasks import shared_feature

Loss = Callable[[nn.Module, Tensor, Tensor], Tensor]
SEEDS = range(3000, 3006)
MOST = 0.6  # of the error without a regulariser; noise on inputs or labels leaves 0.65


@checker
def check_regulariser(loss: Loss | None) -> str:
    """Check a loss with a regulariser: nets trained on it must err 40% less on new samples than without."""
    if loss is None:
        return "Not yet: write `loss(net, x, y)` and pass the function itself."
    errors = [_errors(loss, seed) for seed in SEEDS]
    (seen, new), plain = np.mean(errors, axis=0), without_regulariser()
    found = f"the error on new samples is {new:.2f}, without a regulariser {plain:.2f}"
    if new <= MOST * plain:
        return f"Right: {found}."
    if seen > 0.8:
        return (
            f"Not yet: {found}. The error on the training samples is {seen:.2f}: the net hardly fits them. Is your regulariser too strong?"
        )
    return f"Not yet: {found}. The error on the training samples is {seen:.2f}: what keeps the net from fitting their noise?"


@checker
def check_added(added: Callable[[np.ndarray, float], float] | None) -> str:
    """Check what noise on the inputs adds, on average, to the squared error of a linear net."""
    if added is None:
        return "Not yet: write a function of the weights w and of the noise's standard deviation sd."
    if found := added(np.array([3.0, -4.0]), 0.0):
        return f"Not yet: without noise nothing is added; your function says {found:.3g}."
    w, tolerance = np.array([3.0, -4.0]), 0.03  # enough for a simulation
    one, double = added(w, 0.5), added(w, 1.0)
    if not np.isclose(double, 4 * one, rtol=2 * tolerance) or one <= 0:
        return f"Not yet: with twice the noise, your value is {double / one if one else 0:.3g} times as large. The error is squared."
    if not np.isclose(added(2 * w, 0.5), 4 * one, rtol=2 * tolerance):
        return "Not yet: if all weights are doubled, so is the noise that reaches the output. How much larger is its square?"
    if not np.isclose(one, 0.25 * np.sum(w**2), rtol=tolerance):
        return f"Not yet: for w = (3, -4) and sd = 0.5, {one:.3g} is wrong. The inputs' noises are independent: what of them adds up?"
    if not np.isclose(added(np.array([1.0, 2.0, 0.0, -2.0]), 1.0), 9.0, rtol=tolerance):
        return "Not yet: it is right for two inputs, but not for four. Does your value depend on the number of inputs?"
    return "Right: on average, noise on the inputs of a linear net is weight decay."


@cache
def without_regulariser() -> float:
    """The error on new samples of nets that minimise the squared error alone."""
    return float(np.mean([_errors(lambda net, x, y: (net(x) - y).square().mean(), seed)[1] for seed in SEEDS]))


def _errors(loss: Loss, seed: int) -> tuple[float, float]:
    """The errors on training samples and on new ones."""
    data = shared_feature(1, 40, n_features=15, seed=seed)
    x, y, new_x, new_y = (torch.tensor(part, dtype=torch.float32) for s in (data.train, data.test) for part in (s.x, s.y))  # type: ignore[union-attr]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = nn.Sequential(nn.Linear(15, 16), nn.Tanh(), nn.Linear(16, 1))
        descend(lambda: _number_of(loss(net, x, y)), AdamOn(net.parameters(), lr=0.03), 150)
    with torch.no_grad():
        seen, new = ((net(inputs) - labels).square().mean().item() for inputs, labels in ((x, y), (new_x, new_y)))
    return seen, new


def _number_of(found: object) -> Tensor:
    value = number_of(found, "your loss", "what the net returns")
    if not value.isfinite():
        raise NotYetError("the loss stopped being finite: training drives it away from its minimum.")
    return value
