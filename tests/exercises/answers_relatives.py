"""Answers to the exercises of *Transfer and its relatives*."""

import copy
from collections.abc import Callable

import torch
from torch import nn

from tests.exercises.answers import Answers


def learner(
    *hidden: int, steps: int = 80, questions: slice = slice(None), shuffled: bool = False
) -> Callable[[torch.Tensor, torch.Tensor], nn.Sequential]:
    """Learn some of the questions; return trunk and heads in one."""

    def learned(x: torch.Tensor, answers: torch.Tensor) -> nn.Sequential:
        y = answers[torch.randperm(len(x)) if shuffled else slice(None)][:, questions]
        parts: list[nn.Module] = []
        for n_in, n_out in zip((64, *hidden), hidden, strict=False):
            parts += [nn.Linear(n_in, n_out), nn.ReLU()]
        net = nn.Sequential(*parts, nn.Linear(hidden[-1], y.shape[1]))
        adam = torch.optim.Adam(net.parameters(), lr=0.015)
        for _ in range(steps):
            adam.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(net(x), y).backward()
            adam.step()
        return net

    return learned


def trunk_of(learn: Callable[[torch.Tensor, torch.Tensor], nn.Sequential]) -> Callable[[torch.Tensor, torch.Tensor], nn.Module]:
    return lambda x, answers: learn(x, answers)[:-1]


def frozen(trunk: nn.Module) -> nn.Module:
    return trunk.requires_grad_(False).eval()


def frozen_in_place(trunk: nn.Module) -> None:
    for parameter in trunk.parameters():
        parameter.requires_grad = False
    trunk.eval()


def frozen_for_good(trunk: nn.Module) -> nn.Module:
    for part in trunk.modules():
        if isinstance(part, nn.BatchNorm1d):
            part.momentum = 0.0
    return trunk.requires_grad_(False)


def only_first_layer(trunk: nn.Sequential) -> None:
    trunk.eval()
    trunk[0].requires_grad_(False)


def emptied(trunk: nn.Module) -> nn.Module:
    with torch.no_grad():
        for parameter in frozen(trunk).parameters():
            parameter.zero_()
    return trunk


TABLE = {
    "check_pretrained": Answers(
        accepted=[
            trunk_of(learner(64)),
            trunk_of(learner(256)),
            trunk_of(learner(64, 64)),
            trunk_of(learner(64, steps=200)),
            lambda x, answers: learner(64)(x, answers)[:-1].requires_grad_(False).eval(),
        ],
        rejected=[
            (lambda x, answers: nn.Sequential(nn.Linear(64, 64), nn.ReLU()), "all five answers"),
            (lambda x, answers: nn.Identity(), "all five answers"),
            (trunk_of(learner(64, shuffled=True)), "beside its own image"),
            (trunk_of(learner(64, questions=slice(1))), "all five answers"),
            (trunk_of(learner(64, steps=3)), "for long enough"),
            (learner(64), "without the heads"),
            (lambda x, answers: learner(64)(x, answers)[:-1](x), "return the trunk"),
            (lambda x, answers: nn.Linear(5, 64), "what you wrote raises"),
            (lambda x, answers: nn.Flatten(0), "[sample, hidden]"),
        ],
    ),
    "check_frozen": Answers(
        accepted=[frozen, frozen_in_place, frozen_for_good, lambda trunk: copy.deepcopy(frozen(trunk))],
        rejected=[
            (lambda trunk: trunk, "may the optimiser still change"),
            (lambda trunk: trunk.eval(), "may the optimiser still change"),
            (only_first_layer, "may the optimiser still change"),
            (lambda trunk: trunk.requires_grad_(False), "batch normalisation layer"),
            (lambda trunk: frozen(trunk).train(), "batch normalisation layer"),
            (emptied, "itself changes what the trunk answers"),
            (lambda trunk: trunk[0], "itself changes what the trunk answers"),
            (lambda trunk: trunk.state_dict(), "return the frozen trunk"),
        ],
    ),
}
