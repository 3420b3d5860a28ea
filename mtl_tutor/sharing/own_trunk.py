"""A trunk that the reader brings along, and how the weights of any module are reset."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parametrize


class OwnTrunk(nn.Module):
    """A copy of the reader's own module, reset by its own `reset_parameters`.

    What is frozen (`requires_grad=False`) keeps its values, so a pretrained trunk stays pretrained.
    """

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
    """Call the outermost reset; a module that has one resets its submodules itself.

    Torch's attention layers call theirs `_reset_parameters`, and it leaves some submodules out:
    those are reset before. Frozen parameters are drawn like the others, but get their values back.
    """
    reset = getattr(module, "reset_parameters", None)
    if not callable(reset):
        for child in module.children():
            reset_outermost(child)
        reset = getattr(module, "_reset_parameters", None)
    if callable(reset):
        with fixed_kept(module):
            reset()


@contextmanager
def fixed_kept(module: nn.Module) -> Iterator[None]:
    """While a reset draws: keep what is fixed, and hand what is drawn to the parameters that it is made of.

    Fixed are frozen parameters, and the statistics of norms that are in evaluation mode. A parametrised weight, such as
    a weight norm's, is calculated from others at every call: drawing the weight alone would change nothing.
    """
    parts = list(module.modules())
    fixed = [p for part in parts for p in part._parameters.values() if p is not None and not p.requires_grad]
    norms = [part for part in parts if isinstance(part, nn.modules.batchnorm._NormBase) and not part.training]
    fixed += [buffer for norm in norms for buffer in norm.buffers()]
    made = [part for part in parts if parametrize.is_parametrized(part)]
    if not fixed and not made:
        yield
        return
    before = [value.detach().clone() for value in fixed]
    with torch.no_grad(), parametrize.cached():
        yield
        drawn = [(part, name, getattr(part, name).clone()) for part in made for name in part.parametrizations]  # type: ignore[union-attr]
    with torch.no_grad():
        for part, name, value in drawn:
            setattr(part, name, value)
        for value, old in zip(fixed, before, strict=True):
            value.copy_(old)
