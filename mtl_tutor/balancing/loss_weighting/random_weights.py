"""Random loss weighting (Lin et al., 2022): a baseline that any method should beat."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.loss_weighting._base import LossWeighting


@dataclass(frozen=True)
class RandomLossWeighting(LossWeighting):
    """Draw new positive weights at every step, whatever the losses are.

    With a standard normal number z_k per task, the weight of task k is ``K * exp(z_k) / sum_j exp(z_j)`` for K tasks. On
    average over steps every task has the weight 1, as under `EqualWeighting`; a method that only matches this one has
    shown nothing.

    Notes
    -----
    Source: Lin et al. (2022), *Reasonable effectiveness of random weighting*, Algorithm 2 with normal numbers and softmax.
    Departures: the weights are multiplied by K, so that they sum to K and not to 1, and one learning rate serves this and
    `EqualWeighting`.

    Examples
    --------
    >>> import torch
    >>> RandomLossWeighting().weigh(torch.tensor([5.0, 0.1]), (), torch.tensor([0.0, 0.0]))[0]
    tensor([1., 1.])
    """

    def noise_shape(self, n_tasks: int) -> tuple[int]:
        """Return the shape of one number per task."""
        return (n_tasks,)

    def weigh(self, losses: Float[Tensor, "task"], state: State, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Return the softmax of the drawn numbers, times the number of tasks."""
        return len(losses) * noise.to(losses.dtype).softmax(0), state
