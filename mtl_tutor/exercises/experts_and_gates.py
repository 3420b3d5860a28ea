"""Exercises of *Mixtures of experts*."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import nn

from mtl_tutor.exercises._answers import asked, checker
from mtl_tutor.sharing import MMoE


@checker
def check_seesaw(share: float | None) -> str:
    """Check how often one task is up and the other down, if each is a fair coin of its own."""
    if share is None:
        return "Not yet: give a share of runs."
    if abs(share - 0.25) < 0.01:
        return "Not yet: that is the first task up and the second down. The seesaw has another side."
    if abs(share - 0.5) > 0.01:
        return "Not yet: up and up, up and down, down and up, down and down are equally likely."
    return "Right: chance alone shows a seesaw in every second run."


@checker
def check_n_read(count: Callable[[Sequence[float]], float] | None) -> str:
    """Check a function from a gate's weights to how many experts it reads."""
    if count is None:
        return "Not yet: write a function of a gate's weights, such as (0.5, 0.5, 0.0)."
    cases = {(1.0, 0.0, 0.0): 1.0, (0.25, 0.25, 0.25, 0.25): 4.0, (0.5, 0.5, 0.0): 2.0, (0.9, 0.1): 1.384145}
    for gate, expected in cases.items():
        if not abs((found := float(count(gate))) - expected) < 1e-3:  # not: a NaN
            return f"Not yet: {gate} reads {expected:.3g} experts; got {found:.3g}. Mind 0 log 0, which is 0."
    return "Right: the exponential of the entropy, in nats."


@checker
def check_parted(repair: Callable[[MMoE], object] | None) -> str:
    """Check a repair of a net whose experts are equal and whose gates are even: after it, their gradients must differ."""
    if repair is None:
        return "Not yet: write a function that changes an MMoE's experts or gates in place."
    torch.manual_seed(0)
    net, x = MMoE(4, 5, n_experts=3, activation=nn.Tanh), torch.from_numpy(np.random.default_rng(0).normal(size=(30, 4))).float()
    with torch.no_grad():
        for expert in net.experts:
            expert.load_state_dict(net.experts[0].state_dict())
        for parameter in net.gates.parameters():
            parameter.zero_()
    asked(repair, net)
    sum(answers.square().mean() for answers in net(x)).backward()  # type: ignore[union-attr]
    first, *others = (next(expert.parameters()).grad for expert in net.experts)
    if any(torch.allclose(first, other, rtol=1e-4, atol=0) for other in others):  # type: ignore[arg-type]
        return "Not yet: some experts still get the same gradient. Either they or the gates' shares of them have to differ."
    return "Right: what the loss asks of each expert is no longer the same, so they part."
