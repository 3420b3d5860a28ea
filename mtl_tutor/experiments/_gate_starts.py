"""Mixtures of experts that start in other ways than theirs, and what may keep their gates open."""

from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.sharing import MMoE


class StartedMMoE(MMoE):
    """Start the experts as one, or the gates closed; and pay for gates that close, if you like.

    Parameters
    ----------
    n_features, n_hidden, n_experts, n_outputs : as in `MMoE`, with tanh units.
    same : whether all experts start with the weights of the first one.
    steepness : factor on the gates' first weights; at 0 each gate starts even, and with a large one it is all for one expert.
    price : of the sum of the gates' squared weights, which is least where gates are even.

    Source: constant starts are PaddleRec's issue 721. Departures: there, all of a net starts constant; here, its experts only.
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: int | tuple[int, ...],
        n_experts: int = 3,
        *,
        n_outputs: tuple[int, ...] = (1, 1),
        same: bool = False,
        steepness: float = 1.0,
        price: float = 0.0,
    ) -> None:
        self.same, self.steepness, self.price = same, steepness, price
        form: Any = {"n_outputs": n_outputs, "activation": nn.Tanh}
        super().__init__(n_features, n_hidden, n_experts=n_experts, **form)

    def reset_parameters(self) -> None:
        """Draw weights, then copy experts and turn gates as asked."""
        super().reset_parameters()
        with torch.no_grad():
            for gate in self.gates:
                gate.weight.mul_(self.steepness)  # type: ignore[operator]
            for expert in self.experts if self.same else ():
                expert.load_state_dict(self.experts[0].state_dict())

    def penalty(self) -> Float[Tensor, ""]:
        """The price of closed gates."""
        return self.price * torch.stack([gate.weight.square().sum() for gate in self.gates]).sum()  # type: ignore[operator]


STARTS = {
    "drawn": partial(StartedMMoE),
    "one": partial(StartedMMoE, n_experts=1),
    "same": partial(StartedMMoE, same=True, steepness=0.0),
    "same, gates drawn": partial(StartedMMoE, same=True),
    "closed": partial(StartedMMoE, steepness=10.0),
    "closed, cured": partial(StartedMMoE, steepness=10.0, price=0.01),
    "fast": partial(StartedMMoE),
}
LABELS = {
    "drawn": "experts and gates drawn",
    "one": "one expert",
    "same": "equal experts, even gates",
    "same, gates drawn": "equal experts, gates drawn",
    "closed": "gates closed at the start",
    "closed, cured": "... with a price on closing",
    "fast": "ten times the learning rate",
}
