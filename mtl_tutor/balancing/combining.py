"""From losses to a Jacobian, and from a Jacobian to a direction, as plain functions."""

from collections.abc import Iterable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.utils._pytree import tree_map

from mtl_tutor.balancing._base import State
from mtl_tutor.balancing.gradient_surgery._base import GradientSurgery
from mtl_tutor.checks import checked


@checked
def jacobian_of(losses: Sequence[Tensor], parameters: Iterable[Tensor]) -> Float[Tensor, "task param"]:
    """Return the gradient of every loss, one row per task; the graph is kept.

    Parameters
    ----------
    losses : Sequence[Tensor]
        One number per task.
    parameters : Iterable[Tensor]
        What the losses are differentiated by, in the order of the columns.

    Returns
    -------
    Float[Tensor, "task param"]
        Zeros where a loss doesn't depend on a parameter.

    Raises
    ------
    ValueError, TypeError
        No losses or parameters, or such that have no gradient.

    Examples
    --------
    >>> w = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> jacobian_of([w.sum(), (w**2).sum()], [w])
    tensor([[1., 1.],
            [2., 4.]])
    """
    parameters = list(parameters)
    if not losses or not parameters:
        raise ValueError(f"`losses` and `parameters` must not be empty; got {len(losses)} and {len(parameters)}.")
    for name, things in (("losses", losses), ("parameters", parameters)):
        for i, one in enumerate(things):
            if not one.requires_grad or (name == "losses" and one.ndim):
                kind = "numbers that a net made" if name == "losses" else "tensors that require a gradient"
                raise ValueError(f"`{name}` must hold {kind}; number {i} has the shape {tuple(one.shape)} and doesn't fit.")
    rows = [torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True) for loss in losses]
    return torch.stack([flat(row, parameters) for row in rows])


@checked
def combine(
    jacobian: Float[Tensor, "task param"], method: GradientSurgery, *, state: object = None, seed: int = 0
) -> Float[Tensor, "param"]:
    """Combine the tasks' gradients into one direction, once: the optimiser steps against it.

    Parameters
    ----------
    jacobian : Float[Tensor, "task param"]
        One gradient per task.
    method : GradientSurgery
        How they are combined.
    state : State
        What the method remembers; its start if not given. `Balancer` keeps it from step to step.
    seed : int
        Of the random numbers, for methods that draw some.

    Returns
    -------
    Float[Tensor, "param"]
        Of the Jacobian's precision.

    Raises
    ------
    ValueError, TypeError
        A Jacobian of another shape or with numbers that aren't finite, or a method that needs the losses, too.

    Examples
    --------
    Two gradients that conflict, and what is left of their sum when each loses what opposes the other.

    >>> from mtl_tutor.balancing import PCGrad
    >>> combine(torch.tensor([[1.0, 0.0], [-1.0, 1.0]]), PCGrad())
    tensor([0.5000, 1.5000])
    """
    check_gradients(jacobian)
    start = method.start_for(len(jacobian), (jacobian.shape[1],)) if state is None else state
    noise = torch.randn(method.noise_shape(len(jacobian)), generator=torch.Generator().manual_seed(seed)).to(jacobian)
    with torch.no_grad():
        return method.combine(jacobian.detach(), alike(start, jacobian), noise)[0]


def flat(gradients: Sequence[Tensor | None], parameters: Sequence[Tensor]) -> Float[Tensor, "param"]:
    """Lay gradients end to end; zeros for a parameter that has none."""
    pairs = zip(gradients, parameters, strict=True)
    return torch.cat([p.new_zeros(p.numel()) if gradient is None else gradient.reshape(-1) for gradient, p in pairs])


def alike(state: object, like: Tensor) -> State:
    """Move a state to the device of a tensor, and its floating-point numbers to that precision."""
    return tree_map(lambda one: one.to(like.device, like.dtype if one.is_floating_point() else one.dtype), state)


def check_gradients(jacobian: Float[Tensor, "task param"], step: int | None = None) -> None:
    """Name the first task whose gradient isn't finite."""
    if not bool(jacobian.isfinite().all()):
        odd = int((~jacobian.isfinite()).any(1).nonzero()[0])
        when = "" if step is None else f" at step {step}"
        raise ValueError(f"The tasks' gradients must be finite; that of task {odd} isn't{when}. Lower the learning rate.")
