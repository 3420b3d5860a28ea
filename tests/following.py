"""Balancing methods step by step, without the engine: what each step moves, and what is remembered after it."""

from typing import NamedTuple

import torch

from mtl_tutor.balancing import Balancing, HybridBalancing, LossWeighting


class Steps(NamedTuple):
    """What the shared parameters move by [step param], the weights [step task], and the states before and after every step."""

    moves: torch.Tensor
    weights: torch.Tensor
    states: list[tuple[torch.Tensor, ...]]


def first_state(method: Balancing, n_tasks: int, layers: tuple[int, ...], dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
    """The state in the precision of the losses, as the engine makes it."""
    state = method.start_for(n_tasks, layers) if isinstance(method, HybridBalancing) else method.start(n_tasks)
    return tuple(part.to(dtype) if part.is_floating_point() else part for part in state)


def followed(
    method: Balancing, losses: torch.Tensor, rows: torch.Tensor, noise: torch.Tensor | None = None, layers: tuple[int, ...] = ()
) -> Steps:
    """Follow a method over losses [step task] and gradients [step task param]; a loss of NaN has no label, and a gradient of zeros."""
    state = first_state(method, losses.shape[1], layers or (rows.shape[2],), losses.dtype)
    moves, weights, states = [], [], [state]
    for step, (loss, row) in enumerate(zip(losses, rows, strict=True)):
        jacobian = torch.where(loss.isnan()[:, None], 0, row)
        drawn = torch.zeros(0) if noise is None else noise[step]
        if isinstance(method, HybridBalancing):
            move, weight, state = method.balance(loss, jacobian, state, drawn)
        else:
            assert isinstance(method, LossWeighting)
            weight, state = method.weigh(loss, state, drawn)
            move = torch.where(loss.isnan(), 0, weight) @ jacobian
        moves.append(move)
        weights.append(weight)
        states.append(state)
    return Steps(torch.stack(moves), torch.stack(weights), states)
