"""Nets whose trunks are tied: from starts of their own, or from one start."""

from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.sharing import HardSharing, SoftSharing
from mtl_tutor.tasks import TaskData

Build = Callable[[TaskData, int], nn.Module]


class OneStart(nn.Module):
    """Tied nets that start alike: every trunk has the first one's weights, while the heads have their own.

    >>> net = OneStart(SoftSharing(3, 8, 2, strength=1.0))
    >>> net.reset_parameters()
    >>> net.penalty().item()
    0.0
    """

    def __init__(self, net: SoftSharing) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Answer every task with its own network."""
        return self.net(x)

    def penalty(self) -> Float[Tensor, ""]:
        """What the tie adds to the losses."""
        return self.net.penalty()

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """None."""
        return self.net.shared_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights, and hand the first trunk's to all."""
        self.net.reset_parameters()
        first, *others = self.net.nets
        with torch.no_grad():
            for other in others:
                other.trunk.load_state_dict(first.trunk.state_dict())  # type: ignore[union-attr]


def tied(strength: float, *, scale: float, alike: bool = True) -> Build:
    """Build tied nets of tanh units; `scale` is that of the first weights, and `alike` says whether trunks start as one."""

    def build(data: TaskData, n_hidden: int) -> nn.Module:
        form = {"n_outputs": data.n_outputs, "activation": nn.Tanh, "init_scale": scale}
        net = SoftSharing(data.n_features, n_hidden, strength=strength, **form)  # type: ignore[arg-type]
        return OneStart(net) if alike else net

    return build


def one_trunk(scale: float) -> Build:
    """Build a net of tanh units with one trunk for all tasks: the end of the strongest tie."""

    def build(data: TaskData, n_hidden: int) -> nn.Module:
        return HardSharing(data.n_features, n_hidden, n_outputs=data.n_outputs, activation=nn.Tanh, init_scale=scale)

    return build
