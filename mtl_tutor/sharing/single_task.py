"""The baseline: one network per task, nothing shared."""

from collections.abc import Iterator, Sequence
from typing import Self

from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.sharing.hard_sharing import HardSharing


class SingleTask(nn.Module):
    """Give every task a network of its own, so that no task can help or hurt another.

    Training them side by side is the same as training each alone: the gradient of one task's loss
    on another task's network is zero.

    Parameters
    ----------
    n_features, n_hidden, n_tasks, n_outputs, activation, init_scale : of each network, as in `HardSharing`.

    Raises
    ------
    ValueError : as in `HardSharing`.

    Source: the "STL" nets of Caruana (1997, Fig. 1). Departures: none.

    >>> import torch
    >>> net = SingleTask(n_features=3, n_hidden=8, n_tasks=2)
    >>> [tuple(y.shape) for y in net(torch.zeros(5, 3))]
    [(5, 1), (5, 1)]
    """

    def __init__(
        self,
        n_features: int,
        n_hidden: int | Sequence[int],
        n_tasks: int = 2,
        *,
        n_outputs: Sequence[int] | None = None,
        activation: type[nn.Module] = nn.ReLU,
        init_scale: float = 1.0,
    ) -> None:
        super().__init__()
        self.n_outputs = (1,) * n_tasks if n_outputs is None else tuple(n_outputs)
        if not self.n_outputs:
            raise ValueError(f"`n_tasks` must be at least 1; got {n_tasks}. Choose positive sizes.")
        self.nets = nn.ModuleList(
            HardSharing(n_features, n_hidden, n_outputs=(n,), activation=activation, init_scale=init_scale) for n in self.n_outputs
        )

    @classmethod
    def like(cls, model: HardSharing, *, n_hidden: int | Sequence[int] | None = None) -> Self:
        """Build the baseline of a shared net: the same layers for each task, or other widths if `n_hidden` is given."""
        return cls(
            model.n_features,
            model.n_hidden if n_hidden is None else n_hidden,
            n_outputs=model.n_outputs,
            activation=model.activation,
            init_scale=model.init_scale,
        )

    def reset_parameters(self) -> None:
        """Draw new weights from torch's global generator, net by net; the first starts as a shared net of that seed does."""
        for net in self.nets.children():
            if isinstance(net, HardSharing):
                net.reset_parameters()

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Answer every task with its own network: one tensor of outputs per task."""
        return [net(x)[0] for net in self.nets]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """The parameters that every task's loss pulls at: none."""
        return iter(())
