"""Answers to the exercises of *Attribute selection*."""

from itertools import product

import numpy as np
import torch

from tests.exercises.answers import Answers


def auc(strength: np.ndarray, relevant: np.ndarray) -> float:
    return (strength[relevant][:, None] > strength[~relevant]).mean()


def by_ranks(strength: np.ndarray, relevant: np.ndarray) -> float:
    n, m = relevant.sum(), (~relevant).sum()
    ranks = strength.argsort().argsort() + 1
    return (ranks[relevant].sum() - n * (n + 1) / 2) / (n * m)


def by_pairs(strength: np.ndarray, relevant: np.ndarray) -> float:
    pairs = list(product(strength[relevant], strength[~relevant]))
    return sum(a > b for a, b in pairs) / len(pairs)


def strongest(push: np.ndarray) -> np.ndarray:
    return np.abs(push).argsort()[-4:]


def choose(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return strongest(x.T @ y.mean(axis=1))


def choose_by_regression(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return strongest(np.linalg.lstsq(x, y.mean(axis=1), rcond=None)[0])


def choose_by_net(x: np.ndarray, y: np.ndarray) -> list[int]:
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(30, 1), torch.nn.Tanh(), torch.nn.Linear(1, 16))
    sgd = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    inputs, labels = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    for _ in range(100):
        sgd.zero_grad()
        ((net(inputs) - labels) ** 2).mean(dim=0).sum().backward()
        sgd.step()
    return strongest(net[0].weight[0].detach().numpy()).tolist()  # type: ignore[operator,union-attr]


TABLE = {
    "check_auc": Answers(
        accepted=[auc, by_ranks, by_pairs, lambda strength, relevant: torch.tensor(auc(strength, relevant))],
        rejected=[
            (lambda strength, relevant: 1 - auc(strength, relevant), "stronger than the third"),
            (lambda strength, relevant: 1.0, "should be the stronger"),
            (lambda strength, relevant: (strength[relevant].min() > strength[~relevant].max()) * 1.0, "one relevant and one irrelevant"),
            (lambda strength, relevant: strength[relevant].sum() / strength.sum(), "stronger than the third"),
            (lambda strength, relevant: auc(strength, np.arange(len(strength)) < relevant.sum()), "needn't come first"),
            (lambda strength, relevant: (strength[:, None] > strength).mean(), "stronger than the third"),
            (lambda strength, relevant: (strength[relevant].mean() > strength[~relevant].mean()) * 1.0, "one relevant and one irrelevant"),
            (lambda strength, relevant: relevant.mean(), "stronger than the third"),
        ],
    ),
    "check_chosen_inputs": Answers(
        accepted=[
            choose,
            choose_by_regression,
            choose_by_net,
            lambda x, y: torch.tensor(choose(x, y).copy()),
            lambda x, y: np.isin(np.arange(30), choose(x, y)),
        ],
        rejected=[
            (lambda x, y: strongest(x.T @ y[:, 0]), "Use all sixteen views"),
            (lambda x, y: (x.T @ y.mean(axis=1)).argsort()[-4:], "up or down"),
            (lambda x, y: np.abs(x.T @ y.mean(axis=1)).argsort()[:4], "Use all sixteen views"),
            (lambda x, y: [0, 1, 2, 3], "with your four inputs"),
            (lambda x, y: x.var(axis=0).argsort()[-4:], "with your four inputs"),
            (lambda x, y: strongest(np.linalg.lstsq(x, y[:, 0], rcond=None)[0]), "Use all sixteen views"),
            (lambda x, y: [0, 0, 0, 0], "four different inputs"),
            (lambda x, y: np.abs(x.T @ y.mean(axis=1)), "numbers of four"),
            (lambda x, y: [27, 28, 29, 30], "from 0 to 29"),
        ],
    ),
}
