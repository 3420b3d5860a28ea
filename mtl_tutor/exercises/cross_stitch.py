"""Exercises of *Cross-stitch networks and task trees*."""

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from mtl_tutor.exercises._answers import asked, checker
from mtl_tutor.exercises._trained import AdamOn, Split, descend, first_weights, penalty_of, stacked, tensor_of
from mtl_tutor.tasks import task_pairs

N_SEEDS, N_SAMPLES, N_UNITS = 16, 60, 4


@checker
def check_stitch(stitch: Callable[[Tensor, Tensor], Tensor] | None) -> str:
    """Check a cross-stitch: from weights [task task] and features [task sample hidden] to what each task reads."""
    if stitch is None:
        return "Not yet: write a function of the weights and of the towers' features."
    generator = torch.Generator().manual_seed(0)
    alpha, h = torch.rand(2, 2, generator=generator), torch.rand(2, 5, 3, generator=generator)

    def read(weights: Tensor, features: Tensor) -> Tensor:
        found = asked(stitch, weights.clone(), features.clone())
        return tensor_of(found, tuple(features.shape), "what each task reads, as many features as before")

    if not torch.allclose(read(torch.eye(2), h), h, atol=1e-5):
        return "Not yet: with the identity for weights, each task should read its own features, unchanged."
    if torch.allclose(read(alpha, h), h, atol=1e-5):
        return "Not yet: each task still reads only its own features, whatever the weights are."
    if torch.allclose(read(alpha, h), torch.einsum("st,snf->tnf", alpha, h), atol=1e-5):
        return "Not yet: a row of the weights is who reads, a column is whose features; yours are exchanged."
    if not torch.allclose(read(alpha, h), torch.einsum("ts,snf->tnf", alpha, h), atol=1e-5):
        return "Not yet: take two tasks with one sample and one feature, and compare what they read with the formula of this page."
    alpha, h = torch.rand(3, 3, generator=generator), torch.rand(3, 5, 4, generator=generator)
    if not torch.allclose(read(alpha, h), torch.einsum("ts,snf->tnf", alpha, h), atol=1e-5):
        return "Not yet: right for two tasks, and wrong for three. Use all tasks, however many there are."
    return "Right: one number for each pair of tasks, whatever the width."


@checker
def check_closed_stitches(penalty: Callable[[Tensor], Tensor] | None) -> str:
    """Check a penalty that closes the stitches of two unrelated tasks and does no harm.

    Parameters
    ----------
    penalty : function
        From the stitches of a net [layer task task] to one number.
    """
    if penalty is None:
        return "Not yet: write a function from the stitches [layer task task], a tensor, to one number."
    error, share = trained(penalty)
    if share > 0.5:
        return f"Not yet: at the end, towers read more of the other tower than of their own ({share:.0%}). Which entries do you make small?"
    if share > 0.05:
        return f"Not yet: at the end, {share:.0%} of what a tower reads still comes from the other tower. It should be 5% at most."
    change = error / reference() - 1
    if not change < 0.15:
        return f"Not yet: the stitches are closed, but the nets err {change:.0%} more than without a penalty. What else does yours change?"
    return f"Right: {share:.1%} comes from the other tower, and the error of nets without a penalty changes by {change:+.0%}."


@cache
def reference(first_seed: int = 0) -> float:
    """Error of nets without a penalty."""
    return trained(lambda stitches: 0.0 * stitches.sum(), first_seed)[0]


def trained(penalty: Callable[[Tensor], Tensor], first_seed: int = 0) -> tuple[float, float]:
    """Mean test error, and the share that comes from the other tower, of nets trained with a penalty."""
    (x, y), new = _data(first_seed)
    generator = torch.Generator().manual_seed(first_seed)
    layers = []
    for n_in, n_out in ((10, N_UNITS), (N_UNITS, N_UNITS), (N_UNITS, 1)):
        layers.append([first_weights(generator, N_SEEDS, 2, n, n_out, fan_in=n_in).requires_grad_() for n in (n_in, 1)])
    stitches = torch.tensor([[0.9, 0.1], [0.1, 0.9]]).repeat(N_SEEDS, 2, 1, 1).requires_grad_()

    weights = [one for layer in layers for one in layer]

    def errors(x: Tensor, y: Tensor) -> Tensor:
        h = x[:, None].expand(-1, 2, -1, -1)
        for place, (weight, bias) in enumerate(layers):
            h = h @ weight + bias
            if place < 2:
                h = torch.einsum("srt,stnh->srnh", stitches[:, place], h.relu())
        return (h[..., 0].transpose(1, 2) - y).square().mean(dim=1)

    def loss() -> Tensor:
        return errors(x, y).sum() + torch.stack([penalty_of(asked(penalty, one.clone())) for one in stitches]).sum()

    descend(loss, AdamOn([stitches, *weights], lr=0.03), 200)
    with torch.no_grad():
        sizes = stitches.abs()
        other = sizes[..., [0, 1], [1, 0]] / sizes.sum(dim=-1).clamp(min=1e-12)
        return errors(*new).mean().item(), other.mean().item()


@cache
def _data(first_seed: int) -> list[Split]:
    draws = [task_pairs(2, N_SAMPLES, correlation=0.0, seed=seed).data for seed in range(first_seed, first_seed + N_SEEDS)]
    return [stacked([data.splits()[name] for data in draws]) for name in ("train", "test")]
