"""Shared layers with a small task-specific change of each: adapters and low-rank updates."""

from collections.abc import Iterator, Sequence
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import check_least, check_room, checked
from mtl_tutor.sharing._base import Architecture, Form

Step = tuple[Float[Tensor, "task sample hidden"], Float[Tensor, "task sample hidden"], Float[Tensor, "task sample hidden"]]
_NEARLY_NOTHING = 0.01  # adapters start as small as this, so that tasks start from one net


@checked
class Adapters(Architecture):
    """Shared layers, with a task-specific bottleneck adapter after each.

    After each hidden layer: h + up(activation(down(h))), where the linear maps down and up belong
    to one task and the bottleneck between them is narrow.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`.
    n_hidden : int | Sequence[int]
        As in `Architecture`.
    **form : Unpack[Form]
        As in `Architecture`; the layers are the net's own, so `trunk` is refused.
    n_bottleneck : int
        Width of the bottleneck.

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
        check_room(n_hidden=max(n_features, *self.n_hidden), n_bottleneck=n_bottleneck)
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
        """Draw new weights; the adapters' outputs start near zero."""
        super().reset_parameters()
        with torch.no_grad():
            for of_layer in self.adapters:
                for _, _, up in of_layer:  # type: ignore[union-attr]
                    up.weight *= _NEARLY_NOTHING

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        *_, (h, _, _) = self._walk(x)
        return [head(h[task]) for task, head in enumerate(self.heads)]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: the layers; an adapter receives gradients from its own task only."""
        return self.layers.parameters()

    def inspect(self, x: Float[Tensor, "sample feature"]) -> dict[str, np.ndarray]:
        """Size of the adapters' outputs relative to the shared features.

        "adapter_share" [task layer]: the norm of what a task's adapter adds, over the norm of the
        layer's features.
        """
        return {"adapter_share": _shares(self._walk(x))}

    def _walk(self, x: Float[Tensor, "sample feature"]) -> Iterator[Step]:
        h = x
        for layer, adapters in zip(self.layers, self.adapters, strict=True):
            common = layer(h).expand(self.n_tasks, -1, -1)
            own = torch.stack([adapter(one) for adapter, one in zip(adapters, common, strict=True)])  # type: ignore[arg-type]
            h = common + own
            yield h, common, own


@checked
class LowRank(Architecture):
    """Shared layers, with a task-specific low-rank matrix added to each layer's weights.

    Hidden layer: activation((W + B A) x + b + c), where A, B and the bias c belong to one task and
    B A has rank `rank` at most.

    Parameters
    ----------
    n_features, n_tasks : int
        As in `Architecture`.
    n_hidden : int | Sequence[int]
        As in `Architecture`.
    **form : Unpack[Form]
        As in `Architecture`; the layers are the net's own, so `trunk` is refused.
    rank : int
        Rank of the tasks' matrices. At full rank the tasks' nets are as free as separate ones.

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
        check_room(n_hidden=max(n_features, *self.n_hidden), rank=rank)
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
        """Draw new weights; the tasks' matrices start at zero."""
        super().reset_parameters()
        for of_layer in self.changes:
            for _, up in of_layer:  # type: ignore[union-attr]
                nn.init.zeros_(up.weight)

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        *_, (h, _, _) = self._walk(x)
        return [head(h[task]) for task, head in enumerate(self.heads)]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: W and b of every layer."""
        return self.layers.parameters()

    def inspect(self, x: Float[Tensor, "sample feature"]) -> dict[str, np.ndarray]:
        """Size and singular values of the tasks' matrices.

        "adapter_share" [task layer]: the norm of what a task adds before the activation, over the
        norm of the shared part. "singular_values_<layer>" [task value]: of B A minus its mean over
        tasks, largest first.
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
