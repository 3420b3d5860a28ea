"""Exercises of *Multi-label, ensembles*."""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import nn

from mtl_tutor.exercises._answers import asked, checker
from mtl_tutor.exercises._trained import AdamOn, descend
from mtl_tutor.recipes import canonical_shrinkage
from mtl_tutor.tasks import digits, one_against_rest, responses

N_DRAWS = 3
Way = Callable[[np.ndarray, np.ndarray], np.ndarray]


@checker
def check_probabilities(probabilities: Callable[[torch.Tensor, torch.Tensor, torch.Tensor], np.ndarray] | None) -> str:
    """Check probabilities of ten digits: for each new image they have to sum to 1, and be as good as those of a softmax.

    Parameters
    ----------
    probabilities : from images x [100, 64], their ten answers y [100, 10] and new images [800, 64] to probabilities [800, 10].
    """
    if probabilities is None:
        return "Not yet: write `probabilities(x, y, new_x)`, a function that trains a net and returns ten numbers per new image."
    yours, ours = 0.0, _log_loss_of_softmax()
    with torch.random.fork_rng(devices=[]):
        for seed in range(N_DRAWS):
            x, y, new_x, right = _images(seed)
            torch.manual_seed(seed)
            found = probabilities(x, y, new_x)
            if wrong := _no_probabilities(found, right):
                return f"Not yet: {wrong}"
            yours += _log_loss(found, right) / N_DRAWS
    if yours > ours + 0.25:  # a softmax with another seed: within 0.05
        return (
            f"Not yet: the log loss of your probabilities is {yours:.2f} nats, that of a softmax net {ours:.2f}. "
            "Is the net trained with a loss for exclusive classes, and with the softmax taken once?"
        )
    return f"Right: the ten numbers sum to 1, and their log loss is {yours:.2f} nats (a softmax of ours: {ours:.2f})."


def _no_probabilities(found: np.ndarray, right: np.ndarray) -> str:
    """Why these numbers are no probabilities of exclusive classes; nothing if they are."""
    if found.shape != (len(right), 10):
        return f"return ten numbers for each new image, shape {(len(right), 10)}; got shape {found.shape}."
    if found.min() < -1e-6:
        return f"a probability is 0 or more; yours go down to {found.min():.2f}. Are these logits, or logarithms?"
    if (off := np.abs(found.sum(axis=1) - 1).max()) > 1e-3:
        return f"exactly one of ten digits is right, but the sum of your ten numbers for an image is up to {off:.2f} away from 1."
    return ""


def _log_loss(found: np.ndarray, right: np.ndarray) -> float:
    return float(-np.log(np.maximum(found[np.arange(len(right)), right], 1e-12)).mean())


def _images(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, np.ndarray]:
    """Images and their ten answers, new images and their digits."""
    data = one_against_rest(digits(100, extra=(), seed=seed))
    x, y, new_x = (torch.tensor(one, dtype=torch.float32) for one in (data.train.x, data.train.y, data.test.x))  # type: ignore[union-attr]
    return x, y, new_x, data.test.y.argmax(axis=1)  # type: ignore[union-attr]


@cache
def _log_loss_of_softmax() -> float:
    total = 0.0
    with torch.random.fork_rng(devices=[]):
        for seed in range(N_DRAWS):
            x, y, new_x, right = _images(seed)
            torch.manual_seed(seed)
            total += _log_loss(_softmax_net(x, y)(new_x).softmax(dim=1).detach().numpy(), right)
    return total / N_DRAWS


def _softmax_net(x: torch.Tensor, y: torch.Tensor) -> nn.Module:
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    descend(lambda: nn.functional.cross_entropy(net(x), y.argmax(dim=1)), AdamOn(net.parameters(), lr=0.01), 160)
    return net


@checker
def check_shuffle_test(shares: Callable[[Way, np.ndarray, np.ndarray], bool] | None) -> str:
    """Check a test of methods: does one task's fit change if the labels of the other tasks are shuffled?

    Parameters
    ----------
    shares : from a method, x [sample, feature] and y [sample, task] to True or False. A method turns x and y into
        coefficients [feature, task].
    """
    if shares is None:
        return "Not yet: write `shares(way, x, y)`, a function that returns True or False."
    tasks = responses(4, 40, n_features=5)
    x, y = tasks.x[0], tasks.y.T
    for name, (way, is_shared) in WAYS.items():
        found = shares(way, x.copy(), y.copy())
        answer = (
            asked(np.asarray, found.detach() if isinstance(found, torch.Tensor) else found)
            if isinstance(found, bool | np.bool_ | np.ndarray | torch.Tensor)
            else np.array(None)
        )
        if answer.shape != () or answer.dtype != bool:
            return "Not yet: return True or False, and nothing else."
        if answer != is_shared:
            return f"Not yet: {name} {HINTS[is_shared]}"
    return "Right: your test tells methods that learn across tasks from those that don't, whatever happens inside."


HINTS = {
    True: "uses other tasks' labels in some fit, and your test doesn't notice. Test every task, and look at what changes.",
    False: "doesn't share, but your test says that it does. Whose labels do you change, and whose fit do you compare?",
}


def _columns(one: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Way:
    """A method that fits every task by itself."""
    return lambda x, y: np.column_stack([one(x, labels) for labels in y.T])


def _least_squares(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.linalg.solve(x.T @ x, x.T @ y)


def _bagged(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    rows = np.random.default_rng(0).integers(len(x), size=(10, len(x)))
    return np.mean([_least_squares(x[chosen], y[chosen]) for chosen in rows], axis=0)


def _stacked(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    fits, half = _least_squares(x, y), len(x) // 2
    held_out = np.concatenate([x[:half] @ _least_squares(x[half:], y[half:]), x[half:] @ _least_squares(x[:half], y[:half])])
    return fits @ _least_squares(held_out, y)


def _averaged(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.repeat(_least_squares(x, y).mean(axis=1, keepdims=True), y.shape[1], axis=1)


def _last_reads_first(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    fits = _columns(_least_squares)(x, y)
    fits[:, -1] += 0.3 * (fits[:, 0] - fits[:, -1])
    return fits


WAYS: dict[str, tuple[Way, bool]] = {
    "a method of separate least-squares fits": (_columns(_least_squares), False),
    "bagging, task by task,": (_columns(_bagged), False),
    "stacking": (_stacked, True),
    "a method that gives all tasks the average fit": (_averaged, True),
    "a method in which only the last task reads another one": (_last_reads_first, True),
    "curds and whey": (lambda x, y: canonical_shrinkage(x, y).T, True),
}
"""What a reader's test is given: a method, and whether it shares."""
