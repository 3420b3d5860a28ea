"""Hard parameter sharing: one trunk, one head per task."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn


class HardSharing(nn.Module):
    """Let all tasks read the same hidden features; only the last layer is each task's own.

    Parameters
    ----------
    n_features : numbers per sample.
    n_hidden : width of the trunk's hidden layer, or one width per layer.
    n_tasks : number of heads.
    n_outputs : outputs per head; one each when not given.
    activation : what follows each hidden layer.
    init_scale : weights start as N(0, init_scale² / fan-in), biases at zero. Small scales let features
        grow out of nothing ("rich" training); large ones keep the random features.

    Raises
    ------
    ValueError : a width, a count or the scale is not positive.

    Source: Caruana (1993; 1997, Fig. 2). Departures: none; the paper leaves the initialisation open.

    >>> import torch
    >>> net = HardSharing(n_features=3, n_hidden=8, n_tasks=2)
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
        self.n_features = n_features
        self.n_hidden = (n_hidden,) if isinstance(n_hidden, int) else tuple(n_hidden)
        self.n_outputs = (1,) * n_tasks if n_outputs is None else tuple(n_outputs)
        self.activation, self.init_scale = activation, init_scale
        _check_sizes(self)
        widths = (n_features, *self.n_hidden)
        layers = [(nn.Linear(fan_in, fan_out), activation()) for fan_in, fan_out in pairwise(widths)]
        self.trunk = nn.Sequential(*(module for layer in layers for module in layer))
        self.heads = nn.ModuleList(nn.Linear(widths[-1], n) for n in self.n_outputs)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights from torch's global generator."""
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, std=self.init_scale / layer.in_features**0.5)
                nn.init.zeros_(layer.bias)

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Answer every task: one tensor of outputs (numbers or logits) per task."""
        representation = self.trunk(x)
        return [head(representation) for head in self.heads]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """The parameters that every task's loss pulls at: the trunk's."""
        return self.trunk.parameters()


def _check_sizes(net: HardSharing) -> None:
    sizes = {"n_features": (net.n_features,), "n_hidden": net.n_hidden, "n_tasks or n_outputs": net.n_outputs}
    for name, values in sizes.items():
        if not values or min(values) < 1:
            raise ValueError(f"`{name}` must be at least 1; got {values if len(values) != 1 else values[0]}. Choose positive sizes.")
    if not net.init_scale > 0:
        raise ValueError(f"`init_scale` must be positive; got {net.init_scale}. With zero weights no feature ever grows.")
