"""Nets whose trunks are tied: from starts of their own, or from one start."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from mtl_tutor.sharing import HardSharing, SoftSharing
from mtl_tutor.tasks import TaskData

BuildNet = Callable[[TaskData, int], nn.Module]


class OneStart(SoftSharing):
    """Tied nets that start alike: every trunk has the first one's weights, while the heads have their own.

    Examples
    --------
    >>> net = OneStart(3, 8, 2, strength=1.0)
    >>> net.reset_parameters()
    >>> net.penalty().item()
    0.0
    """

    def reset_parameters(self) -> None:
        """Draw new weights, and copy the first trunk's to all."""
        super().reset_parameters()
        first, *others = self.nets
        with torch.no_grad():
            for other in others:
                other.trunk.load_state_dict(first.trunk.state_dict())  # type: ignore[union-attr]


def tied_nets(strength: float, *, scale: float, alike: bool = True) -> BuildNet:
    """Build tied nets of tanh units; `scale` is that of the first weights, `alike` whether trunks start equal."""

    def build(data: TaskData, n_hidden: int) -> nn.Module:
        form: dict[str, Any] = {"n_outputs": data.n_outputs, "activation": nn.Tanh, "init_scale": scale}
        return (OneStart if alike else SoftSharing)(data.n_features, n_hidden, strength=strength, **form)

    return build


def one_trunk(scale: float) -> BuildNet:
    """Build a net of tanh units with one trunk for all tasks: the limit of the strongest tie."""

    def build(data: TaskData, n_hidden: int) -> nn.Module:
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=nn.Tanh, init_scale=scale)

    return build
