"""Answers to the exercises of *Low-level supervision and cascades*."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from mtl_tutor.tasks import Samples, TaskData, needed_answer, shuffled_labels
from tests.exercises.answers import Answers


def true(seed: int) -> TaskData:
    return needed_answer(2, 100, seed=seed).data


def relabelled(change: Callable[[np.ndarray], np.ndarray], column: int = 1) -> Callable[[int], TaskData]:
    """A control that changes one column of the training labels."""

    def control(seed: int) -> TaskData:
        data = true(seed)
        y = data.train.y.copy()
        y[:, column] = change(y[:, column])
        return replace(data, train=Samples(data.train.x, y))

    return control


def mostly_kept(labels: np.ndarray) -> np.ndarray:
    return np.concatenate([labels[:20][::-1], labels[20:]])


TABLE = {
    "check_shuffled_helper": Answers(
        accepted=[
            lambda seed: shuffled_labels(true(seed), [1], seed=seed),
            relabelled(np.random.default_rng(0).permutation),
            relabelled(lambda labels: labels[::-1]),
            relabelled(lambda labels: np.roll(labels, 1)),
        ],
        rejected=[
            (true, "as they were"),
            (lambda seed: shuffled_labels(true(seed), [0], seed=seed), "Change the helper's labels only"),
            (lambda seed: shuffled_labels(true(seed), [0, 1], seed=seed), "Change the helper's labels only"),
            (relabelled(lambda labels: 0 * labels), "mean and spread"),
            (relabelled(lambda labels: np.random.default_rng(0).normal(size=labels.shape)), "mean and spread"),
            (relabelled(lambda labels: -labels), "mean and spread"),
            (relabelled(mostly_kept), "still stand beside their own inputs"),
            (lambda seed: true(seed + 1), "Change the helper's labels only"),
            (lambda seed: needed_answer(2, 50, seed=seed).data, "keep the size"),
            (lambda seed: needed_answer(2, 100, seed=seed), "return a TaskData"),
            (lambda seed: replace(true(seed), test=None), "validation and test samples"),
        ],
    ),
    "check_one_way": Answers(
        accepted=[
            lambda x, g, r, f, m: (m(f(torch.cat([x, g(x).detach(), r(g(x)).detach()], 1))), r(g(x))),
            lambda x, g, r, f, m: [m(f(torch.cat([x, *(h.detach() for h in (g(x), r(g(x))))], 1))), r(g(x))],
            lambda x, g, r, f, m: (m(f(torch.cat([x, torch.cat([g(x), r(g(x))], 1).detach()], 1))), r(g(x))),
        ],
        rejected=[
            (lambda x, g, r, f, m: (m(f(torch.cat([x, g(x), r(g(x))], 1))), r(g(x))), "still reaches"),
            (lambda x, g, r, f, m: (m(f(torch.cat([x, g(x).detach(), r(g(x))], 1))), r(g(x))), "still reaches"),
            (lambda x, g, r, f, m: (m(f(torch.cat([x, g(x).detach(), r(g(x).detach())], 1))), r(g(x))), "still reaches"),
            (lambda x, g, r, f, m: (m(f(torch.cat([x, g(x), r(g(x)).detach()], 1))), r(g(x))), "still reaches"),
            (lambda x, g, r, f, m: (m(f(torch.cat([x.detach(), g(x), r(g(x))], 1))), r(g(x))), "still reaches"),
            (lambda x, g, r, f, m: (m(f(torch.cat([x, g(x), r(g(x))], 1).detach())), r(g(x)).detach()), "Its own loss should"),
            (lambda x, g, r, f, m: (m(f(torch.cat([x, g(x), r(g(x))], 1))).detach(), r(g(x))), "no longer trains its own net"),
            (lambda x, g, r, f, m: (r(g(x)), m(f(torch.cat([x, g(x).detach(), r(g(x)).detach()], 1)))), "main task's answers first"),
            (lambda x, g, r, f, m: (m(f(torch.cat([g(x).detach(), x, r(g(x)).detach()], 1))), r(g(x))), "in which order"),
            (lambda x, g, r, f, m: (m(f(torch.cat([x, g(x).detach()], 1))), r(g(x))), "raises RuntimeError"),
            (lambda x, g, r, f, m: m(f(torch.cat([x, g(x).detach(), r(g(x)).detach()], 1))), "return two things"),
        ],
    ),
}
