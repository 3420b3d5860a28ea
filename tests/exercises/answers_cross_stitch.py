"""Answers to the exercises of *Cross-stitch networks and task trees*."""

import numpy as np
import torch
from torch import Tensor

from tests.exercises.answers import Answers


def two_only(alpha: Tensor, h: Tensor) -> Tensor:
    rows = [alpha[0, 0] * h[0] + alpha[0, 1] * h[1], alpha[1, 0] * h[0] + alpha[1, 1] * h[1]]
    return torch.stack([*rows, *h[2:]])


OTHER = ([0, 1], [1, 0])

TABLE = {
    "check_stitch": Answers(
        accepted=[
            lambda alpha, h: torch.einsum("ts,snf->tnf", alpha, h),
            lambda alpha, h: (alpha[:, :, None, None] * h[None]).sum(1),
            lambda alpha, h: np.tensordot(alpha.numpy(), h.numpy(), 1),
            lambda alpha, h: [sum(weight * own for weight, own in zip(row, h, strict=True)).tolist() for row in alpha],
        ],
        rejected=[
            (lambda alpha, h: h, "reads only its own"),
            (lambda alpha, h: torch.einsum("st,snf->tnf", alpha, h), "exchanged"),
            (lambda alpha, h: h.sum(0, keepdim=True).expand_as(h), "unchanged"),
            (lambda alpha, h: torch.einsum("ts,snf->tnf", alpha.softmax(1), h), "unchanged"),
            (lambda alpha, h: h.flatten(), "an array of shape"),
            (lambda alpha, h: torch.einsum("tt,tnf->tnf", alpha, h), "compare what they read"),
            (two_only, "wrong for three"),
            (lambda alpha, h: alpha @ h, "raises RuntimeError"),
        ],
    ),
    "check_closed_stitches": Answers(
        accepted=[
            lambda stitches: 10 * stitches[:, *OTHER].square().sum(),
            lambda stitches: 3 * (stitches - torch.diag_embed(stitches.diagonal(dim1=1, dim2=2))).abs().sum(),
            lambda stitches: 10 * (stitches - torch.eye(2)).square().sum(),
            lambda stitches: 10 * (stitches[:, 0, 1] ** 2 + stitches[:, 1, 0] ** 2).mean(),
        ],
        rejected=[
            (lambda stitches: 0 * stitches.sum(), "still comes from the other tower"),
            (lambda stitches: 1e-4 * stitches[:, *OTHER].square().sum(), "still comes from the other tower"),
            (lambda stitches: 10 * stitches.square().sum(), "still comes from the other tower"),
            (lambda stitches: 10 * stitches[:, [0, 1], [0, 1]].square().sum(), "Which entries"),
            (lambda stitches: -stitches[:, *OTHER].sum(), "Which entries"),
            (lambda stitches: 10 * stitches[:, *OTHER].sum(), "Which entries"),
            (lambda stitches: 1e4 * (stitches - 20 * torch.eye(2)).square().sum(), "the nets err"),
            (lambda stitches: stitches[:, *OTHER].square(), "one number"),
            (lambda stitches: stitches[:, *OTHER].square().sum().item(), "calculated in torch"),
        ],
    ),
}
