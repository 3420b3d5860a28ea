"""Soft parameter sharing: a net per task, and a penalty on their differences."""

from collections.abc import Iterator, Sequence
from typing import Unpack

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.checks import check_least, checked
from mtl_tutor.sharing._base import MOST_STRENGTH, Architecture, Form
from mtl_tutor.sharing.hard_sharing import HardSharing


@checked
class SoftSharing(Architecture):
    """One network per task, with a penalty that pulls the trunks towards their mean.

    The penalty is ``strength · Σ_t |θ_t − θ̄|²``, where θ_t are the parameters of task t's trunk
    and θ̄ is their mean over tasks.

    Parameters
    ----------
    n_features, n_tasks : int
        Of each network, as in `Architecture`.
    n_hidden : int | Sequence[int]
        Of each network, as in `Architecture`.
    **form : Unpack[Form]
        Of each network, as in `Architecture`.
    strength : float
        Strength of the penalty (loss per squared weight): 0 gives `SingleTask`, and the larger it
        is, the nearer the trunks come to a single one (`HardSharing`).

    Raises
    ------
    ValueError
        `strength` below 0, a trunk without parameters, or as in `Architecture`.

    Notes
    -----
    Source: Duong et al. (2015), who tie the nets of two languages by the L2 distance of their
    weights; Evgeniou and Pontil (2004) for the mean of many tasks in linear models.

    Departures: the mean is not learned but calculated, which is the same once it is optimal; trunks
    start from different draws, where Duong et al. begin with a trained net.

    Examples
    --------
    >>> net = SoftSharing(n_features=3, n_hidden=8, n_tasks=2, strength=0.0)
    >>> net.penalty().item()
    0.0
    """

    def __init__(
        self, n_features: int, n_hidden: int | Sequence[int], n_tasks: int = 2, *, strength: float = 0.01, **form: Unpack[Form]
    ) -> None:
        super().__init__(n_features, n_hidden, n_tasks, **form)
        check_least("strength", strength, 0, MOST_STRENGTH)
        self.strength = strength
        nets = []
        for n in self.n_outputs:
            form["n_outputs"] = (n,)
            nets.append(HardSharing(n_features, n_hidden, **form))
        self.nets = nn.ModuleList(nets)
        if not list(nets[0].trunk.parameters()):
            raise ValueError("`trunk` must have parameters for the penalty to act on; got none. Let `HardSharing` use it.")

    def forward(self, x: Float[Tensor, "sample feature"]) -> list[Float[Tensor, "sample output"]]:
        """Outputs (numbers or logits) of every task: one tensor per task."""
        return [net(x)[0] for net in self.nets]

    def shared_parameters(self) -> Iterator[nn.Parameter]:
        """Shared parameters: none; only the penalty joins the nets."""
        return iter(())

    def penalty(self) -> Float[Tensor, ""]:
        """The penalty: ``strength · Σ_t |θ_t − θ̄|²``."""
        trunks = self._trunks()
        return self.strength * (trunks - trunks.mean(0)).square().sum()

    def inspect(self, x: Float[Tensor, "sample feature"]) -> dict[str, np.ndarray]:
        """Distances between trunks: "distance" [task task], relative to a trunk's mean norm."""
        trunks = self._trunks().detach()
        distance = torch.cdist(trunks, trunks, compute_mode="donot_use_mm_for_euclid_dist")
        return {"distance": (distance / trunks.norm(dim=1).mean()).cpu().numpy()}

    def _trunks(self) -> Float[Tensor, "task param"]:
        return torch.stack([torch.cat([p.flatten() for p in net.trunk.parameters()]) for net in self.nets])  # type: ignore[union-attr]
