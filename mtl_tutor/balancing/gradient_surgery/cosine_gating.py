"""Gradient-cosine gating: an auxiliary task is heard only while it agrees with the main one (Du et al., 2018)."""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.gradient_surgery._base import GramianSurgery
from mtl_tutor.checks import check_least, checked


@checked
@dataclass(frozen=True)
class CosineGating(GramianSurgery):
    """Add an auxiliary task's gradient only where its cosine with the main task's is not negative.

    Parameters
    ----------
    main : int
        The main task's place, from 0 on.
    weighted : bool
        Whether to multiply each auxiliary gradient by that cosine, in place of 1.
    normalize : bool
        Whether to scale the direction to the length of the sum of the gradients.

    Raises
    ------
    ValueError, TypeError
        A place below 0, or, in training, beyond the last task.

    Notes
    -----
    Size: a sum; the main task's gradient always has the weight 1.

    Source: Du et al. (2018), *Adapting auxiliary losses using gradient similarity*. Departures: none. Where the main task has
    no label in the batch, no auxiliary one is heard.

    Examples
    --------
    >>> CosineGating().weigh(torch.tensor([[1.0, -0.5, 0.2], [-0.5, 1.0, 0.0], [0.2, 0.0, 1.0]]), (), torch.zeros(0))[0]
    tensor([1., 0., 1.])
    """

    main: int = 0
    weighted: bool = False
    normalize: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        check_least("main", self.main, 0)

    def start(self, n_tasks: int) -> State:
        """Check that there is such a task; nothing has to be remembered."""
        if self.main >= n_tasks:
            raise ValueError(f"`main` must be the place of one of {n_tasks} tasks, from 0 on; got {self.main}.")
        return ()

    def weigh(self, gramian: Float[Tensor, "task task"], state: State, noise: Tensor) -> tuple[Float[Tensor, "task"], State]:
        """Gate by the row of the main task."""
        products, squares = gramian[self.main], gramian.diagonal()
        tiny = torch.finfo(gramian.dtype).tiny
        cosine = products / (squares.clamp(min=tiny).sqrt() * squares[self.main].clamp(min=tiny).sqrt())
        heard = torch.where((products >= 0) & (squares[self.main] > 0), cosine if self.weighted else 1.0, 0.0)
        is_main = torch.arange(len(gramian), device=gramian.device) == self.main
        return torch.where(is_main, 1.0, heard).to(gramian.dtype), state
