"""DB-MTL: logarithms of losses, and gradients of one length (Lin et al., 2023)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import HybridBalancing, State
from mtl_tutor.checks import checked


@checked
@dataclass(frozen=True)
class DBMTL(HybridBalancing):
    """Balance losses and gradients: take logarithms of the losses, and make the gradients of these equally long.

    Running means of the tasks' gradients are scaled to the length of the longest, then added.

    Parameters
    ----------
    beta : float
        How much of the running mean stays at the first step, in [0, 1); at step t it is ``beta / √t``.

    Raises
    ------
    ValueError, TypeError
        A beta out of range.

    Notes
    -----
    Losses must be positive; one below 1e-8 counts as 1e-8.

    Source: Lin et al. (2023), *Dual-balancing for multi-task learning*. Departures: a task without a label in the batch keeps
    its running mean, and takes no part in the step.

    Examples
    --------
    >>> method = DBMTL(beta=0.0)
    >>> method.balance(torch.tensor([1.0, 10.0]), torch.tensor([[2.0, 0.0], [0.0, 10.0]]), method.start_for(2, (2,)), torch.zeros(0))[0]
    tensor([2., 2.])
    """

    beta: float = 0.9

    def __post_init__(self) -> None:
        if not 0 <= self.beta < 1:
            raise ValueError(f"`beta` must lie in [0, 1); got {self.beta}.")

    def start_for(self, n_tasks: int, layers: Sequence[int]) -> State:
        """Return running means of zero, and step 0."""
        return torch.zeros(n_tasks, sum(layers)), torch.zeros(())

    def balance(
        self, losses: Float[Tensor, "task"], jacobian: Float[Tensor, "task param"], state: Any, noise: Tensor
    ) -> tuple[Float[Tensor, "param"], Float[Tensor, "task"], State]:
        """Move the running means, and add them up at one length."""
        usual, step = state
        there, tiny = ~losses.isnan(), torch.finfo(losses.dtype).tiny
        weights = torch.where(there, 1 / losses.clamp(min=1e-8), 0)
        stays = self.beta / (step + 1).sqrt()
        moved = stays * usual + (1 - stays) * weights[:, None] * jacobian
        usual = torch.where(there[:, None], moved, usual)
        length = torch.where(there, usual.norm(dim=1), 0)
        shares = torch.where(there, 1 / length.clamp(min=tiny), 0)
        return length.amax() * (shares @ usual), weights, (usual, step + 1)
