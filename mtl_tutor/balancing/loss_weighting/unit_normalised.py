"""Losses in units of single-task losses."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.loss_weighting._base import StatelessWeighting
from mtl_tutor.checks import checked


@checked
@dataclass(frozen=True)
class UnitNormalised(StatelessWeighting):
    """Divide each task's loss by the loss that a single-task net reaches: then 1 means "as good as by itself".

    Parameters
    ----------
    single_task : tuple of float
        One loss per task, above zero, in the unit of that task's loss; validation losses of tuned single-task nets, say.

    Raises
    ------
    ValueError, TypeError
        A loss that is not positive and finite, or, in training, another number of tasks.

    Notes
    -----
    Source: the usual first step of comparisons, such as Kurin et al. (2022), *In defense of the unitary scalarization for deep
    multi-task learning*. Departures: none.

    Examples
    --------
    >>> import torch
    >>> UnitNormalised((0.5, 40.0)).weights_for(torch.tensor([0.6, 50.0]))
    tensor([2.0000, 0.0250])
    """

    single_task: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "single_task", tuple(float(loss) for loss in self.single_task))
        if not self.single_task or not min(self.single_task) > 1e-30:
            raise ValueError(f"`single_task` must hold a positive loss for each task; got {self.single_task}.")

    def start(self, n_tasks: int) -> State:
        """Check that there is one loss per task; nothing has to be remembered."""
        if len(self.single_task) != n_tasks:
            raise ValueError(f"`single_task` must hold one loss per task, {n_tasks}; got {len(self.single_task)}.")
        return ()

    def weights_for(self, losses: Float[Tensor, "task"]) -> Float[Tensor, "task"]:
        """Return one over each single-task loss."""
        return 1 / losses.new_tensor(self.single_task)
