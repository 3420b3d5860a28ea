"""Answers to the exercises of *Conflicting gradients*."""

import itertools

import numpy as np
import torch

from tests.exercises.answers import Answers


def counted(jacobian):
    return np.mean([a @ b < 0 for a, b in itertools.combinations(jacobian, 2)])


def by_products(jacobian):
    products = jacobian @ jacobian.T
    return (products[np.triu_indices(len(jacobian), k=1)] < 0).mean()


def by_cosines(jacobian):
    unit = jacobian / np.linalg.norm(jacobian, axis=1, keepdims=True)
    n = len(unit)
    return float(torch.from_numpy((unit @ unit.T < 0).astype(float)).sum() / (n * (n - 1)))


def unit(g):
    return g / g.norm().clamp(min=1e-12)


def pcgrad(g1, g2):
    product = g1 @ g2
    if product >= 0:
        return g1 + g2
    return g1 - product / (g2 @ g2) * g2 + g2 - product / (g1 @ g1) * g1


def mgda(g1, g2):
    gap = g1 - g2
    share = (-(g2 @ gap) / (gap @ gap)).clamp(0, 1)
    return share * g1 + (1 - share) * g2


def nash(g1, g2):
    """The bargaining solution of two tasks: the bisector, in the lengths that its equations ask for."""
    scale = (1 + torch.cosine_similarity(g1, g2, dim=0)).clamp(min=1e-6).sqrt()
    return (unit(g1) + unit(g2)) / scale


def pcgrad_of_units(g1, g2):
    return pcgrad(unit(g1), unit(g2))


TABLE = {
    "check_conflict": Answers(
        accepted=[counted, by_products, by_cosines],
        rejected=[
            (lambda jacobian: (jacobian @ jacobian.T < 0).mean(), "the one pair conflicts"),
            (lambda jacobian: (jacobian @ jacobian.T < 0).sum() / 2, "one pair in three does"),
            (lambda jacobian: float((jacobian @ jacobian.T < 0).any()), "one pair in three does"),
            (lambda jacobian: 1 - by_products(jacobian), "the one pair conflicts"),
            (lambda jacobian: ((jacobian @ jacobian.T)[np.triu_indices(len(jacobian))] <= 0).mean(), "the one pair conflicts"),
            (lambda jacobian: (np.corrcoef(jacobian) < -0.5).sum() / len(jacobian) / (len(jacobian) - 1), "at a right angle"),
            (lambda jacobian: float(((jacobian[0] @ jacobian[1:].T) < 0).mean()), "one pair in three does"),
        ],
    ),
    "check_no_task_loses": Answers(
        accepted=[lambda g1, g2: unit(g1) + unit(g2), nash, pcgrad_of_units],
        rejected=[
            (lambda g1, g2: g1 + g2, "raises the first loss"),
            (lambda g1, g2: unit(g1 + g2), "raises the first loss"),
            (lambda g1, g2: g1, "raises the second loss"),
            (pcgrad, "no loss rises, but"),
            (mgda, "no loss rises, but"),
            (lambda g1, g2: -unit(g1) - unit(g2), "raises the first loss"),
            (lambda g1, g2: torch.zeros_like(g1), "nothing is learned"),
            (lambda g1, g2: (unit(g1) + unit(g2))[:3], "an array of shape (6,)"),
        ],
    ),
}
