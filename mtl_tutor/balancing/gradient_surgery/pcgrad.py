"""PCGrad: projecting conflicting gradients (Yu et al., 2020)."""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.gradient_surgery._base import GramianSurgery
from mtl_tutor.checks import checked


@checked
@dataclass(frozen=True)
class PCGrad(GramianSurgery):
    """Project from each task's gradient the part that opposes another task's gradient, then add the gradients up.

    For every task i, the other tasks j are visited in random order; where g · g_j < 0 for the gradient g left of
    task i, g becomes g - (g · g_j) / (g_j · g_j) g_j. The tasks' original gradients g_j are projected on, never the
    projected ones.

    Parameters
    ----------
    normalize : bool
        Whether to scale the direction to the length of the sum of the gradients.

    Notes
    -----
    Size: a sum.

    Every g is a weighted sum of the original gradients, so it is kept as its weights, and inner products come
    from the Gramian.

    Source: Yu et al. (2020), *Gradient surgery for multi-task learning*, Algorithm 1. Departures: the surgery
    acts on shared parameters only; each head follows its own task.

    Examples
    --------
    Two gradients of length 1 at an angle of 120°: each loses the half that opposes the other.

    >>> gramian = torch.tensor([[1.0, -0.5], [-0.5, 1.0]])
    >>> PCGrad().weigh(gramian, (), torch.zeros(2, 2))[0]
    tensor([1.5000, 1.5000])
    """

    normalize: bool = field(default=False, kw_only=True)

    def noise_shape(self, n_tasks: int) -> tuple[int, int]:
        """Return the shape of the numbers whose order is the order of the tasks, for every task."""
        return (n_tasks, n_tasks)

    def weigh(self, gramian: Float[Tensor, "task task"], state: State, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Project every task's gradient on the others', in random order."""
        tasks = torch.arange(len(gramian), device=gramian.device)
        orders = noise.argsort(dim=1)  # [task, position]: whom the task visits first, second, …
        length = gramian.diagonal().clamp(min=torch.finfo(gramian.dtype).tiny)
        weights = torch.eye(len(gramian), dtype=gramian.dtype, device=gramian.device)  # row i: task i's gradient
        for position in range(len(gramian)):
            visited = (orders[:, position, None] == tasks).to(gramian.dtype)
            products = (visited * (weights @ gramian)).sum(1)
            opposing = torch.where(orders[:, position] == tasks, 0, products.clamp(max=0))
            weights = weights - visited * opposing[:, None] / length
        return weights.sum(0), state
