"""Answers to the exercises of *Multi-label, ensembles*."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from tests.exercises.answers import Answers

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Way = Callable[[np.ndarray, np.ndarray], np.ndarray]


def exclusive(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return nn.functional.cross_entropy(logits, y.argmax(dim=1))


def with_loss(loss: Loss, read: Callable[[torch.Tensor], Any], width: int = 64, steps: int = 160) -> Callable[..., Any]:
    def probabilities(x: torch.Tensor, y: torch.Tensor, new_x: torch.Tensor) -> Any:
        net = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))
        adam = torch.optim.Adam(net.parameters(), lr=0.01)
        for _ in range(steps):
            adam.zero_grad()
            loss(net(x), y).backward()
            adam.step()
        return read(net(new_x))

    return probabilities


def softmax(logits: torch.Tensor) -> torch.Tensor:
    return logits.softmax(dim=1)


def one_hot(logits: torch.Tensor) -> torch.Tensor:
    return nn.functional.one_hot(logits.argmax(dim=1), 10).float()


def shares(way: Way, x: np.ndarray, y: np.ndarray) -> bool:
    rng = np.random.default_rng(0)
    for task in range(y.shape[1]):
        shuffled = rng.permuted(y, axis=0)
        shuffled[:, task] = y[:, task]
        if not np.allclose(way(x, shuffled)[:, task], way(x, y)[:, task]):
            return True
    return False


def shares_if_one_changes(way: Way, x: np.ndarray, y: np.ndarray) -> np.bool_:
    """Change one task's labels at a time, and look at all others."""
    moved = np.zeros((y.shape[1], y.shape[1]))
    for task in range(y.shape[1]):
        other = y.copy()
        other[:, task] = np.random.default_rng(task).permutation(other[:, task])
        moved[task] = np.abs(way(x, other) - way(x, y)).max(axis=0)
    np.fill_diagonal(moved, 0)
    return (moved > 1e-8).any()


def with_others(change: Callable[[np.ndarray], np.ndarray], compare: slice, tasks: tuple[int, ...] = (0, 1, 2, 3)) -> Callable[..., bool]:
    """A test that changes the labels in some way and compares some fits."""

    def test(way: Way, x: np.ndarray, y: np.ndarray) -> bool:
        for task in tasks:
            changed = change(y.copy())
            changed[:, task] = y[:, task]
            seen = slice(task, task + 1) if compare == slice(0) else compare
            if not np.allclose(way(x, changed)[:, seen], way(x, y)[:, seen]):
                return True
        return False

    return test


def shuffled(y: np.ndarray) -> np.ndarray:
    return np.random.default_rng(1).permuted(y, axis=0)


def all_shuffled(way: Way, x: np.ndarray, y: np.ndarray) -> bool:
    return not np.allclose(way(x, shuffled(y)), way(x, y))


TABLE = {
    "check_probabilities": Answers(
        accepted=[
            with_loss(exclusive, softmax),
            with_loss(exclusive, lambda logits: softmax(logits).tolist(), width=128),
            with_loss(lambda logits, y: nn.functional.cross_entropy(logits, y), lambda logits: softmax(logits).detach().numpy()),
            with_loss(lambda logits, y: -(y * logits.log_softmax(dim=1)).sum(), softmax),
        ],
        rejected=[
            (with_loss(nn.functional.binary_cross_entropy_with_logits, torch.sigmoid), "away from 1"),
            (with_loss(exclusive, torch.sigmoid), "away from 1"),
            (with_loss(exclusive, lambda logits: logits.softmax(dim=0)), "away from 1"),
            (with_loss(lambda logits, y: exclusive(softmax(logits), y), softmax), "softmax taken once"),
            (with_loss(exclusive, lambda logits: softmax(softmax(logits))), "softmax taken once"),
            (with_loss(nn.functional.mse_loss, softmax), "loss for exclusive classes"),
            (with_loss(exclusive, one_hot), "the log loss of your probabilities"),
            (with_loss(exclusive, softmax, steps=3), "the log loss of your probabilities"),
            (lambda x, y, new_x: torch.full((len(new_x), 10), 0.1), "the log loss of your probabilities"),
            (with_loss(exclusive, lambda logits: logits), "logits, or logarithms"),
            (with_loss(exclusive, lambda logits: logits.log_softmax(dim=1)), "logits, or logarithms"),
            (with_loss(exclusive, lambda logits: logits.argmax(dim=1)), "ten numbers for each new image"),
        ],
    ),
    "check_shuffle_test": Answers(
        accepted=[
            shares,
            shares_if_one_changes,
            lambda *given: torch.tensor(shares(*given)),
            with_others(lambda y: -2 * y[::-1], slice(0)),
        ],
        rejected=[
            (lambda way, x, y: torch.ones((), requires_grad=True), "return True or False"),
            (lambda way, x, y: True, "Whose labels do you change"),
            (lambda way, x, y: False, "uses other tasks' labels"),
            (all_shuffled, "whose fit do you compare"),
            (with_others(shuffled, slice(None)), "whose fit do you compare"),
            (with_others(shuffled, slice(0), tasks=(0,)), "Test every task"),
            (with_others(lambda y: y, slice(0)), "your test doesn't notice"),
            (lambda way, x, y: shares(way, x, y) * 1.0, "True or False"),
            (lambda way, x, y: [shares(way, x, y)], "True or False"),
        ],
    ),
}
