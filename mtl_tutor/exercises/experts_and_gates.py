"""Exercises of *Mixtures of experts*."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import combinations

import numpy as np
import torch
from torch import Tensor, nn

from mtl_tutor.exercises._answers import NotYetError, asked, checker
from mtl_tutor.exercises._trained import AdamOn, Split, descend, first_weights, stacked, tensor_of
from mtl_tutor.sharing import MMoE
from mtl_tutor.tasks import task_pairs

N_SEEDS, N_SAMPLES, N_UNITS = 8, 200, 8


@checker
def check_own_gate(gate: Callable[[Tensor], Tensor] | None) -> str:
    """Check a gate that a reader wrote by hand: experts behind it have to err less than half as much as behind a learned gate.

    Parameters
    ----------
    gate : function
        From inputs [sample feature] to the weights of two experts [sample expert].
    """
    if gate is None:
        return "Not yet: write a function from inputs [sample feature], a tensor, to weights [sample expert]."
    error, learned = trained(gate), trained(None)
    found = f"with your gate the error is {error:.2f}, with a learned one {learned:.2f}."
    if error < 0.5 * learned:
        return f"Right: {found} Experts are worth what the gate can tell apart."
    if error > 1.5 * learned:
        return f"Not yet: {found} What tells the two kinds of samples apart?"
    return f"Not yet: {found} How much do you still mix the two kinds?"


@cache
def _learned(first_seed: int) -> float:
    return _error(None, first_seed)


def trained(gate: Callable[[Tensor], Tensor] | None, first_seed: int = 0) -> float:
    """Mean test error of two experts behind a reader's gate for both tasks, or behind a learned gate for each task."""
    return _learned(first_seed) if gate is None else _error(gate, first_seed)


def _error(gate: Callable[[Tensor], Tensor] | None, first_seed: int) -> float:
    (x, y), (x_new, y_new) = _data(first_seed)
    generator = torch.Generator().manual_seed(first_seed)

    def first(*shape: int, fan_in: int) -> Tensor:
        return first_weights(generator, N_SEEDS, *shape, fan_in=fan_in).requires_grad_()

    w, b = first(2, 10, N_UNITS, fan_in=10), first(2, 1, N_UNITS, fan_in=10)
    v, c = first(2, N_UNITS, fan_in=N_UNITS), first(2, fan_in=N_UNITS)
    g, g_bias = first(2, 10, 2, fan_in=10), first(2, 1, 2, fan_in=10)

    def weights(x: Tensor) -> Tensor:
        if gate is None:
            return (x[:, None] @ g + g_bias).softmax(dim=-1)
        return torch.stack([_weights_of(gate, one) for one in x])[:, None].detach()

    def errors(x: Tensor, y: Tensor, shares: Tensor) -> Tensor:
        experts = torch.tanh(x[:, None] @ w + b)
        mixtures = torch.einsum("skne,senh->sknh", shares.expand(-1, 2, -1, -1), experts)
        return (torch.einsum("sknh,skh->snk", mixtures, v) + c[:, None] - y).square().mean(dim=1)

    fixed = None if gate is None else weights(x)
    optimizer = AdamOn([w, b, v, c, g, g_bias], lr=0.03)
    descend(lambda: errors(x, y, weights(x) if fixed is None else fixed).sum(), optimizer, 150)
    with torch.no_grad():
        return errors(x_new, y_new, weights(x_new)).mean().item()


def _weights_of(gate: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    with torch.random.fork_rng():
        found = tensor_of(asked(gate, x.clone()), (len(x), 2), "two weights for each sample")
    if bool((found < 0).any()) or not torch.allclose(found.sum(dim=1), torch.ones(len(x)), atol=1e-3):
        raise NotYetError("the weights of each sample should be zero or more, and add up to one.")
    return found


@cache
def _data(first_seed: int) -> list[Split]:
    """Two tasks on two kinds of samples, as on the page."""
    draws = [task_pairs(4, N_SAMPLES, correlation=0.0, noise=0.3, seed=seed).data for seed in range(first_seed, first_seed + N_SEEDS)]
    found = []
    for name in ("train", "test"):
        x, y = stacked([data.splits()[name] for data in draws])
        found.append((x, torch.where(x[..., :1] > 0, y[..., [0, 2]], y[..., [1, 3]])))
    return found


@checker
def check_n_read(count: Callable[[Sequence[float]], float] | None) -> str:
    """Check a function from a gate's weights to how many experts it reads."""
    if count is None:
        return "Not yet: write a function of a gate's weights, such as (0.5, 0.5, 0.0)."
    cases = {(1.0, 0.0, 0.0): 1.0, (0.25, 0.25, 0.25, 0.25): 4.0, (0.5, 0.5, 0.0): 2.0, (0.9, 0.1): 1.384145}
    for gate, expected in cases.items():
        if not abs((found := float(count(gate))) - expected) < 1e-3:  # not: a NaN
            return f"Not yet: that isn't so for {gate}; got {found:.3g}. What do weights of 0 do, and unequal ones?"
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
    with torch.random.fork_rng():
        torch.manual_seed(0)
        asked(repair, net)
    try:
        sum(answers.square().mean() for answers in net(x)).backward()  # type: ignore[union-attr]
        slopes = [next(expert.parameters()).grad for expert in net.experts]
    except Exception:
        return "Not yet: after your repair the net can't be trained any more. Change numbers in place, under torch.no_grad()."
    if any(grad is None or not bool(grad.isfinite().all()) or not bool(grad.any()) for grad in slopes):
        return "Not yet: now an expert gets no gradient at all, or one that isn't finite."
    if any((one - other).norm() < 1e-3 * one.norm() for one, other in combinations(slopes, 2)):  # type: ignore[operator, union-attr]
        return "Not yet: some experts still get the same gradient. Either they or the gates' shares of them have to differ."
    return "Right: what the loss asks of each expert is no longer the same, so they part."
