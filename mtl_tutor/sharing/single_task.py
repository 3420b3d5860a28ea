"""Single-task networks, the baseline: nothing is shared."""

from collections.abc import Iterator, Sequence
from typing import Self, Unpack

from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import checked
from mtl_tutor.sharing._base import Architecture, Form
from mtl_tutor.sharing.hard_sharing import HardSharing


@checked
class SingleTask(Architecture):
    """One network per task, nothing shared.

    Training them side by side is the same as training each alone: the gradient of one task's loss
    on another task's network is zero.

    Parameters
    ----------
    n_features, n_tasks : int
        Of each network, as in `Architecture`.
    n_hidden : int | Sequence[int]
        Of each network, as in `Architecture`.
    **form : Unpack[Form]
        Of each network, as in `Architecture`.

    Raises
    ------
    ValueError
        As in `Architecture`.

    Notes
    -----
    Source: the "STL" nets of Caruana (1997, Fig. 1).

    Departures: none.

    Examples
    --------
    >>> import torch
    >>> net = SingleTask(n_features=3, n_hidden=8, n_tasks=2)
    >>> [tuple(y.shape) for y in net(torch.zeros(5, 3))]
    [(5, 1), (5, 1)]
    """

    def __init__(self, n_features: int, n_hidden: int | Sequence[int], n_tasks: int = 2, **form: Unpack[Form]) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        nets = []
        for n in self.n_outputs:
            form["n_outputs"] = (n,)
            nets.append(HardSharing(n_features, n_hidden, **form))
        self.nets = nn.ModuleList(nets)

    @classmethod
    @checked
    def like(cls, model: Architecture, *, n_hidden: int | Sequence[int] | None = None) -> Self:
        """The baseline of another net: the same layers for each task, or other widths."""
        return cls(
            model.n_features,
            model.n_hidden if n_hidden is None else n_hidden,
            n_outputs=model.n_outputs,
            activation=model.activation,
            init_scale=model.init_scale,
            trunk=model._template[0],
        )

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        return [net(x)[0] for net in self.nets]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: none."""
        return iter(())
