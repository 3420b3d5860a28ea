"""What a network costs: how much it stores, and how much it calculates."""

from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class Cost:
    """The price of a network.

    Attributes
    ----------
    parameters : numbers to store.
    multiply_adds : multiplications of a weight with an activation (each with its addition) for the answers to one sample; training
        takes about three times as many, one share forwards and two backwards.
    """

    parameters: int
    multiply_adds: int


def cost_of(model: nn.Module) -> Cost:
    """Count what a network of linear layers stores, and what it calculates for one sample.

    Biases and activation functions, one addition or one call per unit, are left out of the multiply-adds.

    Raises
    ------
    ValueError : there is no `nn.Linear`, or a matrix outside of them, whose multiply-adds nobody can know.

    Source: the counting of FLOPs as in He et al. (2016), who count multiply-adds. Departures: none.

    >>> from mtl_tutor.sharing import HardSharing
    >>> cost_of(HardSharing(n_features=3, n_hidden=4, n_tasks=2))  # 3·4 + 4 + 2·(4 + 1) numbers, 3·4 + 2·4 products
    Cost(parameters=26, multiply_adds=20)
    """
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    counted = {id(layer.weight) for layer in layers}
    others = [name for name, value in model.named_parameters() if value.ndim > 1 and id(value) not in counted]
    if not layers or others:
        found = f"the matrices {others}" if others else "no layer of that kind"
        raise ValueError(f"`model` must do its products in nn.Linear layers; {type(model).__name__} has {found}. Count those by hand.")
    return Cost(sum(value.numel() for value in model.parameters()), sum(layer.in_features * layer.out_features for layer in layers))
