"""Answers to the exercises of *Mixtures of experts*."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from mtl_tutor.sharing import MMoE
from tests.exercises.answers import Answers


def parts(is_first: Tensor) -> Tensor:
    return torch.stack([is_first, ~is_first], dim=1).float()


def entropy(gate: Sequence[float]) -> float:
    return -sum(weight * np.log(weight) for weight in gate if weight > 0)


def drawn_experts(net: MMoE) -> None:
    net.experts.apply(lambda part: getattr(part, "reset_parameters", int)())


def one_closed(net: MMoE) -> None:
    with torch.no_grad():
        for gate in net.gates:
            gate.bias[0] = 1.0


def all_closed_to_one(net: MMoE) -> None:
    with torch.no_grad():
        for gate in net.gates:
            gate.bias[0] = -300.0


def changed_experts(net: MMoE) -> None:
    with torch.no_grad():
        for place, expert in enumerate(net.experts):
            next(expert.parameters()).add_(0.1 * place)


def alike(net: MMoE) -> None:
    with torch.no_grad():
        for expert in net.experts:
            next(expert.parameters()).add_(0.1)


def one_changed(net: MMoE) -> None:
    with torch.no_grad():
        next(net.experts[0].parameters()).add_(0.1)


TABLE = {
    "check_own_gate": Answers(
        accepted=[
            lambda x: parts(x[:, 0] > 0),
            lambda x: parts(x[:, 0] < 0),
            lambda x: np.stack([x[:, 0] > 0, x[:, 0] <= 0], axis=1),
            lambda x: [[float(one[0] > 0), float(one[0] <= 0)] for one in x],
            lambda x: torch.stack([8 * x[:, 0], -8 * x[:, 0]], dim=1).softmax(dim=1),
        ],
        rejected=[
            (lambda x: torch.full((len(x), 2), 0.5), "tells the two kinds"),
            (lambda x: parts(x[:, 1] > 0), "tells the two kinds"),
            (lambda x: parts(x[:, 0].abs() > 0.7), "tells the two kinds"),
            (lambda x: parts(torch.arange(len(x)) % 2 == 0), "tells the two kinds"),
            (lambda x: torch.stack([x[:, 0], -x[:, 0]], dim=1).softmax(dim=1), "How much do you still mix"),
            (lambda x: parts(x[:, 0] > 0).argmax(dim=1), "two weights for each sample"),
            (lambda x: x[:, :2], "add up to one"),
            (lambda x: 2 * parts(x[:, 0] > 0), "add up to one"),
        ],
    ),
    "check_n_read": Answers(
        accepted=[
            lambda gate: np.exp(entropy(gate)),
            lambda gate: torch.tensor(entropy(gate)).exp(),
            lambda gate: float(np.prod([weight**-weight for weight in gate if weight])),
        ],
        rejected=[
            (len, "for (1.0, 0.0, 0.0)"),
            (entropy, "for (1.0, 0.0, 0.0)"),
            (lambda gate: np.count_nonzero(gate), "for (0.9, 0.1)"),
            (lambda gate: 1 / np.square(gate).sum(), "for (0.9, 0.1)"),
            (lambda gate: 2 ** entropy(gate), "for (0.25, 0.25, 0.25, 0.25)"),
            (lambda gate: 1 / max(gate), "for (0.9, 0.1)"),
            (lambda gate: [1.0, 2.0], "one number"),
        ],
    ),
    "check_parted": Answers(
        accepted=[
            lambda net: [nn.init.normal_(gate.weight, std=0.3) for gate in net.gates],
            drawn_experts,
            changed_experts,
        ],
        rejected=[
            (lambda net: None, "same gradient"),
            (lambda net: [nn.init.normal_(head.weight) for head in net.heads], "same gradient"),
            (alike, "same gradient"),
            (one_changed, "same gradient"),
            (one_closed, "same gradient"),
            (all_closed_to_one, "no gradient at all"),
            (lambda net: net.nothing, "raises AttributeError"),
        ],
    ),
}
