"""Nets with one hidden layer as plain arrays, many at once, so that weights can be added, averaged and put in another order."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from mtl_tutor.training.loop import one_thread

DECAY, DECAY_SQUARES, LEAST = 0.9, 0.999, 1e-8  # of Adam


class Nets(NamedTuple):
    """One net per row, one output each: x -> relu(x w + b) v + c. The trunk is w and b, the head v and c."""

    w: Float[Tensor, "row feature hidden"]
    b: Float[Tensor, "row 1 hidden"]
    v: Float[Tensor, "row hidden 1"]
    c: Float[Tensor, "row 1 1"]

    def hidden(self, x: Float[Tensor, "row sample feature"]) -> Float[Tensor, "row sample hidden"]:
        """What the trunk says of every sample."""
        return torch.relu(torch.baddbmm(self.b, x, self.w))

    def answers(self, x: Float[Tensor, "row sample feature"]) -> Float[Tensor, "row sample 1"]:
        """What the head makes of that."""
        return torch.baddbmm(self.c, self.hidden(x), self.v)

    def errors(self, x: Float[Tensor, "row sample feature"], y: Float[Tensor, "row sample 1"]) -> Float[np.ndarray, "row"]:
        """Mean squared error of every net."""
        return (self.answers(x) - y).square().mean(dim=(1, 2)).numpy().astype(float)


def begun(seeds: Sequence[int], n_features: int, n_hidden: int) -> Nets:
    """Draw first weights, N(0, 1 / fan-in), one net per seed; biases are zero."""
    rows = [torch.Generator().manual_seed(int(seed)) for seed in seeds]
    w = torch.stack([torch.randn(n_features, n_hidden, generator=row) for row in rows]) / n_features**0.5
    v = torch.stack([torch.randn(n_hidden, 1, generator=row) for row in rows]) / n_hidden**0.5
    return Nets(w, torch.zeros(len(rows), 1, n_hidden), v, torch.zeros(len(rows), 1, 1))


def repeated(nets: Nets, times: int) -> Nets:
    """Copy every net, the copies next to each other."""
    return Nets(*(part.repeat_interleave(times, 0) for part in nets))


def mixed(a: Nets, b: Nets, share: float) -> Nets:
    """Go a share of the straight way from each net of `a` to its partner in `b`, weight by weight."""
    return Nets(*((1 - share) * p + share * q for p, q in zip(a, b, strict=True)))


def slopes(nets: Nets, x: Float[Tensor, "row sample feature"], y: Float[Tensor, "row sample 1"]) -> Nets:
    """Differentiate every net's mean squared error by each of its weights."""
    a = nets.hidden(x)
    up = (torch.baddbmm(nets.c, a, nets.v) - y) * (2 / x.shape[1])
    down = (up * nets.v.mT).mul_(a > 0)
    return Nets(torch.bmm(x.mT, down), down.sum(1, keepdim=True), torch.bmm(a.mT, up), up.sum(1, keepdim=True))


@one_thread()
def fitted(
    nets: Nets,
    x: Float[Tensor, "row sample feature"],
    y: Float[Tensor, "row sample 1"],
    *,
    lr: float,
    looks: Sequence[int],
    still: Sequence[str] = (),
    together: int = 1,
) -> list[Nets]:
    """Train every net on its own row of samples, by Adam on all samples at once.

    Parameters
    ----------
    looks : the steps after which the nets are kept, ascending; the last one ends the training.
    still : parts that don't move, among "w", "b", "v", "c".
    together : so many rows next to each other have one trunk: it moves by the mean of their slopes. They must start with the same one.
    """
    now = Nets(*(part.clone() for part in nets))
    first, second = (Nets(*map(torch.zeros_like, nets)) for _ in range(2))
    kept = []
    for step in range(1, looks[-1] + 1):
        for name, part, slope, m, s in zip(Nets._fields, now, slopes(now, x, y), first, second, strict=True):
            if name in still:
                continue
            g = _one_for_all(slope, together) if together > 1 and name in ("w", "b") else slope
            m.mul_(DECAY).add_(g, alpha=1 - DECAY)
            s.mul_(DECAY_SQUARES).addcmul_(g, g, value=1 - DECAY_SQUARES)
            size = (s / (1 - DECAY_SQUARES**step)).sqrt_().add_(LEAST)
            part.addcdiv_(m, size, value=-lr / (1 - DECAY**step))
        if step in looks:
            kept.append(Nets(*(part.clone() for part in now)))
    return kept


def _one_for_all(slope: Tensor, together: int) -> Tensor:
    return slope.view(-1, together, *slope.shape[1:]).mean(1).repeat_interleave(together, 0)


def reordered(nets: Nets, orders: Sequence[Sequence[int] | Int[np.ndarray, "hidden"]]) -> Nets:
    """List every net's hidden units in another order, which changes no answer."""
    parts = ((nets.w, 1), (nets.b, 1), (nets.v, 0))
    w, b, v = (
        torch.stack([row.index_select(axis, torch.as_tensor(o)) for row, o in zip(part, orders, strict=True)]) for part, axis in parts
    )
    return Nets(w, b, v, nets.c)


def matched(nets: Nets, to: Nets) -> Nets:
    """Put every net's hidden units in that order in which its weights lie nearest to those of its partner in `to`.

    Source: "weight matching" of Ainsworth, Hayase & Srinivasa (2023), *Git Re-Basin*; with one hidden layer it is an assignment
    problem, and solved exactly. Departures: none.
    """
    own, other = (torch.cat([n.w, n.b, n.v.mT], 1) for n in (nets, to))
    alike = torch.bmm(other.mT, own).numpy()
    return reordered(nets, [linear_sum_assignment(row, maximize=True)[1] for row in alike])
