"""Scale-invariant weighting: the sum of the losses' logarithms, which knows no units."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing.loss_weighting._base import StatelessWeighting


@dataclass(frozen=True)
class ScaleInvariantWeighting(StatelessWeighting):
    """Descend the sum of the logarithms of the losses: every task's weight is one over its loss now.

    The gradient of ``sum_k log(L_k)`` is ``sum_k grad L_k / L_k``. If a task's loss is given in another unit, that is,
    multiplied by a constant, nothing changes.

    Notes
    -----
    A task that is nearly solved gets a large weight: its loss counts by the factor that it falls, not by the amount. A loss
    of 0 counts as the smallest positive number of the losses' precision, so the weight stays finite.

    Source: the baseline "scale-invariant" in Navon et al. (2022), *Multi-task learning as a bargaining game*; the
    geometric loss strategy of Chennupati et al. (2019), *MultiNet++*, descends ``exp(mean_k log(L_k))``, which has the same
    direction. Departures: none from the former. Losses must not be negative.

    Examples
    --------
    >>> ScaleInvariantWeighting().weights_for(torch.tensor([4.0, 0.5]))
    tensor([0.2500, 2.0000])
    """

    def weights_for(self, losses: Float[Tensor, "task"]) -> Float[Tensor, "task"]:
        """Return one over each loss."""
        return 1 / losses.clamp(min=torch.finfo(losses.dtype).tiny)
