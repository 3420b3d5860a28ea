"""Balancing in a training loop of your own: one call in place of ``loss.backward()``."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mtl_tutor.balancing._base import HybridBalancing, State
from mtl_tutor.balancing.combining import alike, check_gradients, flat, jacobian_of
from mtl_tutor.balancing.gradient_surgery._base import GradientSurgery
from mtl_tutor.balancing.loss_weighting._base import LossWeighting
from mtl_tutor.checks import check_whole, shown


class Balancer:
    """Balance several losses in your own training loop: call `backward` in place of ``loss.backward()``.

    Shared parameters get the method's direction as their gradient. All others, such as the heads', get the gradient of their own
    task's loss, times its weight.

    Parameters
    ----------
    method : LossWeighting or HybridBalancing
        Any method of `mtl_tutor.balancing`, gradient surgeries among them.
    shared : nn.Module or Iterable[nn.Parameter]
        What several tasks share, say the trunk. Only a loss weighting can do without.
    seed : int
        Of the random numbers, for methods that draw some.
    nonfinite : {"raise", "skip"}
        What to do about a loss that is NaN or infinite: stop and name it, or leave its task out of this step.

    Attributes
    ----------
    weights : Float[Tensor, "task"] or None
        The weights of the losses at the last step; a surgery has ones.
    step : int
        How many steps were made.

    Raises
    ------
    ValueError, TypeError
        No method, nothing shared, or parameters that aren't trained.

    Notes
    -----
    One backward pass per task (a loss weighting needs one for all): a surgery's step costs up to twice a plain one.
    Gradients are added to those that are there, as ``backward`` does; so call ``optimizer.zero_grad()`` before.

    Examples
    --------
    >>> from mtl_tutor.balancing import UPGrad
    >>> trunk, heads = torch.nn.Linear(3, 4), [torch.nn.Linear(4, 1) for _ in range(2)]
    >>> balancer = Balancer(UPGrad(), trunk)
    >>> hidden = trunk(torch.ones(5, 3)).relu()
    >>> balancer.backward([(head(hidden) - target).square().mean() for head, target in zip(heads, (1.0, -1.0))])
    >>> trunk.weight.grad.shape, balancer.step
    (torch.Size([4, 3]), 1)
    """

    def __init__(
        self,
        method: LossWeighting | HybridBalancing,
        shared: nn.Module | Iterable[nn.Parameter] = (),
        *,
        seed: int = 0,
        nonfinite: Literal["raise", "skip"] = "raise",
    ) -> None:
        if not isinstance(method, LossWeighting | HybridBalancing):
            raise TypeError(f"`method` must be a method of mtl_tutor.balancing, such as UPGrad(); got {shown(method)}.")
        if nonfinite not in ("raise", "skip"):
            raise ValueError(f"`nonfinite` must be 'raise' or 'skip'; got {shown(nonfinite)}.")
        self.method, self.nonfinite = method, nonfinite
        seed = check_whole("seed", seed, least=0)
        self.weights: Tensor | None = None
        self.step = 0
        self._shared, self._layers = _parameters_of(shared)
        if not self._shared and not isinstance(method, LossWeighting):
            raise ValueError(f"`shared` must hold the parameters that tasks share, say net.trunk; {type(method).__name__} works on them.")
        self._stream = torch.Generator().manual_seed(seed)
        self._state: State | None = None
        self._n_tasks = 0

    def backward(self, losses: Sequence[Tensor | None]) -> None:
        """Add the balanced gradients to the parameters' ``grad``.

        Parameters
        ----------
        losses : Sequence[Tensor or None]
            One number per task, in the same order at every step; None for a task without a label in this batch.

        Raises
        ------
        ValueError, TypeError
            Another number of tasks than before, or none with a loss; or what isn't finite, by task and step.
        """
        present, seen = self._checked(losses)
        if self._state is None:
            self._start(seen)
        shape = self.method.noise_shape(len(seen))
        noise = seen[:0] if shape == (0,) else torch.randn(shape, generator=self._stream).to(seen)
        if isinstance(self.method, LossWeighting):
            with torch.no_grad():
                self.weights, self._state = self.method.weigh(seen, self._state, noise)  # type: ignore[arg-type]
            self._weighted(present).backward()
        elif isinstance(self.method, GradientSurgery):
            self._operate(seen, present, noise)
        else:
            self._weigh_and_operate(seen, present, noise)
        self.step += 1

    def _operate(self, seen: Tensor, present: dict[int, Tensor], noise: Tensor) -> None:
        """One backward pass per task serves both: the row of the Jacobian, and the gradient of the task's own parameters."""
        before = [p.grad for p in self._shared]
        last, found = max(present), []
        try:
            for i, loss in present.items():
                for p in self._shared:
                    p.grad = None
                loss.backward(retain_graph=i != last)
                found.append(flat([p.grad for p in self._shared], self._shared))
        finally:
            for p, grad in zip(self._shared, before, strict=True):
                p.grad = grad
        self._add(self._direction(torch.stack(found), seen, present, noise))

    def _weigh_and_operate(self, seen: Tensor, present: dict[int, Tensor], noise: Tensor) -> None:
        """The weights of a task's own parameters are known only after its row of the Jacobian."""
        direction = self._direction(jacobian_of(list(present.values()), self._shared), seen, present, noise)
        before = [p.grad for p in self._shared]
        for p in self._shared:
            p.grad = None
        self._weighted(present).backward()
        for p, grad in zip(self._shared, before, strict=True):
            p.grad = grad
        self._add(direction)

    def _direction(self, found: Tensor, seen: Tensor, present: dict[int, Tensor], noise: Tensor) -> Float[Tensor, "param"]:
        """What the method makes of the present tasks' gradients; the others' are zero."""
        if len(found) < len(seen):
            rows = found.new_zeros(len(seen), found.shape[1])
            found = rows.index_copy(0, torch.tensor(list(present), device=found.device), found)
        check_gradients(found, self.step)
        with torch.no_grad():
            direction, self.weights, self._state = self.method.balance(seen, found, self._state, noise)  # type: ignore[union-attr, arg-type]
        return direction

    def _weighted(self, present: dict[int, Tensor]) -> Float[Tensor, ""]:
        losses = torch.stack(list(present.values()))
        weights: Tensor = self.weights  # type: ignore[assignment]
        return losses @ (weights if len(weights) == len(losses) else weights[list(present)])

    def _add(self, direction: Float[Tensor, "param"]) -> None:
        parts = direction.split([p.numel() for p in self._shared])
        for p, part in zip(self._shared, parts, strict=True):
            p.grad = part.view_as(p).clone() if p.grad is None else p.grad + part.view_as(p)

    def _start(self, seen: Float[Tensor, "task"]) -> None:
        method, n_tasks = self.method, len(seen)
        start = method.start_for(n_tasks, self._layers) if isinstance(method, HybridBalancing) else method.start(n_tasks)
        self._state, self._n_tasks = alike(start, seen), n_tasks

    def _checked(self, losses: Sequence[Tensor | None]) -> tuple[dict[int, Tensor], Float[Tensor, "task"]]:
        """The losses that count in this step, by task; and the numbers of all, NaN for those that don't."""
        if isinstance(losses, Tensor):
            losses = list(losses)
        if self._n_tasks and len(losses) != self._n_tasks:
            raise ValueError(f"`losses` must hold one loss per task, {self._n_tasks} as at the first step; got {len(losses)}.")
        for i, loss in enumerate(losses):
            if loss is not None and (not isinstance(loss, Tensor) or loss.ndim or not loss.requires_grad):
                raise TypeError(f"`losses` must hold tensors of one number each, made by a net, or None; task {i} has {shown(loss)}.")
        present = {i: loss for i, loss in enumerate(losses) if loss is not None}
        numbers = {i: float(loss.detach()) for i, loss in present.items()}
        odd = [i for i, number in numbers.items() if not math.isfinite(number)]
        if odd and self.nonfinite == "raise":
            raise ValueError(
                f"`losses` must be finite; task {odd[0]} has {numbers[odd[0]]} at step {self.step}. "
                "Lower the learning rate, give None for a task without labels, or set nonfinite='skip'."
            )
        present = {i: loss for i, loss in present.items() if i not in odd}
        if not present:
            raise ValueError(f"`losses` must hold a finite loss of one task or more; step {self.step} has none. Leave such a batch out.")
        absent = torch.full_like(next(iter(present.values())).detach(), torch.nan)
        return present, torch.stack([present[i].detach() if i in present else absent for i in range(len(losses))])


def _parameters_of(shared: nn.Module | Iterable[nn.Parameter]) -> tuple[list[nn.Parameter], tuple[int, ...]]:
    """What is trained of the shared parameters, and the size of each layer: a bias belongs to the weights before it."""
    given: list[Any] = list(shared.parameters() if isinstance(shared, nn.Module) else shared if isinstance(shared, Iterable) else [shared])
    if odd := [one for one in given if not isinstance(one, nn.Parameter)]:
        raise TypeError(f"`shared` must be a module, such as net.trunk, or its parameters; got {shown(odd[0])}.")
    parameters: list[nn.Parameter] = [p for p in given if p.requires_grad]
    layers: list[int] = []
    for p in parameters:
        if p.ndim < 2 and layers:
            layers[-1] += p.numel()
        else:
            layers.append(p.numel())
    return parameters, tuple(layers)
