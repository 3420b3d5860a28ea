"""One trunk for all tasks, and a small change of every layer for each."""

from collections.abc import Iterator, Sequence
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.sharing._base import Architecture, Form
from mtl_tutor.sharing.checks import check_least

Step = tuple[Float[Tensor, "task sample hidden"], Float[Tensor, "task sample hidden"], Float[Tensor, "task sample hidden"]]
_NEARLY_NOTHING = 0.01  # adapters start as small as this, so that tasks start from one net


class Adapters(Architecture):
    """Let all tasks use the same layers, and let each correct every layer's features by a bottleneck
    of its own.

    After each hidden layer: h + up(activation(down(h))), where down and up are a task's own and
    there are few numbers between.

    Parameters
    ----------
    n_features, n_hidden, n_tasks, form
        As in `Architecture`; the layers are the net's own, so `trunk` is refused.
    n_bottleneck : int
        How many numbers lie between down and up.

    Raises
    ------
    ValueError
        `n_bottleneck` below 1, or as in `Architecture`.

    Notes
    -----
    Source: Rebuffi et al. (2017) for residual adapters, Houlsby et al. (2019, §2.1) for bottlenecks
    that start near zero.

    Departures: trunk and adapters are trained together from scratch, where both papers adapt a
    trained trunk.

    Examples
    --------
    >>> net = Adapters(n_features=3, n_hidden=(8, 8), n_tasks=2)
    >>> net.inspect(torch.ones(5, 3))["adapter_share"].round(1)  # at the start, next to nothing
    array([[0., 0.],
           [0., 0.]], dtype=float32)
    """

    def __init__(
        self, n_features: int, n_hidden: int | Sequence[int], n_tasks: int = 2, *, n_bottleneck: int = 4, **form: Unpack[Form]
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        check_least("n_bottleneck", n_bottleneck)
        self.layers = self.new_layers()
        self.heads = self.new_heads()
        self.adapters = nn.ModuleList(
            nn.ModuleList(
                nn.Sequential(nn.Linear(width, n_bottleneck), self.activation(), nn.Linear(n_bottleneck, width)) for _ in self.n_outputs
            )
            for width in self.n_hidden
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights; what the adapters add is small at first."""
        super().reset_parameters()
        with torch.no_grad():
            for of_layer in self.adapters:
                for _, _, up in of_layer:  # type: ignore[union-attr]
                    up.weight *= _NEARLY_NOTHING

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Answer every task: one tensor of outputs (numbers or logits) per task."""
        *_, (h, _, _) = self._walk(x)
        return [head(h[task]) for task, head in enumerate(self.heads)]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """The parameters that every task's loss pulls at: the layers'. An adapter follows its task alone."""
        return self.layers.parameters()

    def inspect(self, x: Float[Tensor, "sample feature"]) -> dict[str, np.ndarray]:
        """How much is a task's own: "adapter_share" [task layer], length of what it adds to a layer's features, over theirs."""
        return {"adapter_share": _shares(self._walk(x))}

    def _walk(self, x: Float[Tensor, "sample feature"]) -> Iterator[Step]:
        h = x
        for layer, adapters in zip(self.layers, self.adapters, strict=True):
            common = layer(h).expand(self.n_tasks, -1, -1)
            own = torch.stack([adapter(one) for adapter, one in zip(adapters, common, strict=True)])  # type: ignore[arg-type]
            h = common + own
            yield h, common, own


class LowRank(Architecture):
    """Let all tasks use the same weights, and let each add a matrix of low rank to every layer's.

    Hidden layer: activation((W + B A) x + b + c), where A, B and the bias c are a task's own and B
    A has rank `rank` at most.

    Parameters
    ----------
    n_features, n_hidden, n_tasks, form
        As in `Architecture`; the layers are the net's own, so `trunk` is refused.
    rank : int
        Rank of what a task adds; as large as a layer's width and inputs, it makes the tasks' nets
        as free as separate ones.

    Raises
    ------
    ValueError
        `rank` below 1, or as in `Architecture`.

    Notes
    -----
    Source: Hu et al. (2022, §4.1, LoRA); like theirs, A starts at random and B at zero.

    Departures: W is trained together with the tasks' parts, where theirs is frozen; no factor α /
    r; a bias is added, without which full rank would not be full freedom.

    Examples
    --------
    >>> net = LowRank(n_features=3, n_hidden=8, n_tasks=2, rank=1)
    >>> net.inspect(torch.ones(5, 3))["adapter_share"]  # all start from the same net
    array([[0.],
           [0.]], dtype=float32)
    """

    def __init__(self, n_features: int, n_hidden: int | Sequence[int], n_tasks: int = 2, *, rank: int = 2, **form: Unpack[Form]) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        check_least("rank", rank)
        self.layers = self.new_layers()
        self.heads = self.new_heads()
        self.changes = nn.ModuleList(
            nn.ModuleList(
                nn.Sequential(nn.Linear(linear.in_features, rank, bias=False), nn.Linear(rank, linear.out_features)) for _ in self.n_outputs
            )
            for linear, _ in self.layers  # type: ignore[misc]
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights; the tasks add nothing at first."""
        super().reset_parameters()
        for of_layer in self.changes:
            for _, up in of_layer:  # type: ignore[union-attr]
                nn.init.zeros_(up.weight)

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Answer every task: one tensor of outputs (numbers or logits) per task."""
        *_, (h, _, _) = self._walk(x)
        return [head(h[task]) for task, head in enumerate(self.heads)]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """The parameters that every task's loss pulls at: W and b of every layer."""
        return self.layers.parameters()

    def inspect(self, x: Float[Tensor, "sample feature"]) -> dict[str, np.ndarray]:
        """What the tasks added to each layer.

        "adapter_share" [task layer]: length of what a task adds before the activation, over the length of what is shared there.
        "singular_values_<layer>" [task value]: of B A less the tasks' mean, which is nobody's own; largest first.
        """
        found = {"adapter_share": _shares(self._walk(x))}
        for number, of_layer in enumerate(self.changes):
            products = torch.stack([up.weight @ down.weight for down, up in of_layer]).detach()  # type: ignore[union-attr]
            found[f"singular_values_{number}"] = torch.linalg.svdvals(products - products.mean(0)).cpu().numpy()
        return found

    def _walk(self, x: Float[Tensor, "sample feature"]) -> Iterator[Step]:
        h = x
        for (linear, activation), changes in zip(self.layers, self.changes, strict=True):  # type: ignore[misc]
            inputs = h.expand(self.n_tasks, -1, -1)
            own = torch.stack([change(one) for change, one in zip(changes, inputs, strict=True)])  # type: ignore[arg-type]
            common = linear(h).expand_as(own)
            h = activation(common + own)
            yield h, common, own


def _shares(walk: Iterator[Step]) -> np.ndarray:
    shares = [own.flatten(1).norm(dim=1) / common.flatten(1).norm(dim=1) for _, common, own in walk]
    return torch.stack(shares, 1).detach().cpu().numpy()
