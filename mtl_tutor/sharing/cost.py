"""The cost of a network: parameters and multiply-adds."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from mtl_tutor.checks import ROOM, check_least, checked, shown

_PATIENCE = 6  # doublings of the width without a new parameter


@checked
@dataclass(frozen=True)
class Cost:
    """Parameters and multiply-adds of a network.

    Attributes
    ----------
    parameters : int
        Number of parameters.
    multiply_adds : int
        Multiplications of a weight with an activation (each with its addition) for the outputs of
        one sample; training takes about three times as many, a third of them forwards and the rest
        backwards.
    """

    parameters: int
    multiply_adds: int


@checked
def cost_of(model: nn.Module, n_features: int | None = None) -> Cost:
    """Count a network's parameters, and its multiply-adds for one sample.

    Only matrix products count. Biases, activation functions and elementwise products take few
    operations per unit and are left out.

    Parameters
    ----------
    model : nn.Module
        A network that takes [sample feature].
    n_features : int | None
        Number of input features; the model's own `n_features` when not given.

    Raises
    ------
    ValueError
        The model has no `n_features`, and none is given.

    Notes
    -----
    Source: the counting of FLOPs as in He et al. (2016), who count multiply-adds.

    Departures: none.

    Examples
    --------
    >>> from mtl_tutor.sharing import HardSharing
    >>> cost_of(HardSharing(n_features=3, n_hidden=4, n_tasks=2))  # 3·4 + 4 + 2·(4 + 1); 3·4 + 2·4
    Cost(parameters=26, multiply_adds=20)
    """
    width = getattr(model, "n_features", None) if n_features is None else n_features
    if width is None:
        raise ValueError(f"`n_features` must be given: {type(model).__name__} doesn't say how many numbers describe a sample.")
    check_least("n_features", width, most=ROOM)
    like = next(model.parameters(), torch.empty(0))
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            model(torch.zeros(1, int(width), dtype=like.dtype, device=like.device))
    except Exception as error:
        reason = " ".join(str(error).split())[:120]
        raise ValueError(f"`model` must take samples of {width} features; it raised {type(error).__name__}: {reason}.") from error
    return Cost(sum(value.numel() for value in model.parameters()), counter.get_total_flops() // 2)


@checked
def width_within(build: Callable[[int], nn.Module], parameters: int) -> int:
    """The largest width whose network has at most this many parameters.

    Parameters
    ----------
    build : Callable[[int], nn.Module]
        From a width to a network, whose number of parameters grows with it.
    parameters : int
        Largest number of parameters.

    Raises
    ------
    ValueError
        The network of width 1 has more, or networks stop growing with their width below that number.

    Examples
    --------
    >>> from mtl_tutor.sharing import HardSharing
    >>> width_within(lambda width: HardSharing(3, width, 2), 26)  # 6·width + 2 numbers
    4
    """
    check_least("parameters", parameters, most=ROOM)
    if (least := _stored(build(1))) > parameters:
        raise ValueError(f"`parameters` must be at least {least}, what the narrowest network stores; got {parameters}.")
    low, high, size, n_equal = 1, 2, least, 0
    while (larger := _stored(build(high))) <= parameters:
        n_equal = n_equal + 1 if larger <= size else 0
        if n_equal == _PATIENCE:
            raise ValueError(f"`build` must return a larger network for a larger width; width {high} still has {size} parameters.")
        low, high, size = high, 2 * high, larger
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _stored(build(middle)) <= parameters else (low, middle)
    return low


def _stored(model: nn.Module) -> int:
    if not isinstance(model, nn.Module):
        raise TypeError(f"`build` must return a Module; got {shown(model)}.")
    return sum(value.numel() for value in model.parameters())
