"""Batches of nets with one hidden layer as plain arrays, so that weights can be added, averaged and permuted."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from mtl_tutor.training.loop import one_thread

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8  # of Adam


class MLPBatch(NamedTuple):
    """One net per row, one output each: ``relu(x w + b) v + c``. The trunk is w and b, the head v and c."""

    w: Float[Tensor, "row feature hidden"]
    b: Float[Tensor, "row 1 hidden"]
    v: Float[Tensor, "row hidden 1"]
    c: Float[Tensor, "row 1 1"]

    def hidden(self, x: Float[Tensor, "row sample feature"]) -> Float[Tensor, "row sample hidden"]:
        """Compute the hidden activations."""
        return torch.relu(torch.baddbmm(self.b, x, self.w))

    def predictions(self, x: Float[Tensor, "row sample feature"]) -> Float[Tensor, "row sample 1"]:
        """Compute the predictions."""
        return torch.baddbmm(self.c, self.hidden(x), self.v)

    def errors(self, x: Float[Tensor, "row sample feature"], y: Float[Tensor, "row sample 1"]) -> Float[np.ndarray, "row"]:
        """Measure the mean squared error of every net."""
        return (self.predictions(x) - y).square().mean(dim=(1, 2)).numpy().astype(float)


def init(seeds: Sequence[int], n_features: int, n_hidden: int) -> MLPBatch:
    """Draw initial weights from N(0, 1 / fan-in), one net per seed; biases are zero."""
    rows = [torch.Generator().manual_seed(int(seed)) for seed in seeds]
    w = torch.stack([torch.randn(n_features, n_hidden, generator=row) for row in rows]) / n_features**0.5
    v = torch.stack([torch.randn(n_hidden, 1, generator=row) for row in rows]) / n_hidden**0.5
    return MLPBatch(w, torch.zeros(len(rows), 1, n_hidden), v, torch.zeros(len(rows), 1, 1))


def repeat(nets: MLPBatch, times: int) -> MLPBatch:
    """Copy every net; the copies of one lie next to each other."""
    return MLPBatch(*(part.repeat_interleave(times, 0) for part in nets))


def interpolate(a: MLPBatch, b: MLPBatch, share: float) -> MLPBatch:
    """Mix weights: the share `share` of each net of `b`, and the rest of its partner in `a`."""
    return MLPBatch(*((1 - share) * p + share * q for p, q in zip(a, b, strict=True)))


def gradients(nets: MLPBatch, x: Float[Tensor, "row sample feature"], y: Float[Tensor, "row sample 1"]) -> MLPBatch:
    """Compute the gradient of every net's mean squared error."""
    a = nets.hidden(x)
    up = (torch.baddbmm(nets.c, a, nets.v) - y) * (2 / x.shape[1])
    down = (up * nets.v.mT).mul_(a > 0)
    return MLPBatch(torch.bmm(x.mT, down), down.sum(1, keepdim=True), torch.bmm(a.mT, up), up.sum(1, keepdim=True))


@one_thread()
def fit(
    nets: MLPBatch,
    x: Float[Tensor, "row sample feature"],
    y: Float[Tensor, "row sample 1"],
    *,
    lr: float,
    keep_at: Sequence[int],
    freeze: Sequence[str] = (),
    tied_rows: int = 1,
) -> list[MLPBatch]:
    """Train every net on its own row of samples, by Adam on all samples at once.

    Parameters
    ----------
    nets : MLPBatch
        Initial weights.
    x, y : Tensor
        Samples of every net.
    lr : float
        Learning rate.
    keep_at : sequence of int
        The steps after which the nets are kept, ascending; the last one ends the training.
    freeze : sequence of str
        Parts that aren't trained, among "w", "b", "v", "c".
    tied_rows : int
        So many rows next to each other share one trunk, trained by the mean of their gradients. They must start with the same one.

    Returns
    -------
    list of MLPBatch
        The nets at each of the steps of `keep_at`.
    """
    now = MLPBatch(*(part.clone() for part in nets))
    first, second = (MLPBatch(*map(torch.zeros_like, nets)) for _ in range(2))
    kept = []
    for step in range(1, keep_at[-1] + 1):
        for name, part, gradient, m, s in zip(MLPBatch._fields, now, gradients(now, x, y), first, second, strict=True):
            if name in freeze:
                continue
            g = _mean_of_tied(gradient, tied_rows) if tied_rows > 1 and name in ("w", "b") else gradient
            m.mul_(BETA_1).add_(g, alpha=1 - BETA_1)
            s.mul_(BETA_2).addcmul_(g, g, value=1 - BETA_2)
            size = (s / (1 - BETA_2**step)).sqrt_().add_(EPSILON)
            part.addcdiv_(m, size, value=-lr / (1 - BETA_1**step))
        if step in keep_at:
            kept.append(MLPBatch(*(part.clone() for part in now)))
    return kept


def _mean_of_tied(gradient: Tensor, tied_rows: int) -> Tensor:
    return gradient.view(-1, tied_rows, *gradient.shape[1:]).mean(1).repeat_interleave(tied_rows, 0)


def permute(nets: MLPBatch, orders: Sequence[Sequence[int] | Int[np.ndarray, "hidden"]]) -> MLPBatch:
    """Permute every net's hidden units, which changes no prediction."""
    parts = ((nets.w, 1), (nets.b, 1), (nets.v, 0))
    w, b, v = (
        torch.stack([row.index_select(axis, torch.as_tensor(o)) for row, o in zip(part, orders, strict=True)]) for part, axis in parts
    )
    return MLPBatch(w, b, v, nets.c)


def match(nets: MLPBatch, to: MLPBatch) -> MLPBatch:
    """Permute every net's hidden units so that its weights lie nearest to those of its partner in `to`.

    Notes
    -----
    Source: "weight matching" of Ainsworth, Hayase & Srinivasa (2023), *Git Re-Basin*; with one hidden layer it is an assignment
    problem, and solved exactly. Departures: none.
    """
    own, other = (torch.cat([n.w, n.b, n.v.mT], 1) for n in (nets, to))
    alike = torch.bmm(other.mT, own).numpy()
    return permute(nets, [linear_sum_assignment(row, maximize=True)[1] for row in alike])
