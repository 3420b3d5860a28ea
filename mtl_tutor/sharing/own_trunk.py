"""A trunk that the reader brings along, and how its weights are reset."""

import copy

from jaxtyping import Float
from torch import Tensor, nn


class OwnTrunk(nn.Module):
    """A copy of the reader's own module, reset by its own `reset_parameters`."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = copy.deepcopy(module)

    def forward(self, x: Float[Tensor, "sample feature"]) -> Float[Tensor, "sample hidden"]:
        """Hidden activations of the trunk."""
        return self.module(x)

    def reset_parameters(self) -> None:
        """Call the module's own resets."""
        reset_outermost(self.module)


def reset_outermost(module: nn.Module) -> None:
    """Call the outermost `reset_parameters`; a module that has one resets its submodules itself."""
    if callable(reset := getattr(module, "reset_parameters", None)):
        reset()
        return
    for child in module.children():
        reset_outermost(child)
