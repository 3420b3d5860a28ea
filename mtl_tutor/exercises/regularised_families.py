"""Exercises of *Regularised MTL*."""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import torch
from torch import Tensor

from mtl_tutor.exercises._answers import asked, checker
from mtl_tutor.exercises._trained import AdamOn, descend, penalty_of

SITUATIONS = {
    "sixty schools, each a little unlike the average school": "mean",
    "ten drugs, and the same five of a thousand genes decide about all of them": "joint features",
    "ten drugs, five genes decide about all of them, and two more about each alone": "dirty",
    "forty viewers, each with a mixture of three tastes": "trace norm",
    "nine markets of three kinds, nobody knows which is which": "clusters",
    "demand for a product, and for what people buy instead of it": "covariance",
}
"""Situation -> the penalty that prices its structure."""

N_INPUTS, N_MONTHS, N_SAMPLES, N_SEEDS = 10, 24, 12, 4
STRENGTHS = (0.1, 1.0, 10.0)


@checker
def check_drift(penalty: Callable[[Tensor], Tensor] | None) -> str:
    """Check a penalty for 24 monthly tasks whose weights drift: it has to beat weight decay and the tie to the mean.

    Parameters
    ----------
    penalty : function
        From the weights of all tasks [input task] to one number.
    """
    if penalty is None:
        return "Not yet: write a function from the weights of all months [input task], a tensor, to one number."
    error, (decay, mean) = fitted(penalty), references()
    if error <= 0.85 * mean:
        saved = f"{1 - error / mean:.0%} of the error of the tie to one mean, and {1 - error / decay:.0%} of that of weight decay"
        return f"Right: it saves {saved}."
    if error > 1.05 * decay:
        return "Not yet: simple weight decay has less error than this. Rows are inputs and columns are months: which do you compare?"
    if error > 1.15 * mean:
        return "Not yet: a tie to the mean of all months has less error. Your penalty should leave out what all months may have in common."
    return "Not yet: no better than a tie to the mean of all months. January is unlike the mean of two years; what is it like?"


@cache
def references(first_seed: int = 0) -> tuple[float, float]:
    """Errors with weight decay, and with a tie to the mean of all tasks."""
    return (
        fitted(lambda w: w.square().sum(), first_seed),
        fitted(lambda w: (w - w.mean(dim=1, keepdim=True)).square().sum(), first_seed),
    )


def fitted(penalty: Callable[[Tensor], Tensor], first_seed: int = 0) -> float:
    """Mean squared error of the weights, at the strength that validation samples choose in each draw."""
    truth, x, y, x_new, y_new = _months(first_seed)
    n = len(STRENGTHS)
    w = 0.1 * torch.randn(n * N_SEEDS, N_INPUTS, N_MONTHS, generator=torch.Generator().manual_seed(first_seed))
    w.requires_grad_()
    strengths = torch.tensor(STRENGTHS).repeat_interleave(N_SEEDS) / _size(penalty)

    def loss() -> Tensor:
        fit = (torch.einsum("stnd,ksdt->kstn", x, w.view(n, N_SEEDS, N_INPUTS, N_MONTHS)) - y).square().mean(dim=-1).sum() / 2
        return fit + strengths @ torch.stack([penalty_of(asked(penalty, one.clone())) for one in w])

    descend(loss, AdamOn([w], lr=0.08), 100)
    w = w.detach().view(n, N_SEEDS, N_INPUTS, N_MONTHS)
    chosen = (torch.einsum("stnd,ksdt->kstn", x_new, w) - y_new).square().mean(dim=(2, 3)).argmin(dim=0)
    return (w[chosen, torch.arange(N_SEEDS)] - truth).square().sum(dim=1).mean().item()


def _size(penalty: Callable[[Tensor], Tensor]) -> float:
    """What a penalty charges for some weights, as a multiple of all squared differences, so that a mean does as well as a sum."""
    w = torch.randn(N_INPUTS, N_MONTHS, generator=torch.Generator().manual_seed(0)) * N_INPUTS**-0.5
    size = abs(penalty_of(asked(penalty, w.clone().requires_grad_() + 0.0)).item())
    return max(size / w.diff().square().sum().item(), 1e-9)


@cache
def _months(first_seed: int) -> list[Tensor]:
    """True weights that walk at random from month to month, and two samples of inputs and noisy labels."""
    draws = []
    for seed in range(first_seed, first_seed + N_SEEDS):
        rng = np.random.default_rng([seed, 24])
        w = rng.normal(size=(N_INPUTS, N_MONTHS)).cumsum(axis=1)
        w /= np.sqrt((w**2).sum(axis=0).mean())
        x, x_new = rng.normal(size=(2, N_MONTHS, N_SAMPLES, N_INPUTS))
        y, y_new = (np.einsum("tnd,dt->tn", one, w) + 0.7 * rng.normal(size=one.shape[:2]) for one in (x, x_new))
        draws.append((w, x, y, x_new, y_new))
    return [torch.from_numpy(np.stack(parts)).float() for parts in zip(*draws, strict=True)]


@checker
def check_suits(names: Mapping[str, str] | None) -> str:
    """Check which penalty suits which of `SITUATIONS`: situation -> name."""
    if names is None:
        return f"Not yet: give each of these a penalty: {list(SITUATIONS)}. The penalties are {sorted(SITUATIONS.values())}."
    for situation, name in SITUATIONS.items():
        if situation not in names:
            return f"Not yet: {situation!r} has no penalty. Give a dict from each of the six situations, word for word, to a penalty."
        if names[situation] not in SITUATIONS.values():
            return f"Not yet: {names[situation]!r} is none of the penalties {sorted(SITUATIONS.values())}."
        if names[situation] != name:
            return f"Not yet: {situation!r} is not best served by {names[situation]!r}. What do its tasks have in common?"
    return "Right: the penalty says what the tasks may differ in, free of charge or nearly so."


@checker
def check_decay(costs: tuple[float, float] | None) -> str:
    """Check the least weight decay of a net that computes 6 x as a·b·x: (charged half of a² + b², charged half of b² alone)."""
    if costs is None:
        return "Not yet: give two numbers. Of all a and b whose product is right, which are cheapest?"
    both, trunk = costs
    if abs(both - 18.5) < 0.01:
        return "Not yet: a factor of 1 and one of 6 cost 18.5, but they needn't be so unequal."
    if abs(both - 12) < 0.01:
        return "Not yet: don't forget the factor one half."
    if abs(both - 6) > 0.01:
        return f"Not yet: with both charged, the least is not {both:g}. Write one factor by the other, and look for the lowest point."
    if abs(trunk) > 0.01:
        return "Not yet: the head is free. Make it ten times as large and the trunk ten times as small."
    return "Right: charged for both layers, the net pays for its one singular value, |6|. Charged for the trunk alone, it pays nothing."
