"""Answers to the exercises of *Regularised MTL*."""

from types import MappingProxyType

import numpy as np
import torch

from mtl_tutor.exercises.regularised_families import SITUATIONS
from tests.exercises.answers import Answers

SCHOOLS, DRUGS, MORE_DRUGS, *_ = SITUATIONS


def exchanged(one: str, other: str) -> dict[str, str]:
    return {**SITUATIONS, one: SITUATIONS[other], other: SITUATIONS[one]}


TABLE = {
    "check_drift": Answers(
        accepted=[
            lambda w: (w[:, 1:] - w[:, :-1]).square().sum(),
            lambda w: 0.5 * torch.diff(w.double()).abs().sum(),
            lambda w: 3 * (w - w.roll(1, 1))[:, 1:].square().mean(dim=0).sum(),
            lambda w: torch.diff(w).square().mean(),
            lambda w: 1000 * torch.diff(w).square().sum(),
            lambda w: torch.diff(w).norm(dim=0).sum(),
            lambda w: sum(((w[:, t] - w[:, t - 1]) ** 2).sum() for t in range(1, w.shape[1])),
        ],
        rejected=[
            (lambda w: w.square().sum(), "may have in common"),
            (lambda w: (w - w.mean(dim=1, keepdim=True)).square().sum(), "what is it like"),
            (lambda w: (w[1:] - w[:-1]).square().sum(), "which do you compare"),
            (lambda w: torch.linalg.matrix_norm(w, "nuc"), "tie to the mean of all months"),
            (lambda w: w.norm(dim=1).sum(), "may have in common"),
            (lambda w: (w / 0).abs().sum(), "a finite number"),
            (lambda w: -torch.diff(w).square().sum(), "which do you compare"),
            (lambda w: torch.diff(w).square(), "one number"),
            (lambda w: torch.diff(w).square().sum().item(), "calculated in torch"),
            (lambda w: torch.diff(w.detach()).square().sum(), "Don't detach"),
            (lambda w: np.diff(w.detach().numpy()).sum(), "calculated in torch"),
        ],
    ),
    "check_suits": Answers(
        accepted=[dict(SITUATIONS), MappingProxyType(SITUATIONS), dict(reversed(SITUATIONS.items()))],
        rejected=[
            (exchanged(SCHOOLS, DRUGS), "not best served by 'joint features'"),
            (exchanged(DRUGS, MORE_DRUGS), "not best served by 'dirty'"),
            (dict.fromkeys(SITUATIONS, "trace norm"), "not best served by 'trace norm'"),
            (dict.fromkeys(SITUATIONS, "ridge"), "none of the penalties"),
            ({SCHOOLS: "mean"}, "has no penalty"),
            ({name: situation for situation, name in SITUATIONS.items()}, "has no penalty"),
        ],
    ),
    "check_decay": Answers(
        accepted=[(6, 0), [6.0, 0.0], np.array([6, 0]), torch.tensor([6.0, 0.0]), (6, 1e-4)],
        rejected=[
            ((18.5, 0), "unequal"),
            ((12, 0), "one half"),
            ((3, 0), "lowest point"),
            ((6, 6), "head is free"),
            ((6, 18), "head is free"),
            ((0, 0), "lowest point"),
            ([6], "2 entries"),
        ],
    ),
}
