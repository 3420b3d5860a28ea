"""What a network costs: how much it stores, and how much it calculates."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


@dataclass(frozen=True)
class Cost:
    """The price of a network.

    Attributes
    ----------
    parameters : int
        Numbers to store.
    multiply_adds : int
        Multiplications of a weight with an activation (each with its addition) for the answers to
        one sample; training takes about three times as many, one share forwards and two backwards.
    """

    parameters: int
    multiply_adds: int


def cost_of(model: nn.Module, n_features: int | None = None) -> Cost:
    """Count what a network stores, and what it calculates for one sample.

    Biases, activation functions and products of activations element by element, one call or a few
    per unit, are left out of the multiply-adds: matrix products are counted as they happen.

    Parameters
    ----------
    model : nn.Module
        A network for one sample at a time or many.
    n_features : int | None
        Numbers per sample; the model's own `n_features` when not given.

    Raises
    ------
    ValueError
        Nobody says how many features the network reads.

    Notes
    -----
    Source: the counting of FLOPs as in He et al. (2016), who count multiply-adds.

    Departures: none.

    Examples
    --------
    >>> from mtl_tutor.sharing import HardSharing
    >>> cost_of(HardSharing(n_features=3, n_hidden=4, n_tasks=2))  # 3·4 + 4 + 2·(4 + 1) numbers, 3·4 + 2·4 products
    Cost(parameters=26, multiply_adds=20)
    """
    width = n_features or getattr(model, "n_features", None)
    if width is None:
        raise ValueError(f"`n_features` must be given: {type(model).__name__} doesn't say how many numbers describe a sample.")
    like = next(model.parameters(), torch.empty(0))
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, int(width), dtype=like.dtype, device=like.device))
    return Cost(sum(value.numel() for value in model.parameters()), counter.get_total_flops() // 2)


def width_within(build: Callable[[int], nn.Module], parameters: int) -> int:
    """Find the widest network that stores no more than so many numbers, so that contestants weigh the
    same.

    Parameters
    ----------
    build : Callable[[int], nn.Module]
        From a width to a network, which grows with it.
    parameters : int
        Numbers that it may store.

    Raises
    ------
    ValueError
        A width of 1 stores more.

    Examples
    --------
    >>> from mtl_tutor.sharing import HardSharing
    >>> width_within(lambda width: HardSharing(3, width, 2), 26)  # 6·width + 2 numbers
    4
    """
    if (least := _stored(build(1))) > parameters:
        raise ValueError(f"`parameters` must be at least {least}, what the narrowest network stores; got {parameters}.")
    low, high = 1, 2
    while _stored(build(high)) <= parameters:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _stored(build(middle)) <= parameters else (low, middle)
    return low


def _stored(model: nn.Module) -> int:
    return sum(value.numel() for value in model.parameters())
