"""GradVac: gradients are turned until their cosines are what they usually are (Wang et al., 2021)."""

from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.gradient_surgery._base import GramianSurgery
from mtl_tutor.checks import checked


@checked
@dataclass(frozen=True)
class GradVac(GramianSurgery):
    """Turn each task's gradient towards another one whenever their cosine is below its own running mean, then add all up.

    PCGrad does so only for cosines below zero, and turns them to zero. With the running mean t of a pair's cosine c, the
    gradient g_i becomes ``g_i + a g_j`` with ``a = |g_i| (t √(1 - c²) - c √(1 - t²)) / (|g_j| √(1 - t²))``: then its cosine with
    g_j is t.

    Parameters
    ----------
    decay : float
        How much of the way to the present cosine the running mean goes at each step, above 0 and at most 1.
    normalize : bool
        Whether to scale the direction to the length of the sum of the gradients.

    Raises
    ------
    ValueError, TypeError
        A decay out of range.

    Notes
    -----
    Size: a sum.

    Source: Wang et al. (2021), *Gradient vaccine*, Algorithm 1, with their decay of 0.01. Departures: one cosine for all shared
    parameters (the paper has one per layer); running means start at 0; pairs with a zero gradient change nothing.

    Examples
    --------
    At the first step the means are 0, so it does what PCGrad does.

    >>> method = GradVac()
    >>> method.weigh(torch.tensor([[1.0, -0.5], [-0.5, 1.0]]), method.start(2), torch.zeros(2, 2))[0]
    tensor([1.5000, 1.5000])
    """

    decay: float = 0.01
    normalize: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if not 0 < self.decay <= 1:
            raise ValueError(f"`decay` must be above 0 and at most 1; got {self.decay}. The paper takes 0.01.")

    def start(self, n_tasks: int) -> State:
        """Return running means of 0."""
        return (torch.zeros(n_tasks, n_tasks),)

    def noise_shape(self, n_tasks: int) -> tuple[int, int]:
        """Return the shape of the numbers whose order is the order of the tasks, for every task."""
        return (n_tasks, n_tasks)

    def weigh(self, gramian: Float[Tensor, "task task"], state: Any, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Turn every task's gradient towards the others', in random order."""
        kept = state[0]
        usual = kept.to(gramian.dtype)
        tasks, tiny = torch.arange(len(gramian), device=gramian.device), torch.finfo(gramian.dtype).tiny
        orders, length = noise.argsort(dim=1), gramian.diagonal().clamp(min=0).sqrt()
        weights = torch.eye(len(gramian), dtype=gramian.dtype, device=gramian.device)  # row i: task i's gradient
        targets, others = usual.gather(1, orders), length[orders].clamp(min=tiny)  # [task position]
        slopes = targets / (1 - targets**2).clamp(min=1e-12).sqrt()
        there = (length > 0)[:, None] & (length > 0)[orders]
        found, visits = [], (orders, targets, others, slopes, there & (orders != tasks[:, None]))
        for order, target, other, slope, turnable in zip(*(one.split(1, 1) for one in visits), strict=True):
            products = weights @ gramian
            own = (products * weights).sum(1, keepdim=True).clamp(min=tiny).sqrt()
            cosine = (products.gather(1, order) / (own * other)).clamp(-1, 1)
            turn = (slope * (1 - cosine**2).sqrt() - cosine) * own / other
            weights = weights.scatter_add(1, order, torch.where((cosine < target) & turnable, turn, 0))
            found.append(cosine)
        seen = torch.where(there, torch.cat(found, 1) - targets, 0)
        usual = usual.scatter(1, orders, targets + self.decay * seen)
        return weights.sum(0), (usual.to(kept.dtype),)
